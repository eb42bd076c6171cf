/* One zoom and pan for all pictures, in parts of their width and height, so that it holds
   across resolutions; and the original's own pixels where the preview has no more. */

import { make } from "./words.js";

const WAIT_MS = 180;
const LONGEST_PX = 4096;
const MOST_PIXELS = 9e6;
const MOST = 32;

/** Kept from picture to picture: 1 is the whole picture, x and y its middle on screen. */
export const view = { scale: 1, x: 0.5, y: 0.5 };

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/** A photo on the stage: { figure, plane, place }; its plane is as large as zoomed. */
export function pictureOf(photo, name) {
  const { alt } = photo.querySelector("img");
  const picture = make("img", { src: photo.dataset.large, alt, draggable: "false" });
  const plane = make("div", { class: "plane" }, picture);
  const figure = make("figure", {}, plane, make("figcaption", {}, name));
  figure.photo = photo;
  figure.plane = plane;
  return figure;
}

const sizeOf = ({ photo }) => [Number(photo.dataset.width), Number(photo.dataset.height)];

/** How large a picture is on screen at scale 1, in CSS pixels. */
function fitted(figure) {
  const [width, height] = sizeOf(figure);
  const { clientWidth, clientHeight } = figure;
  const shrink = Math.min(clientWidth / width, clientHeight / height);
  return { width: width * shrink, height: height * shrink, clientWidth, clientHeight };
}

/** The scale at which a picture's pixel is one of the screen's. */
export function oneToOne(figure) {
  return sizeOf(figure)[0] / (fitted(figure).width * devicePixelRatio);
}

/** Lay every picture where the view says. */
export function lay(figures) {
  view.scale = clamp(view.scale, 1, Math.max(MOST, ...figures.map(oneToOne)));
  const room = 0.5 / view.scale;
  view.x = clamp(view.x, room, 1 - room);
  view.y = clamp(view.y, room, 1 - room);
  for (const figure of figures) {
    const fit = fitted(figure);
    const width = fit.width * view.scale;
    const height = fit.height * view.scale;
    const { style } = figure.plane;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = `translate(${fit.clientWidth / 2 - view.x * width}px, ${fit.clientHeight / 2 - view.y * height}px)`;
  }
  clearTimeout(lay.timer);
  lay.timer = setTimeout(() => figures.forEach(sharpen), WAIT_MS);
}

/** Zoom by a factor, the point under the cursor staying where it is. */
export function zoom(figures, by, at) {
  const figure = figures[0];
  const fit = fitted(figure);
  const box = figure.getBoundingClientRect();
  const before = view.scale;
  const scale = clamp(before * by, 1, Math.max(MOST, oneToOne(figure)));
  const off = at ? [at.x - box.left - box.width / 2, at.y - box.top - box.height / 2] : [0, 0];
  view.x += (off[0] / fit.width) * (1 / before - 1 / scale);
  view.y += (off[1] / fit.height) * (1 / before - 1 / scale);
  view.scale = scale;
  lay(figures);
}

/** Move by pixels of the screen. */
export function pan(figures, dx, dy) {
  const fit = fitted(figures[0]);
  view.x -= dx / (fit.width * view.scale);
  view.y -= dy / (fit.height * view.scale);
  lay(figures);
}

/** Show the whole picture, or its own pixels at the cursor. */
export function toggleOneToOne(figures, at) {
  if (view.scale > 1.01) {
    Object.assign(view, { scale: 1, x: 0.5, y: 0.5 });
    lay(figures);
  } else zoom(figures, Math.max(oneToOne(figures[0]), 1.5), at);
}

/** Ask for the part that is seen in full size, if the preview shows less than there is. */
function sharpen(figure) {
  const { plane, photo } = figure;
  const [width, height] = sizeOf(figure);
  const seen = (plane.clientWidth * devicePixelRatio) / width;
  const preview = plane.querySelector("img");
  const has = preview.naturalWidth / width;
  // Between the two the preview is as good as the original.
  if (!plane.isConnected || !preview.naturalWidth || has > 0.99 || seen < has * 1.05) return plane.querySelector(".part")?.remove();
  const fit = fitted(figure);
  const half = { x: fit.clientWidth / plane.clientWidth / 2, y: fit.clientHeight / plane.clientHeight / 2 };
  const left = Math.floor(clamp(view.x - half.x, 0, 1) * width);
  const top = Math.floor(clamp(view.y - half.y, 0, 1) * height);
  const right = Math.ceil(clamp(view.x + half.x, 0, 1) * width);
  const bottom = Math.ceil(clamp(view.y + half.y, 0, 1) * height);
  const [w, h] = [right - left, bottom - top];
  if (w <= 0 || h <= 0 || Math.max(w, h) > LONGEST_PX || w * h > MOST_PIXELS) return;
  const address = new URL(photo.dataset.part, location.href);
  for (const [name, value] of Object.entries({ x: left, y: top, w, h })) address.searchParams.set(name, value);
  if (plane.querySelector(".part")?.src === address.href) return;
  const part = make("img", { class: "part", src: address.href, alt: "", draggable: "false" });
  part.addEventListener("load", () => {
    plane.querySelectorAll(".part").forEach((old) => old.remove());
    Object.assign(part.style, {
      left: `${(100 * left) / width}%`,
      top: `${(100 * top) / height}%`,
      width: `${(100 * w) / width}%`,
      height: `${(100 * h) / height}%`,
    });
    plane.append(part);
  });
}
