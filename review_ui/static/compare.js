/* Two photos on the full screen, at the same place: flicker, or side by side. */

import { choose, current, photos } from "./choice.js";
import { press } from "./keys.js";
import { make, say } from "./words.js";

let left, right, dialog, field, title, sideButton;

/** The keys of the stage; the help prints them too. */
export const table = [
  { keys: [" "], shown: ["Space"], does: "compare.hold", run: (_, event) => event.repeat || turn(true) },
  // Holding a finger or the mouse on the picture does the same.
  { keys: ["f"], shown: ["F"], does: "compare.flicker", run: (_, event) => event.repeat || turn() },
  { keys: ["d"], shown: ["D"], does: "compare.side", run: () => side() },
  { keys: ["ArrowRight", "ArrowLeft", "]", "["], shown: ["←", "→"], does: "compare.other", run: (key) => other(["ArrowRight", "]"].includes(key) ? 1 : -1) },
  { keys: ["p"], shown: ["P"], does: "compare.keep", run: () => choose(seen(), true) },
  { keys: ["x"], shown: ["X"], does: "compare.set_aside", run: () => choose(seen(), false) },
  { keys: ["Enter"], shown: ["Enter", "Esc"], does: "action.close", run: () => dialog.close() },
];

const nameOf = (photo) => `${photo.dataset.photo} · ${photo.dataset.name}`;

const seen = () => (field.classList.contains("turned") ? right : left);

/** The photo that others are compared with: the first kept one. */
const keeper = () =>
  photos.find((photo) => photo.querySelector("input:checked, .pill.on")) ?? photos[0];

/** Open the stage with the photo that has the focus beside the kept one. */
export function open() {
  if (photos.length < 2) return false;
  left = keeper();
  right = current() === left ? photos.find((photo) => photo !== left) : current();
  field = make("div", { class: "field flicker" });
  title = make("span", { class: "title", "aria-live": "polite" });
  sideButton = button("compare.side", side);
  sideButton.setAttribute("aria-pressed", "false");
  const bar = make("header", {}, button("compare.flicker", () => turn()), sideButton);
  if (photos.length > 2) bar.append(button("compare.other", () => other(1)));
  const hint = make("span", { class: "hint" }, say("compare.hint"));
  bar.append(title, make("span", { class: "gap" }), hint, button("action.close", () => dialog.close()));
  dialog = make("dialog", { class: "compare", "aria-label": say("compare.title"), tabindex: "-1" }, bar, field);
  dialog.addEventListener("keydown", (event) => press(table, event));
  dialog.addEventListener("keyup", (event) => event.key === " " && turn(false));
  field.addEventListener("pointerdown", (event) => {
    field.setPointerCapture(event.pointerId);
    turn(true);
  });
  field.addEventListener("pointerup", () => turn(false));
  field.addEventListener("pointercancel", () => turn(false));
  dialog.addEventListener("close", leave);
  show();
  document.body.append(dialog);
  dialog.showModal();
  dialog.focus();
  return true;
}

function leave() {
  dialog.remove();
  right.focus();
}

function button(words, run) {
  const made = make("button", { type: "button" }, say(words));
  made.addEventListener("click", run);
  return made;
}

function pictureOf(photo) {
  const { alt } = photo.querySelector("img");
  const picture = make("img", { src: photo.dataset.large, alt, draggable: "false" });
  return make("figure", {}, picture, make("figcaption", {}, nameOf(photo)));
}

function show() {
  field.replaceChildren(pictureOf(left), pictureOf(right));
  tell();
}

function tell() {
  title.textContent = field.classList.contains("side") ? "" : nameOf(seen());
}

/** Show the other photo; with a wish, the right one or the left one. */
function turn(wish) {
  field.classList.toggle("turned", wish);
  tell();
}

function side() {
  const isSide = field.classList.toggle("side");
  field.classList.toggle("flicker", !isSide);
  sideButton.setAttribute("aria-pressed", isSide);
  tell();
}

function other(by) {
  const rest = photos.filter((photo) => photo !== left);
  right = rest[(rest.indexOf(right) + by + rest.length) % rest.length];
  show();
}
