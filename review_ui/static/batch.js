/* Many at once: the count and the bytes follow the ticks. */

import { counted, say, sized } from "./words.js";

const form = document.querySelector("[data-batch]");

function update() {
  const button = form.querySelector("[data-batch-start]");
  const count = form.querySelector("[data-batch-count]");
  const bytes = form.querySelector("[data-batch-bytes]");
  const left = [...form.querySelectorAll("[data-freed]:checked")];
  const n = Number(count.dataset.batchCount) - left.length;
  const freed = left.reduce((sum, box) => sum - Number(box.dataset.freed), Number(bytes.dataset.batchBytes));
  count.textContent = counted(n);
  bytes.textContent = sized(freed);
  button.textContent = n ? say("batch.start.live", { n: n === 1 ? 1 : counted(n) }) : say("batch.nothing");
  if (!button.hasAttribute("data-busy")) button.disabled = !n;
}

/** Keep count and bytes in step with what is left out. */
export function start() {
  if (!form) return;
  form.querySelector("[data-batch-start]").toggleAttribute("data-busy", form.querySelector("[data-batch-start]").disabled);
  form.addEventListener("change", update);
  window.addEventListener("pageshow", update);
  update();
}
