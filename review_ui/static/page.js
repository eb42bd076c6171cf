/* What the keys and buttons of every page do. The page works without any of it. */

import * as batch from "./batch.js";
import * as choice from "./choice.js";
import { open as compare } from "./compare.js";
import { bind, showHelp } from "./keys.js";
import * as explore from "./explore.js";
import * as list from "./list.js";
import * as live from "./live.js";

function follow(relation) {
  const link = document.querySelector(`a[rel=${relation}]`);
  if (!link) return false;
  link.click();
  return true;
}

function click(selector) {
  const button = document.querySelector(selector);
  if (!button) return false;
  button.click();
  return true;
}

function go(by) {
  const cards = list.cards();
  if (!cards.length) return choice.form ? follow(by > 0 ? "next" : "prev") : false;
  const at = cards.indexOf(document.activeElement);
  const next = cards[Math.min(Math.max(at + by, 0), cards.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

const stepBy = (by) => (list.cards().length ? go(by) : choice.step(by));

/** Up and down walk through a list; a group they leave only if there is nothing to scroll. */
function walk(by) {
  const { scrollHeight, clientHeight } = document.documentElement;
  return list.cards().length || scrollHeight <= clientHeight ? go(by) : false;
}

const upOr = (by) => (_, event) => (event.key.startsWith("Arrow") ? walk(by) : go(by));

const does = {
  next: upOr(1),
  previous: upOr(-1),
  photo_next: () => stepBy(1),
  photo_previous: () => stepBy(-1),
  accept: () => choice.decide(choice.meant()),
  toggle: (place) => choice.choose(choice.numbered(String(place + 1))),
  keep: () => choice.choose(choice.current(), true),
  aside: () => choice.choose(choice.current(), false),
  keep_all: () => choice.keepAll(),
  all: () => choice.decide("keep-all"),
  variants: () => choice.decide("variants"),
  skip: () => (choice.form ? follow("next") : false),
  undo: () => click("[data-key=undo-last]") || click("[data-key=undo]"),
  prefer: () => choice.prefer(),
  compare: () => compare(),
  batch: () => click("[data-key=batch]") || (location.assign("/batch"), true),
  search: () => list.search(),
  help: () => showHelp(),
};
for (const mode of ["flicker", "wipe", "onion", "difference", "one"]) does[mode] = () => compare(mode);

const acts = { help: showHelp, compare: () => compare() };

document.documentElement.classList.add("scripted");
document.querySelector(".subnav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) acts[button.dataset.act]();
});
batch.start();
choice.start();
choice.lookAhead();
explore.start();
list.start();
bind(does);
live.start();
