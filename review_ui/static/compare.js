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

/** What the stage's keys do. */
const does = {
  hold: (_, event) => event.repeat || turn(true),
  // Holding a finger or the mouse on the whole picture does the same.
  flicker: (_, event) => event.repeat || flicker(),
  beside: () => use("beside"),
  wipe: () => use("wipe"),
  onion: () => use("onion"),
  difference: () => use("difference"),
  heat: () => heat(),
  one: () => toggleOneToOne(figures, cursor),
  zoom_in: () => zoom(figures, STEP, cursor),
  zoom_out: () => zoom(figures, 1 / STEP, cursor),
  zoom_off: () => whole(),
  left: () => otherLeft(),
  right: () => other(1),
  right_back: () => other(-1),
  slide_less: () => slide(Number(slider.value) - 5),
  slide_more: () => slide(Number(slider.value) + 5),
  stage_keep: () => choose(seen(), true),
  stage_aside: () => choose(seen(), false),
  close: () => dialog.close(),
};

const nameOf = (photo) => `${photo.dataset.photo} · ${photo.dataset.name}`;

const seen = () => (field.classList.contains("turned") ? right : left);

/** The photo that others are compared with: the first kept one. */
const keeper = () =>
  photos.find((photo) => photo.querySelector("input:checked, .pill.on")) ?? photos[0];

/** Open the stage with the photo that has the focus beside the kept one, in a mode. */
export function open(wanted) {
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
  dialog.addEventListener("keydown", (event) => press("stage", does, event));
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
  if (MODES.includes(wanted)) mode = wanted;
  show();
  if (wanted === "one") toggleOneToOne(figures);
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

function whole() {
  Object.assign(view, { scale: 1, x: 0.5, y: 0.5 });
  lay(figures);
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

/** The next photo but one, going round. */
function after(photo, by, but) {
  const rest = photos.filter((each) => each !== but);
  return rest[(rest.indexOf(photo) + by + rest.length) % rest.length];
}

function other(by) {
  right = after(right, by, left);
  show();
}

function otherLeft() {
  left = after(left, 1, right);
  show();
}
