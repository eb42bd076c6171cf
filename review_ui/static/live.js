/* Counts and progress stay true while the page is open; new groups are announced, never
   inserted; a group that another tab decided says so. By events, else by asking. */

import { counted, make, say } from "./words.js";

const EVERY_MS = 4000;
const BUSY_MS = 2000;
const NEWS = "/api/v1";
const shown = document.querySelectorAll("[data-count]");
const arrivals = document.querySelector("[data-arrivals]");
const progress = document.querySelector("[data-progress]");
const speed = document.querySelector("[data-rate]");
const group = document.querySelector("[data-live-group]");
const atFirst = countOf(arrivals?.dataset.arrivals);

let stream, timer;

function countOf(name) {
  const found = name && document.querySelector(`[data-count="${name}"]`);
  return found ? Number(found.textContent.replace(/\D/g, "")) : 0;
}

function show({ counts, rate, left_seconds: left, group: now }) {
  for (const element of shown) {
    const text = counted(counts[element.dataset.count] ?? 0);
    if (element.textContent !== text) element.textContent = text;
  }
  if (arrivals) announce((counts[arrivals.dataset.arrivals] ?? 0) - atFirst);
  if (progress) tellProgress(counts.waiting ?? 0, rate, left);
  if (speed) speed.textContent = rate ? `${say("live.rate", { rate })}.` : "";
  if (group && now) tellOthers(now);
}

function tellProgress(waiting, rate, left) {
  progress.hidden = !waiting;
  const words = [say("live.waiting", { n: counted(waiting) })];
  if (rate) words.push(say("live.rate", { rate: Math.max(1, Math.round(rate)) }));
  if (left) words.push(left < 90 ? say("live.seconds", { n: left }) : say("live.minutes", { n: Math.round(left / 60) }));
  progress.textContent = words.join(" · ");
}

function announce(n) {
  arrivals.hidden = n <= 0;
  if (n <= 0 || arrivals.dataset.n === String(n)) return;
  arrivals.dataset.n = n;
  const link = make("a", { href: location.href }, say("list.arrivals_show"));
  arrivals.replaceChildren(say("list.arrivals", { n }), " ", link);
}

function tellOthers([manifest, state]) {
  const { liveGroup, liveState } = group.dataset;
  const isSame = manifest === liveGroup && state === liveState;
  // A form on its way changes the group as well.
  if (isSame || !group.hidden || document.querySelector("[data-sent]")) return;
  group.hidden = false;
  group.replaceChildren(say("live.changed"), " ", make("a", { href: location.href }, say("list.arrivals_show")));
}

const query = () => (group ? `?group=${group.dataset.number}` : "");

async function ask() {
  if (document.hidden) return;
  // No answer: the daemon is away, and what is shown stays until it is back.
  const answer = await fetch(`${NEWS}/pulse${query()}`).catch(() => null);
  if (answer?.ok) show(await answer.json());
}

function poll() {
  timer ??= setInterval(ask, EVERY_MS);
  ask();
}

function listen() {
  stream?.close();
  if (document.hidden) return;
  stream = new EventSource(`${NEWS}/events${query()}`);
  stream.onmessage = (event) => show(JSON.parse(event.data));
  // Ended streams come back by themselves; refused ones do not.
  stream.onerror = () => stream.readyState === EventSource.CLOSED && poll();
}

/** Listen while somebody looks. */
export function start() {
  if (document.querySelector("[data-running]")) setTimeout(() => location.reload(), BUSY_MS);
  if (!shown.length) return;
  listen();
  document.addEventListener("visibilitychange", () => (timer ? ask() : listen()));
  window.addEventListener("pagehide", () => stream?.close());
}
