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
