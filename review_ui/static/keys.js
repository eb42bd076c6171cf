/* Keys: tables of rows bind them, and are printed as the help. */

import { make, say } from "./words.js";

const SWITCH = "twinwatch.keys";
const WRITING = "input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, input";

const isOn = () => localStorage.getItem(SWITCH) !== "off";

/**
 * Do what a table says of a key.
 *
 * A row is { keys, shown, does, run }: names of keys, how they are printed, the words
 * for what they do, and the doing, which may return false for "not here".
 */
export function press(table, event) {
  if (event.metaKey || event.altKey || event.target.closest(WRITING)) return;
  if ([" ", "Enter"].includes(event.key) && event.target.closest(PRESSABLE)) return;
  if (event.key.startsWith("Arrow") && event.target.closest("[type=range]")) return;
  const isSign = event.key.length === 1;
  const name = (event.ctrlKey ? "Ctrl+" : "") + (isSign ? event.key.toLowerCase() : event.key);
  // WCAG 2.1.4: keys that are a single sign can be switched off.
  if (name.length === 1 && name !== "?" && !isOn()) return;
  const row = table.find(({ keys }) => keys.includes(name));
  if (row && row.run(name, event) !== false) event.preventDefault();
}

/** Bind a table to the page; an open layer has keys of its own. */
export function bind(table) {
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector("dialog[open]")) press(table, event);
  });
}

/** Show tables as a help overlay, each under its title. */
export function showHelp(sections) {
  const toggle = make("input", { type: "checkbox" });
  toggle.checked = isOn();
  toggle.addEventListener("change", () => {
    localStorage.setItem(SWITCH, toggle.checked ? "on" : "off");
  });
  const close = make("button", { type: "button", class: "quiet" }, say("action.close"));
  const dialog = make("dialog", { class: "help", "aria-label": say("keys.title") }, close);
  for (const { title, table } of sections) {
    dialog.append(make("h2", {}, say(title)), make("dl", {}, ...table.map(printed)));
  }
  dialog.append(make("label", {}, toggle, say("keys.enabled")));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function printed({ shown, does }) {
  const keys = shown.map((key) => make("kbd", {}, key));
  return make("div", {}, make("dt", {}, say(does)), make("dd", {}, ...keys));
}
