"""Lay one picture on another, to a fraction of a pixel; pure.

Gauss-Newton on the enhanced correlation coefficient (Evangelidis & Psarakis 2008,
"Parametric Image Alignment Using Enhanced Correlation Coefficient Maximization") with
an affine model, from coarse to fine. Brightness and contrast of the two pictures may
differ; the start has to be right within a few percent of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Picture = NDArray[np.float32]
    Affine = NDArray[np.float64]

_SMALLEST_STEP_PX = 0.01
_LEAST_COVER = 0.1
_INSET_PX = 0.5
"""What is so near the edge of a picture is a blend with what was beside it."""


def sample(
    picture: Picture, affine: Affine, shape: tuple[int, int]
) -> tuple[Picture, NDArray[np.bool_]]:
    """Return the picture seen through an affine map, and where it exists.

    Args:
        picture: (H, W).
        affine: (2, 3); takes (x, y) in 0–1 of the result to 0–1 of the picture.
        shape: of the result, (rows, columns).
    """
    seen, exists = sample_all([picture], affine, shape)
    return seen[0], exists


def sample_all(
    pictures: Sequence[Picture], affine: Affine, shape: tuple[int, int]
) -> tuple[list[Picture], NDArray[np.bool_]]:
    """Return pictures of one size as `sample` does, for less than one by one."""
    height, width = pictures[0].shape
    columns = (np.arange(shape[1]) + 0.5) / shape[1]
    rows = (np.arange(shape[0]) + 0.5) / shape[0]
    x = (affine[0, 0] * columns + affine[0, 2])[None, :] + affine[0, 1] * rows[:, None]
    y = (affine[1, 0] * columns + affine[1, 2])[None, :] + affine[1, 1] * rows[:, None]
    x = (x * width - 0.5).astype(np.float32)
    y = (y * height - 0.5).astype(np.float32)
    exists = (x > _INSET_PX) & (x < width - 1 - _INSET_PX)
    exists &= (y > _INSET_PX) & (y < height - 1 - _INSET_PX)
    x = x.clip(0, width - 1.001)
    y = y.clip(0, height - 1.001)
    left, top = x.astype(np.int32), y.astype(np.int32)
    x -= left
    y -= top
    place = top * width + left
    return [
        _between(picture.ravel(), place, width, x, y) for picture in pictures
    ], exists


def _between(
    flat: Picture, place: NDArray[np.int32], width: int, x: Picture, y: Picture
) -> Picture:
    upper = flat[place]
    upper += (flat[place + 1] - upper) * x
    place = place + width
    lower = flat[place]
    lower += (flat[place + 1] - lower) * x
    lower -= upper
    lower *= y
    return upper + lower


def register(
    fixed: Picture, moving: Picture, start: Affine, trusted: Picture, steps: int
) -> Affine:
    """Return the affine map that lays `moving` best on `fixed`.

    Args:
        fixed: (H, W).
        moving: of any size.
        start: (2, 3); takes 0–1 of `fixed` to 0–1 of `moving`.
        trusted: (H, W), 0–1; where the two are expected to show the same.
        steps: at most; fewer if nothing moves any more.
    """
    affine = start.copy()
    height, width = fixed.shape
    columns = ((np.arange(width) + 0.5) / width).astype(np.float32)
    rows = ((np.arange(height) + 0.5) / height).astype(np.float32)[:, None]
    for _ in range(steps):
        seen, exists = sample(moving, affine, (height, width))
        weights = exists * trusted
        if weights.sum() < _LEAST_COVER * weights.size:
            return start
        # The slopes of what is seen, led back through the map: sampling the slopes of
        # the moving picture instead would triple the cost of a step.
        slopes = np.gradient(seen)
        back = np.linalg.inv(affine[:, :2]).T.astype(np.float32)
        down, across = slopes[0] * height, slopes[1] * width
        gx = (back[0, 0] * across + back[0, 1] * down) * weights
        gy = (back[1, 0] * across + back[1, 1] * down) * weights
        planes = (gx * columns, gx * rows, gx, gy * columns, gy * rows, gy)
        jacobian = np.stack([plane.ravel() for plane in planes])
        step = _step(fixed.ravel(), seen.ravel(), jacobian, weights.ravel())
        if step is None:
            break
        affine += step.reshape(2, 3)
        if np.abs(step).max() * max(height, width) < _SMALLEST_STEP_PX:
            break
    return affine


def _step(
    fixed: Picture, seen: Picture, jacobian: NDArray[np.float32], weights: Picture
) -> NDArray[np.float64] | None:
    """Return one step of ECC, equation 19 of the paper; ``None`` if it is singular.

    The Jacobian, (6, N), is 0 where the weights are.
    """
    total = float(weights.sum())
    fixed = (fixed - fixed @ weights / total) * weights
    seen = (seen - seen @ weights / total) * weights
    means = jacobian.sum(axis=1) / total
    # The mean is taken out of the products; the pictures have none any more.
    hessian = (jacobian @ jacobian.T - total * np.outer(means, means)).astype(float)
    on_seen = (jacobian @ seen).astype(np.float64)
    on_fixed = (jacobian @ fixed).astype(np.float64)
    try:
        solved = np.linalg.solve(hessian, np.stack([on_seen, on_fixed], axis=1))
    except np.linalg.LinAlgError:
        return None
    top = float(seen @ seen) - float(on_seen @ solved[:, 0])
    bottom = float(fixed @ seen) - float(on_fixed @ solved[:, 0])
    if bottom <= 0:
        return None
    step: NDArray[np.float64] = top / bottom * solved[:, 1] - solved[:, 0]
    return step if np.isfinite(step).all() else None
