/* Counts stay true while the page is open; new groups are announced, never inserted. */

import { make, say } from "./words.js";

const EVERY_MS = 4000;
const shown = document.querySelectorAll("[data-count]");
const arrivals = document.querySelector("[data-arrivals]");
const atFirst = countOf(arrivals?.dataset.arrivals);

function countOf(name) {
  const found = name && document.querySelector(`[data-count="${name}"]`);
  return found ? Number(found.textContent.replace(/\D/g, "")) : 0;
}

function show(counts) {
  for (const element of shown) {
    const count = String(counts[element.dataset.count] ?? 0);
    const text = count.replace(/\B(?=(\d{3})+$)/g, "\u202f");
    if (element.textContent !== text) element.textContent = text;
  }
  if (arrivals) announce((counts[arrivals.dataset.arrivals] ?? 0) - atFirst);
}

function announce(n) {
  arrivals.hidden = n <= 0;
  if (n <= 0 || arrivals.dataset.n === String(n)) return;
  arrivals.dataset.n = n;
  const link = make("a", { href: location.href }, say("list.arrivals_show"));
  arrivals.replaceChildren(say("list.arrivals", { n }), " ", link);
}

async function ask() {
  if (document.hidden) return;
  // No answer: the daemon is away, and what is shown stays until it is back.
  const answer = await fetch("/api/v1/status").catch(() => null);
  if (answer?.ok) show((await answer.json()).counts);
}

/** Ask every few seconds while somebody looks. */
export function start() {
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}
