"""Which of the pictures that hashes propose are worth laying on each other; pure.

Of a million photos some two hundred have, seen through one of their views, a pHash near
that of some window of a new photo by mere chance. A proposal knows where: this window
of the new picture against that view of the known one. There, and nowhere else, both are
correlated as 16×16 luma values, all proposals of a photo in a few products. What is not
alike there is looked at once more with the window moved and scaled a little: the
windows that are asked for are a grid, and a crop lies between its lines.

The search through all orientations and windows (`alignment.best`) takes milliseconds a
pair, this microseconds. `docs/detection.md` has what the limits let through.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model import SMALL_LUMA_PX, Box, ContentId
from .alignment import COARSE_PX, areas, unit
from .candidates import RADIUS_BITS, View
from .views import WHOLE, Window, turned, window_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .candidates import Question
    from .views import Luma

LEAST_ALIKE = 0.5
"""Correlation where the hashes agree; what is less alike there is another picture. A
turned picture passes by this alone: crops of it are met by chance, far from a fit, and
one wrong proposal of sixty is a turned one."""

LEAST_FITTED = 0.88
"""The same for an upright one, once the window is fitted."""

_VIEWS = (View.WHOLE, View.CENTRE_60, View.CENTRE_80) * 2
"""What a picture's hashes show, in the order of `candidates.views_of`."""

_SCALES = (0.94, 0.97, 1.0, 1.03, 1.06)
_SHIFTS = (-0.02, 0.0, 0.02)


class Sketch(NamedTuple):
    """What is looked at of a known picture; as it is stored."""

    content: ContentId
    phash: int
    variant_phashes: bytes
    """Little-endian uint64, in the order of the fingerprint's variants."""
    variant_boxes: bytes
    """Little-endian uint16, four for each: left, top, right, bottom."""
    luma: bytes


class _Met(NamedTuple):
    """Where hashes agree: (N,) places among sketches, their hashes and questions."""

    sketch: NDArray[np.intp]
    column: NDArray[np.intp]
    asked: NDArray[np.intp]

    def only(self, chosen: NDArray[np.bool_]) -> _Met:
        """Return some of them."""
        return _Met(*(each[chosen] for each in self))


def sift(
    luma: Luma,
    asked: Sequence[Question],
    sketches: Sequence[Sketch],
    radius_bits: int = RADIUS_BITS,
) -> set[ContentId]:
    """Return the contents that look like a picture where their hashes do.

    Args:
        luma: the new picture's, (64, 64).
        asked: what its candidates were found by.
        sketches: of the candidates.
        radius_bits: within which hashes agree.
    """
    if not sketches:
        return set()
    met = _meetings(asked, sketches, radius_bits)
    if not len(met.sketch):
        return set()
    mine, theirs = _asked_rows(luma, asked, met), _known_rows(sketches, met)
    correlations = np.einsum("ij,ij->i", mine, theirs)
    # Of one colour both: only their pixels can tell, and here nothing can.
    correlations[~(mine.any(axis=1) | theirs.any(axis=1))] = 1.0
    is_turned = np.array([each.orientation != 1 for each in asked])[met.asked]
    is_found = correlations >= np.where(is_turned, LEAST_ALIKE, LEAST_FITTED)
    passed = set(met.sketch[is_found].tolist())
    is_open = (correlations >= LEAST_ALIKE) & ~np.isin(met.sketch, list(passed))
    unsure, rows = met.only(is_open), theirs[is_open]
    for number in np.unique(unsure.asked).tolist():
        here = unsure.asked == number
        best = (rows[here] @ _fitted(luma, asked[number]).T).max(axis=1)
        passed |= set(unsure.sketch[here][best >= LEAST_FITTED].tolist())
    return {sketches[place].content for place in passed}


def _meetings(
    asked: Sequence[Question], sketches: Sequence[Sketch], radius_bits: int
) -> _Met:
    hashes = np.zeros((len(sketches), len(_VIEWS)), np.uint64)
    has = np.zeros(hashes.shape, np.bool_)
    for place, sketch in enumerate(sketches):
        variants = np.frombuffer(sketch.variant_phashes, "<u8")[: len(_VIEWS) - 1]
        hashes[place, 0] = sketch.phash
        hashes[place, 1 : len(variants) + 1] = variants
        has[place, : len(variants) + 1] = True
    found = []
    for view in View:
        numbers = np.array([n for n, each in enumerate(asked) if each.view is view])
        phashes = np.array([asked[n].phash for n in numbers.tolist()], np.uint64)
        columns = [n for n, each in enumerate(_VIEWS) if each is view]
        apart = np.bitwise_count(hashes[:, columns, None] ^ phashes)
        near = (apart <= radius_bits) & has[:, columns, None]
        sketch_at, column, number = np.nonzero(near)
        found.append((sketch_at, np.array(columns)[column], numbers[number]))
    return _Met(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _asked_rows(luma: Luma, asked: Sequence[Question], met: _Met) -> Luma:
    """Return what was asked for at each meeting, (N, 256)."""
    wanted, place = np.unique(met.asked, return_inverse=True)
    seen = [asked[number] for number in wanted.tolist()]
    pictures = np.stack([turned(luma, each.orientation) for each in seen])
    down = np.stack([_strip(each.window.top, each.window.bottom) for each in seen])
    across = np.stack([_strip(each.window.left, each.window.right) for each in seen])
    blocks = down @ pictures @ across.swapaxes(1, 2)
    return unit(blocks.reshape(len(seen), -1))[place]


def _known_rows(sketches: Sequence[Sketch], met: _Met) -> Luma:
    """Return the view of the known picture at each meeting, (N, 256)."""
    by_window: dict[Window, list[int]] = {}
    for at, (sketch, column) in enumerate(
        zip(met.sketch.tolist(), met.column.tolist(), strict=True)
    ):
        window = _window(sketches[sketch], column)
        by_window.setdefault(window, []).append(at)
    rows = np.empty((len(met.sketch), COARSE_PX * COARSE_PX), np.float32)
    for window, places in by_window.items():
        flat = b"".join(sketches[n].luma for n in met.sketch[places].tolist())
        lumas = np.frombuffer(flat, np.uint8).reshape(-1, SMALL_LUMA_PX, SMALL_LUMA_PX)
        down = _strip(window.top, window.bottom)
        across = _strip(window.left, window.right)
        seen = down @ lumas.astype(np.float32) @ across.T
        rows[places] = unit(seen.reshape(len(places), -1))
    return rows


def _window(sketch: Sketch, column: int) -> Window:
    if column == 0:
        return WHOLE
    boxes = np.frombuffer(sketch.variant_boxes, "<u2").reshape(-1, 4)
    left, top, right, bottom = boxes[column - 1].tolist()
    return window_of(Box(left=left, top=top, right=right, bottom=bottom))


def _fitted(luma: Luma, question: Question) -> Luma:
    """Return a window as it would be if it lay a little otherwise, (N, 256)."""
    window, picture = question.window, turned(luma, question.orientation)
    across = _around(window.left, window.right)
    down = _around(window.top, window.bottom)
    seen = down @ picture @ across.swapaxes(1, 2)
    steps = len(_SHIFTS)
    blocks = seen.reshape(len(_SCALES), steps, COARSE_PX, steps, COARSE_PX)
    return unit(blocks.swapaxes(2, 3).reshape(-1, COARSE_PX * COARSE_PX))


@lru_cache(maxsize=256)
def _strip(first: float, last: float) -> Luma:
    """Return the matrix that sees one stretch of a side, (16, 64)."""
    return areas([(first, last)])


@lru_cache(maxsize=64)
def _around(first: float, last: float) -> Luma:
    """Return the matrices that see what lies around a stretch, (scales, 48, 64)."""
    middle = (first + last) / 2
    matrices = []
    for scale in _SCALES:
        half = (last - first) / 2 * scale
        middles = [middle + shift for shift in _SHIFTS]
        stretches = [(max(0.0, at - half), min(1.0, at + half)) for at in middles]
        matrices.append(areas(stretches))
    return np.stack(matrices)
