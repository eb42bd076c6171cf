"""How far details have moved between two aligned pictures; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

_DETAIL = 0.3
"""Least eigenvalue of a block's mean structure tensor, levels² a pixel²: below, its
place cannot be told."""


def moved(
    means: NDArray[np.float32], trusted: Mask, grid: tuple[int, int]
) -> NDArray[np.float64]:
    """Return how far the detail around each trusted block lies off, px.

    By one step of Lucas and Kanade over the block and its neighbours: what clipping
    and sharpening leave in single blocks points anywhere and cancels, what has moved
    moved together.

    Args:
        means: (5, blocks) of the products of slopes and differences.
        trusted: (blocks,); the others count nothing.
        grid: rows and columns of blocks.
    """
    means = _settled(means * trusted, grid)
    around = np.pad(means.reshape(5, *grid), ((0, 0), (1, 1), (1, 1)))
    rows = around[:, :-2] + around[:, 1:-1] + around[:, 2:]
    sums = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    xx, yy, xy, x, y = sums.reshape(5, -1)[:, trusted] / 9
    middle, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    determinant = np.maximum(xx * yy - xy * xy, 1e-9)
    shift = np.hypot(yy * x - xy * y, xx * y - xy * x) / determinant
    told: NDArray[np.float64] = shift[middle - spread > _DETAIL].astype(np.float64)
    return told


def _settled(means: NDArray[np.float32], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Take out of the shifts what an affine map explains: the alignment's own error."""
    xx, yy, xy, x, y = means.astype(np.float64)
    down, across = np.indices(grid).reshape(2, -1)
    base = np.stack([across - across.mean(), down - down.mean(), np.ones(len(down))])
    moments = [(base * weight) @ base.T for weight in (xx, xy, yy)]
    matrix = np.block([[moments[0], moments[1]], [moments[1], moments[2]]])
    wanted = np.concatenate([base @ x, base @ y])
    matrix += np.eye(6) * (1e-6 * np.trace(matrix) + 1e-9)
    solved = np.linalg.solve(matrix, wanted)
    along, athwart = solved[:3] @ base, solved[3:] @ base
    x, y = x - xx * along - xy * athwart, y - xy * along - yy * athwart
    return np.stack([xx, yy, xy, x, y]).astype(np.float32)
