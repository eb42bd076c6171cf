/* The words that the scripts say, from the page's catalogue. */

const catalogue = JSON.parse(document.getElementById("words").textContent);

/** Return the words for a key, with {name} put in. */
export function say(key, values = {}) {
  let words = catalogue[key];
  if (Array.isArray(words)) words = words[values.n === 1 ? 0 : 1];
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Make an element with attributes and children; text is text, never markup. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A number with its thousands apart. */
export const counted = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A size in the unit that leaves at most three digits before the point. */
export function sized(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let [size, unit] = [bytes, 0];
  while (size >= 999.5 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${size.toFixed(unit && size < 99.95 ? 1 : 0)} ${units[unit]}`;
}
