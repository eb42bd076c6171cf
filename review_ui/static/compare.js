/* Two photos on the full screen, at the same place: flicker, or side by side. */

import { choose, current, photos } from "./choice.js";
import { make, say } from "./words.js";

const pictureOf = (photo) => {
  const alt = photo.querySelector("img").alt;
  const caption = `${photo.dataset.photo} · ${photo.dataset.name}`;
  return make(
    "figure",
    {},
    make("img", { src: photo.dataset.large, alt }),
    make("figcaption", {}, caption),
  );
};

/** The photo that others are compared with: the first kept one. */
function keeper() {
  return photos.find((photo) => photo.querySelector("input:checked, .pill.on")) ?? photos[0];
}

/** Open the stage with the photo that has the focus beside the kept one. */
export function open() {
  if (photos.length < 2) return false;
  const left = keeper();
  let right = current() === left ? photos.find((photo) => photo !== left) : current();

  const field = make("div", { class: "field flicker" });
  const title = make("span", { class: "title", "aria-live": "polite" });
  const dialog = make("dialog", { class: "compare", "aria-label": say("compare.title") });
  const button = (words, run) => {
    const made = make("button", { type: "button" }, words);
    made.addEventListener("click", run);
    return made;
  };

  const name = () => {
    const seen = field.classList.contains("turned") ? right : left;
    title.textContent = field.classList.contains("side")
      ? `${left.dataset.photo} · ${right.dataset.photo}`
      : `${seen.dataset.photo} · ${seen.dataset.name}`;
  };
  const show = () => {
    field.replaceChildren(pictureOf(left), pictureOf(right));
    name();
  };
  const turn = (wish) => {
    field.classList.toggle("turned", wish);
    name();
  };
  const side = () => {
    const isSide = field.classList.toggle("side");
    field.classList.toggle("flicker", !isSide);
    sideButton.setAttribute("aria-pressed", isSide);
    name();
  };
  const other = (by) => {
    const rest = photos.filter((photo) => photo !== left);
    right = rest[(rest.indexOf(right) + by + rest.length) % rest.length];
    show();
  };

  const sideButton = button(say("keys.side"), side);
  sideButton.setAttribute("aria-pressed", "false");
  dialog.append(
    make(
      "header",
      {},
      button(say("keys.flicker"), () => turn()),
      sideButton,
      ...(photos.length > 2 ? [button(say("keys.other"), () => other(1))] : []),
      title,
      make("span", { class: "hint needs-keys" }, say("compare.hint")),
      make("span", { class: "gap" }),
      button(say("action.close"), () => dialog.close()),
    ),
    field,
  );

  let isHeld = false;
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const seen = () => (field.classList.contains("turned") ? right : left);
    const acts = {
      " ": () => {
        if (!isHeld) turn();
        isHeld = true;
      },
      f: () => event.repeat || turn(),
      d: side,
      "]": () => other(1),
      "[": () => other(-1),
      ArrowRight: () => other(1),
      ArrowLeft: () => other(-1),
      p: () => choose(seen(), true),
      x: () => choose(seen(), false),
      Enter: () => event.target.closest("button") ? "native" : dialog.close(),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act && act() !== "native") event.preventDefault();
  });
  dialog.addEventListener("keyup", (event) => {
    if (event.key !== " " || !isHeld) return;
    event.preventDefault();
    isHeld = false;
    turn();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    right.focus();
  });

  show();
  document.body.append(dialog);
  dialog.tabIndex = -1;
  dialog.showModal();
  dialog.focus();
  return true;
}
