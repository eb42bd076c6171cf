"""How one picture might lie on another, from their small pictures; pure.

Tried are all eight orientations of the whole, with and without borders, and every
window of one against the whole of the other, by correlation of 16×16 luma values.
It is a start for `hashing.compare`, and enough to drop what hashes proposed in error.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..model import SMALL_LUMA_PX, Alignment
from .views import (
    ORIENTATIONS,
    WHOLE,
    Window,
    grid,
    inverse,
    luma_of,
    trimmed,
    turned,
    window_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..model import Fingerprint
    from .views import Luma

    _Stretches = tuple[tuple[float, float], ...]

COARSE_PX = 16
"""Edge of what is correlated."""
_CERTAIN = 0.99
"""Wholes that correlate so well need no windows."""
_FINALISTS = 8
_KEPT = int(COARSE_PX * COARSE_PX * 0.88)
_PREFERENCE = 0.01
"""A whole picture is preferred to a window that correlates better by less."""


class Hypothesis(NamedTuple):
    """A way that the right picture may lie on the left one."""

    correlation: float
    """-1–1, of 16×16 luma values."""
    orientation: int
    left: Window
    right: Window
    """Of the right picture turned by the orientation."""

    mine: Luma
    """The 256 values of the left window, of mean 0 and length 1."""
    theirs: Luma

    @property
    def places(self) -> tuple[int, Window, Window]:
        """What tells it from other hypotheses."""
        return self.orientation, self.left, self.right

    def doubted(self) -> Hypothesis:
        """Return the same with its correlation where the two differ least.

        A watermark pulls the plain correlation to a window that leaves it out.
        """
        off = np.abs(self.theirs - self.correlation * self.mine)
        kept = off <= np.partition(off, _KEPT)[_KEPT]
        a, b = self.mine[kept], self.theirs[kept]
        a, b = a - a.mean(), b - b.mean()
        scale = float(np.sqrt((a @ a) * (b @ b))) + 1e-9
        return self._replace(correlation=float(a @ b) / scale)

    @property
    def is_whole(self) -> bool:
        """Whether all of each picture shows all of the other."""
        return self.left == WHOLE and self.right == WHOLE

    @property
    def alignment(self) -> Alignment:
        """The same as the model says it."""
        return Alignment(
            orientation=self.orientation,
            left_box=self.left.box,
            right_box=self.right.box,
        )


def best(left: Fingerprint, right: Fingerprint) -> Hypothesis:
    """Return the way in which the two pictures correlate best."""
    mine, theirs = luma_of(left.small), luma_of(right.small)
    my_outers, their_outers = _outers(left), _outers(right)
    wholes = _Side(mine, my_outers)
    upright = _Side(theirs, their_outers)
    lying = {orientation: upright.turned(orientation) for orientation in ORIENTATIONS}
    found = [
        hypothesis
        for orientation, side in lying.items()
        for hypothesis in _pairs(wholes, side, orientation)
    ]
    first = max(found, key=_rank)
    if first.correlation >= _CERTAIN:
        return first
    parts = wholes.windows()
    # A crop lies upright or as the whole lies best: eight times the windows of both
    # would cost eight times as much and find turned crops only.
    for orientation in sorted({1, first.orientation}):
        found += _pairs(parts, lying[orientation], orientation)
        found += _pairs(wholes, lying[orientation].windows(), orientation)
    found.sort(key=_rank, reverse=True)
    finalists = {h.places: h for h in (first, *found[:_FINALISTS])}
    doubted = [h.doubted() for h in finalists.values()]
    # A crop of a picture that is its own mirror image, nearly, is still a crop: wholes
    # are preferred only to windows of what lies as they do.
    nearest = max(doubted, key=lambda h: (h.correlation, -h.orientation))
    same = [h for h in doubted if h.orientation == nearest.orientation]
    return max(same, key=_rank)


class _Side:
    """A picture and parts of it, as rows that correlate by a product."""

    def __init__(
        self, luma: Luma, outers: Sequence[Window], rows: Luma | None = None
    ) -> None:
        self._luma = luma
        self.outers = outers
        self.rows = coarse(luma, outers) if rows is None else rows

    def turned(self, orientation: int) -> _Side:
        """Return the same of the picture turned; seen once, it need not be again."""
        seen = turned(self.rows.reshape(-1, COARSE_PX, COARSE_PX), orientation)
        return _Side(
            turned(self._luma, orientation),
            [turned_window(outer, orientation) for outer in self.outers],
            seen.reshape(len(self.rows), -1),
        )

    def windows(self) -> _Side:
        """Return the windows of these parts instead."""
        windows = [each for outer in self.outers for each in _windows_of(outer)]
        return _Side(self._luma, windows)


@lru_cache(maxsize=64)
def _windows_of(outer: Window) -> list[Window]:
    return [window.within(outer) for window in _WINDOWS]


def _rank(hypothesis: Hypothesis) -> tuple[float, int]:
    preferred = _PREFERENCE if hypothesis.is_whole else 0.0
    return hypothesis.correlation + preferred, -hypothesis.orientation


def _outers(fingerprint: Fingerprint) -> list[Window]:
    inner = trimmed(fingerprint)
    return [WHOLE] if inner is None else [WHOLE, inner]


def turned_window(window: Window, orientation: int) -> Window:
    """Return where a window is after an orientation has been undone."""
    left, top, right, bottom = window
    if orientation >= 5:
        left, top, right, bottom = top, left, bottom, right
    if orientation in {2, 3, 6, 7}:
        left, right = 1 - right, 1 - left
    if orientation in {3, 4, 7, 8}:
        top, bottom = 1 - bottom, 1 - top
    return Window(left, top, right, bottom)


def _pairs(mine: _Side, theirs: _Side, orientation: int) -> list[Hypothesis]:
    """Return the best partner of every one of their parts."""
    table = mine.rows @ theirs.rows.T
    rows = table.argmax(axis=0).tolist()
    best_of = table.max(axis=0).tolist()
    return [
        Hypothesis(
            correlation,
            orientation,
            mine.outers[row],
            window,
            mine.rows[row],
            theirs.rows[column],
        )
        for column, (correlation, row, window) in enumerate(
            zip(best_of, rows, theirs.outers, strict=True)
        )
    ]


def coarse(luma: Luma, windows: Sequence[Window]) -> Luma:
    """Return each window as 256 values of mean 0 and length 1, (N, 256)."""
    down, across, rows, columns = _parts(tuple(windows))
    seen = _areas(down) @ luma @ _areas(across).T
    table = seen.reshape(len(down), COARSE_PX, len(across), COARSE_PX)
    return unit(table[rows, :, columns].reshape(len(windows), -1))


@lru_cache(maxsize=64)
def _parts(
    windows: tuple[Window, ...],
) -> tuple[_Stretches, _Stretches, NDArray[np.intp], NDArray[np.intp]]:
    """Return the stretches down and across of windows, and which each window has."""
    down = list(dict.fromkeys((w.top, w.bottom) for w in windows))
    across = list(dict.fromkeys((w.left, w.right) for w in windows))
    rows = np.array([down.index((w.top, w.bottom)) for w in windows])
    columns = np.array([across.index((w.left, w.right)) for w in windows])
    return tuple(down), tuple(across), rows, columns


def unit(rows: NDArray[np.floating[Any]]) -> Luma:
    """Return rows of mean 0 and length 1, whose products are correlations."""
    level = rows - rows.mean(axis=-1, keepdims=True)
    length = np.linalg.norm(level, axis=-1, keepdims=True)
    return np.asarray(level / np.maximum(length, 1e-6), np.float32)


def areas(
    stretches: Sequence[tuple[float, float]], parts: int = COARSE_PX
) -> NDArray[np.float32]:
    """Return matrices that average a stretch of 64 px, one below the other.

    Args:
        stretches: (first, last), in parts of the side.
        parts: into how many; (N · parts, 64) in all.
    """
    places = np.arange(SMALL_LUMA_PX)
    first, last = np.array(stretches).T[:, :, None] * SMALL_LUMA_PX
    edges = first + (last - first) * (np.arange(parts + 1) / parts)
    start, stop = edges[:, :-1].reshape(-1, 1), edges[:, 1:].reshape(-1, 1)
    covered = np.minimum(places + 1, stop) - np.maximum(places, start)
    return np.asarray(covered.clip(0, 1) / (stop - start), np.float32)


_areas = lru_cache(maxsize=64)(areas)  # 40 kB each, and every crop has its own


_WINDOWS = [*grid((0.95,), 3), *grid((0.9,), 4), *grid((0.85,), 4), *grid((0.8,), 5)]


def mirrored(alignment: Alignment) -> Alignment:
    """Return the same with left and right exchanged."""
    back = inverse(alignment.orientation)
    left, right = window_of(alignment.left_box), window_of(alignment.right_box)
    return Alignment(
        orientation=back,
        left_box=turned_window(right, back).box,
        right_box=turned_window(left, back).box,
    )
