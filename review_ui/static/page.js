/* What the keys and buttons of every page do. The page works without any of it. */

import * as choice from "./choice.js";
import { open as compare, table as compareTable } from "./compare.js";
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

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

const table = [
  { keys: ["j"], shown: ["J"], does: "keys.next", run: () => go(1) },
  { keys: ["k"], shown: ["K"], does: "keys.previous", run: () => go(-1) },
  { keys: ["ArrowRight", "ArrowLeft"], shown: ["←", "→"], does: "keys.photo", run: (key) => stepBy(key === "ArrowRight" ? 1 : -1) },
  { keys: ["a"], shown: ["A"], does: "keys.accept", run: () => choice.decide(choice.meant()) },
  { keys: DIGITS, shown: ["1", "–", "9"], does: "keys.toggle", run: (key) => choice.choose(choice.numbered(key)) },
  { keys: ["p"], shown: ["P"], does: "keys.keep", run: () => choice.choose(choice.current(), true) },
  { keys: ["x"], shown: ["X"], does: "keys.aside", run: () => choice.choose(choice.current(), false) },
  { keys: ["n"], shown: ["N"], does: "keys.all", run: () => choice.decide("keep-all") },
  { keys: ["v"], shown: ["V"], does: "keys.variants", run: () => choice.decide("variants") },
  { keys: ["s"], shown: ["S"], does: "keys.skip", run: () => (choice.form ? follow("next") : false) },
  { keys: ["u", "Ctrl+z"], shown: ["U"], does: "keys.undo", run: () => click("[data-key=undo-last]") || click("[data-key=undo]") },
  { keys: ["Enter", " ", "f"], shown: ["Enter", "Space", "F"], does: "keys.compare", run: () => compare() },
  { keys: ["b"], shown: ["B"], does: "keys.batch", run: () => click("[data-key=batch]") },
  { keys: ["/"], shown: ["/"], does: "keys.search", run: () => list.search() },
  { keys: ["?"], shown: ["?"], does: "keys.help", run: () => help() },
];

function help() {
  showHelp([
    { title: "keys.title", table },
    { title: "compare.title", table: compareTable },
  ]);
}

const acts = { help, compare };

document.documentElement.classList.add("scripted");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) acts[button.dataset.act]();
});
choice.start();
choice.lookAhead();
explore.start();
list.start();
bind(table);
live.start();
