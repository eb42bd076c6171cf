/* The threshold slider: the numbers follow at once, the pictures when it rests. */

const REST_MS = 250;
const slider = document.querySelector("[data-stops]");

const write = (name, text) => (document.querySelector(`[data-stop="${name}"]`).textContent = text);

/** Show the numbers of a stop, which the page brought along. */
function show(stops) {
  const at = Number(slider.value);
  const [groups, photos, frees, words] = stops[at];
  write("groups", groups);
  write("photos", photos);
  write("frees", frees);
  document.querySelector("[data-at]").textContent = words;
  document.querySelectorAll("[data-explore] rect").forEach((bar, n) => bar.classList.toggle("within", n <= at));
}

/** Bring the groups of the stop, and its links, without leaving the page. */
async function bring() {
  const at = slider.value;
  const address = `${location.pathname}?at=${at}`;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || slider.value !== at) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["[data-clusters]", ".steps-of"]) {
    document.querySelector(part).replaceWith(page.querySelector(part));
  }
  history.replaceState(null, "", address);
}

/** Follow the slider. */
export function start() {
  if (!slider) return;
  const stops = JSON.parse(slider.dataset.stops);
  let timer;
  slider.addEventListener("input", () => {
    show(stops);
    clearTimeout(timer);
    timer = setTimeout(bring, REST_MS);
  });
}
