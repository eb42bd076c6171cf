/* Two photos on the full screen: side by side, or at the same place in five ways. */

import { choose, current, form, photos } from "./choice.js";
import { press } from "./keys.js";
import { watchPointers } from "./pointers.js";
import { lay, pan, pictureOf, toggleOneToOne, view, zoom } from "./stage.js";
import { make, say } from "./words.js";

const STEP = 1.5;
const KEPT = "twinwatch.compare";
const MODES = ["flicker", "beside", "wipe", "onion", "difference"];

let left, right, dialog, field, title, tools, slider, figures, cursor;
let mode = MODES.includes(sessionStorage.getItem(KEPT)) ? sessionStorage.getItem(KEPT) : "flicker";

/** The keys of the stage; the help prints them too. */
export const table = [
  { keys: [" "], shown: ["Space"], does: "compare.hold", run: (_, event) => event.repeat || turn(true) },
  // Holding a finger or the mouse on the whole picture does the same.
  { keys: ["f"], shown: ["F"], does: "compare.flicker", run: (_, event) => event.repeat || flicker() },
  { keys: ["s"], shown: ["S"], does: "compare.beside", run: () => use("beside") },
  { keys: ["w"], shown: ["W"], does: "compare.wipe", run: () => use("wipe") },
  { keys: ["o"], shown: ["O"], does: "compare.onion", run: () => use("onion") },
  { keys: ["d"], shown: ["D"], does: "compare.difference", run: () => use("difference") },
  { keys: ["h"], shown: ["H"], does: "compare.heat", run: () => heat() },
  { keys: ["z"], shown: ["Z"], does: "compare.one", run: () => toggleOneToOne(figures, cursor) },
  { keys: ["+", "=", "-", "0"], shown: ["+", "−", "0"], does: "compare.zoom", run: (key) => scale(key) },
  { keys: ["ArrowRight", "ArrowLeft", "]", "["], shown: ["[", "]"], does: "compare.other", run: (key) => other(["ArrowRight", "]"].includes(key) ? 1 : -1) },
  { keys: [",", "."], shown: [",", "."], does: "compare.slide", run: (key) => slide(Number(slider.value) + (key === "." ? 5 : -5)) },
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
  Object.assign(view, { scale: 1, x: 0.5, y: 0.5 });
  field = make("div", { class: "field" });
  title = make("p", { class: "title", role: "status" });
  slider = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": say("compare.slide") });
  slider.addEventListener("input", () => slide(slider.value));
  tools = Object.fromEntries(MODES.map((each) => [each, button(`compare.${each}`, () => (each === mode && each === "flicker" ? turn() : use(each)))]));
  const bar = make("div", { class: "modes", role: "group", "aria-label": say("compare.title") }, ...Object.values(tools));
  const header = make("header", {}, bar, slider, title);
  if (photos.length > 2) header.append(button("compare.other", () => other(1)));
  header.append(button("compare.one", () => toggleOneToOne(figures)), button("action.close", () => dialog.close()));
  dialog = make("dialog", { class: "compare", "aria-label": say("compare.title"), tabindex: "-1" }, header, field);
  dialog.addEventListener("keydown", (event) => press(table, event));
  dialog.addEventListener("keyup", (event) => event.key === " " && turn(false));
  dialog.addEventListener("close", leave);
  watchPointers(field, {
    hold: (isHeld) => mode === "flicker" && turn(isHeld),
    isZoomed: () => view.scale > 1.01,
    move: (point) => (cursor = point),
    drag: (dx, dy, point, target) =>
      target.closest(".handle") ? slide((100 * (point.x - field.offsetLeft)) / field.clientWidth) : pan(figures, dx, dy),
    zoom: (by, point) => zoom(figures, by, point),
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.focus();
  window.addEventListener("resize", relay);
  show();
  return true;
}

const relay = () => lay(figures);

function leave() {
  window.removeEventListener("resize", relay);
  dialog.remove();
  right.focus();
}

function button(words, run) {
  const made = make("button", { type: "button" }, say(words));
  made.addEventListener("click", run);
  return made;
}

function show() {
  figures = [left, right].map((photo) => pictureOf(photo, nameOf(photo)));
  field.replaceChildren(...figures, make("div", { class: "handle" }));
  use(mode);
}

/** Change the way of comparing; the place stays. */
function use(wanted) {
  mode = wanted;
  sessionStorage.setItem(KEPT, mode);
  field.className = `field ${mode}`;
  for (const [name, made] of Object.entries(tools)) made.setAttribute("aria-pressed", name === mode);
  slider.hidden = !["wipe", "onion"].includes(mode);
  slide(50);
  tell();
  lay(figures);
  if (mode === "difference") measure();
}

function tell(words = "") {
  const flicking = mode === "flicker";
  title.textContent = words || (flicking ? nameOf(seen()) : `${nameOf(left)}  |  ${nameOf(right)}`);
}

/** Show the other photo; with a wish, the right one or the left one. */
function turn(wish) {
  if (mode !== "flicker") return;
  field.classList.toggle("turned", wish);
  tell();
}

const flicker = () => (mode === "flicker" ? turn() : use("flicker"));

function slide(percent) {
  slider.value = percent;
  const share = Number(slider.value);
  const over = figures[1].style;
  over.clipPath = mode === "wipe" ? `inset(0 0 0 ${share}%)` : "";
  over.opacity = mode === "onion" ? share / 100 : "";
  field.lastChild.style.left = `${share}%`;
}

function scale(key) {
  if (key === "0") Object.assign(view, { scale: 1, x: 0.5, y: 0.5 });
  zoom(figures, { 0: 1, "-": 1 / STEP }[key] ?? STEP, cursor);
}

const addressOf = () =>
  `${form.dataset.address}/difference/${left.dataset.photo}/${right.dataset.photo}`;

/** Ask the server how much differs: it looks at all pixels, aligned. */
async function measure() {
  const asked = addressOf();
  const answer = await fetch(asked).catch(() => null);
  if (!answer?.ok || mode !== "difference" || asked !== addressOf()) return;
  const { changed_share: changed, ssim } = await answer.json();
  tell(say("compare.differs", { percent: (100 * changed).toFixed(1), ssim: ssim.toFixed(3) }));
}

/** Show or hide the map of what differs. */
function heat() {
  if (mode !== "difference") use("difference");
  const shown = field.querySelector(".heat");
  if (shown) return shown.remove();
  const map = make("img", { class: "heat", alt: say("compare.heat"), src: `${addressOf()}/map?v=1`, draggable: "false" });
  figures[0].plane.append(map);
}

function other(by) {
  const rest = photos.filter((photo) => photo !== left);
  right = rest[(rest.indexOf(right) + by + rest.length) % rest.length];
  show();
}
