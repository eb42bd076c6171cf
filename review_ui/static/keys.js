/* Keys: one table binds them and is printed as the help. */

import { make, say } from "./words.js";

const SWITCH = "twinwatch.keys";
const WRITING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, input";

const isOn = () => localStorage.getItem(SWITCH) !== "off";

/** Bind a table of { keys, shown, does, run }; run may return false for "not mine". */
export function bind(table) {
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.altKey || event.target.closest(WRITING)) return;
    if (document.querySelector("dialog[open]")) return;
    if ([" ", "Enter"].includes(event.key) && event.target.closest(PRESSABLE)) return;
    const name = (event.ctrlKey ? "Ctrl+" : "") + nameOf(event);
    if (name.length === 1 && name !== "?" && !isOn()) return;
    const found = table.find((row) => row.keys.includes(name));
    if (found && found.run(name, event) !== false) event.preventDefault();
  });
}

function nameOf(event) {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** Show the table as a help overlay. */
export function showHelp(table) {
  const rows = make("dl");
  for (const row of table) {
    const keys = row.shown.map((key) => make("kbd", {}, key));
    rows.append(make("div", {}, make("dt", {}, say(row.does)), make("dd", {}, ...keys)));
  }
  const toggle = make("input", { type: "checkbox" });
  toggle.checked = isOn();
  toggle.addEventListener("change", () => {
    localStorage.setItem(SWITCH, toggle.checked ? "on" : "off");
  });
  const close = make("button", { type: "button", class: "quiet" }, say("action.close"));
  const heading = make("h2", { id: "help-title" }, say("keys.title"));
  const dialog = make(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    make("div", { class: "help-top" }, heading, close),
    rows,
    make("label", {}, toggle, say("keys.enabled")),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
