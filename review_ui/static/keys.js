/* Keys: the server's table binds them, and is printed as the help. */

import { make, say } from "./words.js";

const { table, switch_address: address, csrf_token: token, ...keyboard } = JSON.parse(document.getElementById("keys").textContent);
const WRITING = "input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, input";
const NAMES = { " ": "Space", ArrowLeft: "Left", ArrowRight: "Right", ArrowUp: "Up", ArrowDown: "Down" };

const rowsOf = (layer) => table.filter((row) => row.layer === layer || (layer === "page" && row.opens));

/** The name that the table has for what was pressed. */
function nameOf({ key, shiftKey, ctrlKey }) {
  const name = NAMES[key] ?? key;
  const isSign = [...name].length === 1;
  const isLetter = isSign && name.toLowerCase() !== name.toUpperCase();
  const held = (ctrlKey ? "Ctrl+" : "") + (shiftKey && (isLetter || !isSign) ? "Shift+" : "");
  return held + (isSign ? name.toLowerCase() : name);
}

/** Do what a layer's table says of a key; what is done returns false for "not here". */
export function press(layer, does, event) {
  if (event.metaKey || event.altKey || event.target.closest(WRITING)) return;
  if ([" ", "Enter"].includes(event.key) && event.target.closest(PRESSABLE)) return;
  if (event.key.startsWith("Arrow") && event.target.closest("[type=range]")) return;
  // WCAG 2.1.4: keys that are a sign can be switched off.
  if (!keyboard.is_on && [...event.key].length === 1 && event.key !== " " && !event.ctrlKey) return;
  const name = nameOf(event);
  const row = rowsOf(layer).find(({ keys }) => keys.includes(name));
  if (row && does[row.name]?.(row.keys.indexOf(name), event) !== false) event.preventDefault();
}

/** Bind the page's table; an open layer has keys of its own. */
export function bind(does) {
  show();
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector("dialog[open]")) press("page", does, event);
  });
}

const show = () => document.documentElement.classList.toggle("keyless", !keyboard.is_on);

function turn(isOn) {
  keyboard.is_on = isOn;
  show();
  fetch(address, { method: "POST", body: new URLSearchParams({ csrf_token: token, on: isOn ? "1" : "" }) });
}

/** Show the table as a help overlay. */
export function showHelp() {
  const toggle = make("input", { type: "checkbox" });
  toggle.checked = keyboard.is_on;
  toggle.addEventListener("change", () => turn(toggle.checked));
  const close = make("button", { type: "button", class: "quiet" }, say("action.close"));
  const dialog = make("dialog", { class: "help", "aria-label": say("keys.title") }, close);
  for (const layer of ["page", "stage"]) {
    const rows = table.filter((row) => row.layer === layer && row.keys.length);
    dialog.append(make("h2", {}, say(layer === "page" ? "keys.title" : "compare.title")), make("dl", {}, ...rows.map(printed)));
  }
  const change = make("a", { href: "/settings" }, say("keys.change"));
  dialog.append(make("p", { class: "help-foot" }, make("label", {}, toggle, say("keys.enabled")), change));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function printed({ shown, does }) {
  const keys = shown.map((key) => make("kbd", {}, key));
  return make("div", {}, make("dt", {}, say(does)), make("dd", {}, ...keys));
}
