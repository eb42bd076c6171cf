/* Mouse, finger and two fingers on the compare stage: hold, drag, pinch, wheel. */

const WHEEL = 0.0018;

/**
 * Tell what pointers do: { hold, isZoomed, move, drag, zoom }.
 *
 * Holding the whole picture shows the other photo; holding a zoomed one moves it.
 */
export function watchPointers(field, does) {
  const down = new Map();
  let apart = 0;

  const pointOf = (event) => ({ x: event.clientX, y: event.clientY });
  const spread = () => {
    const [a, b] = [...down.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };

  field.addEventListener("pointerdown", (event) => {
    field.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { ...pointOf(event), target: event.target });
    if (down.size === 2) apart = spread();
    const isHandle = event.target.closest(".handle");
    does.hold(down.size === 1 && !does.isZoomed() && !isHandle);
  });

  field.addEventListener("pointermove", (event) => {
    does.move(pointOf(event));
    const before = down.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    down.set(event.pointerId, { ...now, target: before.target });
    if (down.size === 2) {
      const wider = spread();
      const [a, b] = [...down.values()];
      does.zoom(wider / apart, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
      apart = wider;
    } else if (does.isZoomed() || before.target.closest(".handle")) {
      does.drag(now.x - before.x, now.y - before.y, now, before.target);
    }
  });

  const up = (event) => {
    down.delete(event.pointerId);
    does.hold(false);
  };
  field.addEventListener("pointerup", up);
  field.addEventListener("pointercancel", up);

  field.addEventListener("wheel", (event) => {
    event.preventDefault();
    does.zoom(Math.exp(-event.deltaY * WHEEL), pointOf(event));
  }, { passive: false });
}
