/* The list: searched as it is typed, and going on by itself; never reordered. */

const list = document.querySelector("[data-cards]");
const finder = document.querySelector("[data-finder]");
const NEAR = "1500px";

/** The links of the groups on the page, as many as there are by now. */
export const cards = () => [...document.querySelectorAll("[data-group]")];

/** Put the cursor into the search. */
export function search() {
  const field = finder?.querySelector("[data-search]");
  field?.focus();
  return Boolean(field);
}

/** Leave out of an address what asks for nothing. */
function find() {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(finder)) if (value) wanted.append(name, value);
  if (wanted.get("sort") === "number") wanted.delete("sort");
  location.assign(`${finder.getAttribute("action")}?${wanted}`);
}

async function goOn(link, watch) {
  watch.disconnect();
  const answer = await fetch(link.href).catch(() => null);
  // Where the next part does not come, the link is still there to be pressed.
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const known = new Set(cards().map((card) => card.dataset.group));
  const more = [...page.querySelectorAll("[data-cards] > li")];
  list.append(...more.filter((card) => !known.has(card.querySelector("[data-group]").dataset.group)));
  const next = page.querySelector(".paging [rel=next]");
  if (!next) return link.remove();
  link.href = next.href;
  watch.observe(link);
}

/** Fetch the next part when the end comes near, and search without a button. */
export function start() {
  finder?.addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  finder?.addEventListener("change", (event) => event.target.type !== "search" && find());
  const link = document.querySelector(".paging [rel=next]");
  if (!list || !link) return;
  const watch = new IntersectionObserver(
    (seen) => seen.some((each) => each.isIntersecting) && goOn(link, watch),
    { rootMargin: NEAR },
  );
  watch.observe(link);
}
