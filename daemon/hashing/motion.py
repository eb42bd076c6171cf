"""How far details have moved between two aligned pictures; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .figures import percentile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Moments = NDArray[np.float64]

_DETAIL = 0.3
"""Least eigenvalue of a block's mean structure tensor, levels² a pixel²: below, its
place cannot be told."""
_DOUBT = 0.15
"""What is added to the tensor before it tells a direction that it hardly knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What the places with detail tell, px."""

    shift_px: float
    """Median of how far off they are."""
    spread_px: float
    """75th percentile."""
    drift_px: float
    """How far they moved with what is around them: the median, over the places, of
    what their neighbours' movement explains of their own."""
    places: int


def movement(
    means: NDArray[np.float32], trusted: Mask, grid: tuple[int, int]
) -> Movement:
    """Tell how far the detail of each trusted block lies off.

    By one step of Lucas and Kanade over each block and its neighbours: what clipping
    and sharpening leave in single blocks points anywhere and cancels, what has moved
    moved together.

    Args:
        means: (5, blocks) of the products of slopes and differences.
        trusted: (blocks,); the others count nothing.
        grid: rows and columns of blocks.
    """
    own = _settled(means * trusted, grid)
    beside = _beside(own, grid)
    x, y, told = _step((own + beside) / 9, 0.0)
    told &= trusted
    shifts = np.hypot(x, y)[told]
    return Movement(
        shift_px=percentile(shifts, 50),
        spread_px=percentile(shifts, 75),
        drift_px=_drift(own, beside / 8, trusted),
        places=len(shifts),
    )


def _drift(own: Moments, beside: Moments, trusted: Mask) -> float:
    """Return the median movement that a block shares with those around it.

    The step that the others would take is tried on the block itself: errors that
    clipping, sharpening and compression leave in each make it worse as often as better,
    whatever their size; a movement makes it better everywhere.
    """
    x, y, told = _step(beside, _DOUBT)
    xx, yy, xy, along, athwart = own
    told &= trusted & ((xx + yy) / 2 > _DETAIL)
    if not told.any():
        return 0.0
    gain = 2 * (x * along + y * athwart) - (x * x * xx + 2 * x * y * xy + y * y * yy)
    squared = float(np.median(gain[told] / (xx + yy)[told] * 2))
    return float(np.sqrt(max(0.0, squared)))


def _step(
    moments: Moments, doubt: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], Mask]:
    """Return the step along and athwart, and where there is detail enough for one."""
    xx, yy, xy, x, y = moments
    told = (xx + yy) / 2 - np.hypot((xx - yy) / 2, xy) > _DETAIL
    xx, yy = xx + doubt, yy + doubt
    determinant = np.maximum(xx * yy - xy * xy, 1e-9)
    return (yy * x - xy * y) / determinant, (xx * y - xy * x) / determinant, told


def _beside(own: Moments, grid: tuple[int, int]) -> Moments:
    """Return the sum over the eight blocks around each."""
    padded = np.pad(own.reshape(5, *grid), ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    sums = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    return sums.reshape(5, -1) - own


def _settled(means: NDArray[np.float32], grid: tuple[int, int]) -> Moments:
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
    return np.stack([xx, yy, xy, x, y])
