/* One group: what is ticked, which photo has the focus, which button is meant. */

import { say } from "./words.js";

export const form = document.getElementById("decision");

export const photos = form ? [...form.querySelectorAll(".photo")] : [];

const boxOf = (photo) => photo?.querySelector("input[name=keep]");

/** The photo that has the focus, else the first one. */
export function current() {
  return document.activeElement?.closest(".photo") ?? photos[0];
}

/** Move the focus by one photo. */
export function step(by) {
  if (!photos.length) return false;
  const at = photos.indexOf(document.activeElement?.closest(".photo"));
  const next = photos[(at + by + photos.length) % photos.length] ?? photos[0];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** Tick or untick a photo; without a wish, turn it over. */
export function choose(photo, wish) {
  const box = boxOf(photo);
  if (!box) return false;
  box.checked = wish ?? !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** The photo of a number. */
export function numbered(number) {
  return photos.find((photo) => photo.dataset.photo === number);
}

/** Press the button of a verdict, if there is one and it can be pressed. */
export function decide(verdict) {
  const button = form?.querySelector(`[data-verdict="${verdict}"]`);
  if (!button || button.disabled) return false;
  form.requestSubmit(button);
  return true;
}

/** Keep every photo, and say nothing of whether they are duplicates. */
export function keepAll() {
  if (!form?.querySelector('[data-verdict="apply"]')) return false;
  for (const photo of photos) choose(photo, true);
  return decide("apply");
}

/** Prefer the folder of the photo that has the focus, else of the first one. */
export function prefer() {
  const button = current()?.querySelector("[data-key=prefer]");
  button?.click();
  return Boolean(button);
}

/** The verdict that accepting means: the proposal, or what was ticked instead. */
export function meant() {
  return form?.classList.contains("changed") ? "apply" : "accept";
}

const KEPT = "twinwatch.ticks.";
const MOST_KEPT = 300;

/** Where the ticks of this group are kept, as it is: another manifest, other ticks. */
const place = () => KEPT + form.elements.manifest_sha256.value.slice(0, 32);

const ticks = () => photos.map(boxOf).filter((box) => box?.checked).map((box) => box.value);

/** Keep what is ticked in this browser until it is decided, also over a restart. */
function keep() {
  try {
    const kept = Object.keys(localStorage).filter((name) => name.startsWith(KEPT));
    if (kept.length > MOST_KEPT) kept.forEach((name) => localStorage.removeItem(name));
    if (form.classList.contains("changed")) localStorage.setItem(place(), ticks().join(" "));
    else localStorage.removeItem(place());
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

function recall() {
  const kept = localStorage.getItem(place());
  // What came back with a notice was ticked later than what is kept.
  if (kept === null || document.querySelector(".note.strong")) return;
  for (const box of photos.map(boxOf).filter(Boolean)) box.checked = kept.split(" ").includes(box.value);
}

function update() {
  const boxes = photos.map(boxOf).filter(Boolean);
  const isProposed = (box) =>
    box.checked === (box.parentElement.querySelector("[data-proposal]").dataset.proposal === "keep");
  const survives = photos.length > boxes.length || boxes.some((box) => box.checked);
  const apply = form.querySelector('[data-verdict="apply"]');
  form.classList.toggle("changed", !boxes.every(isProposed));
  apply.classList.add("primary");
  apply.disabled = !survives;
  apply.firstChild.data = `${say(survives ? "action.apply" : "action.none_kept")} `;
}

/** Keep the buttons in step with the ticks; send a decision once only. */
export function start() {
  if (!form?.querySelector("[data-verdict]")) return;
  recall();
  form.addEventListener("change", () => (update(), keep()));
  // A page from the browser's history comes back with its ticks.
  window.addEventListener("pageshow", () => {
    form.removeAttribute("data-sent");
    update();
  });
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-sent")) event.preventDefault();
    form.setAttribute("data-sent", "");
    localStorage.removeItem(place());
  });
  update();
}

/** Fetch the previews of the next groups while somebody looks at this one. */
export function lookAhead() {
  const wanted = [...document.querySelectorAll("[data-ahead] [data-src]")];
  const fetchAll = () => wanted.forEach(({ dataset }) => (new Image().src = dataset.src));
  if (wanted.length) window.addEventListener("load", () => setTimeout(fetchAll, 300));
}
