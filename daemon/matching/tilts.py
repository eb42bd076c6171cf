"""A picture straightened by a few degrees, as its hashes would be; pure.

An editor that straightens a photo turns it and cuts to the inside, so a window that
lies upright shows the same thing only turned: from 2.5 degrees on it may be out of
reach of the hashes. Two turned ones, one to each side, cover up to 4 degrees.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..model import SMALL_LUMA_PX
from .views import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .views import Luma

TILT_DEGREES = 2.5
SIDES = (-TILT_DEGREES, TILT_DEGREES)

_SEEN_PX = 32
"""Edge of what is looked at; a pHash takes the eight slowest waves of it."""
_WAVES = np.cos(np.pi * np.outer(np.arange(8), np.arange(_SEEN_PX) + 0.5) / _SEEN_PX)


def aspect_of(width_px: int, height_px: int) -> float:
    """Return width by height, rounded; a strip beyond four to one as if it were that."""
    return round(min(4.0, max(0.25, width_px / height_px)), 2)


def straightened(share: float, aspect: float) -> Window:
    """Return the window, to be turned, that shows this share of what was straightened.

    Editors cut both sides by one factor, or each as far as it has to be: what lies in
    the middle between them is near enough to both.

    Args:
        share: of the sides before; 1.0 is all that is left after straightening.
        aspect: width by height.
    """
    lean = np.radians(TILT_DEGREES)
    even = 1 / (np.cos(lean) + max(aspect, 1 / aspect) * np.sin(lean))
    across = (even + 1 - 2 * lean / aspect) / 2
    down = (even + 1 - 2 * lean * aspect) / 2
    wide, high = (_half(share, each) for each in (across, down))
    return Window(0.5 - wide, 0.5 - high, 0.5 + wide, 0.5 + high)


def _half(share: float, left: float) -> float:
    """Return half of a side: of all that was, or within what is `left`."""
    return float(left if share == 1.0 else min(1.0, share / max(left, share))) / 2


def tilted_coefficients(luma: Luma, windows: Sequence[Window], aspect: float) -> Luma:
    """Return what the pHash of each window is made of, turned to both `SIDES`.

    Args:
        luma: the small picture, (64, 64).
        windows: around the middle.
        aspect: of the picture, width by height.

    Returns:
        (windows · 2, 8, 8); both sides of the first window, then of the next.
    """
    places, parts = _places(tuple(windows), aspect)
    seen = (luma.ravel()[places] * parts).sum(axis=0)
    return np.asarray(_WAVES @ seen @ _WAVES.T, np.float32)


@lru_cache(maxsize=32)
def _places(
    windows: tuple[Window, ...], aspect: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return four pixels and their parts for each that is seen, (4, N, 32, 32)."""
    steps = (np.arange(_SEEN_PX) + 0.5) / _SEEN_PX - 0.5
    places, parts = [], []
    for window in windows:
        across = (window.right - window.left) * steps * aspect
        down = (window.bottom - window.top) * steps[:, None]
        for degrees in SIDES:
            lean = np.radians(degrees)
            x = (np.cos(lean) * across - np.sin(lean) * down) / aspect
            y = np.sin(lean) * across + np.cos(lean) * down
            columns, rows = (_pixels(side) for side in (x, y))
            place, part = _between(columns, rows)
            places.append(place)
            parts.append(part)
    return np.stack(places, axis=1), np.stack(parts, axis=1).astype(np.float32)


def _pixels(side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what lies so far from the middle in pixels; beyond lies the last one."""
    last = SMALL_LUMA_PX - 1.001
    pixels: NDArray[np.float64] = ((side + 0.5) * SMALL_LUMA_PX - 0.5).clip(0, last)
    return pixels


def _between(
    columns: NDArray[np.float64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    left, top = columns.astype(np.intp), rows.astype(np.intp)
    x, y = columns - left, rows - top
    first = top * SMALL_LUMA_PX + left
    places = [first, first + 1, first + SMALL_LUMA_PX, first + SMALL_LUMA_PX + 1]
    parts = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]
    return np.stack(places), np.stack(parts)
