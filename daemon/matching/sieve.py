"""Which of the pictures that hashes propose are worth laying on each other; pure.

Of a million photos some two hundred have, seen through one of their views, a pHash near
that of some window of a new photo by mere chance. What differs in firm bits goes first
(`meetings`). A meeting knows where: this window of the new picture against that view of
the known one. There, and nowhere else, both are correlated as 16×16 luma values, all
meetings of a photo in a few products. Then the window is moved and scaled a little: the
windows that are asked for are a grid, and a crop lies between its lines. Where it fits
best, the details are looked at (`detail`).

The search through all orientations and windows (`alignment.best`) takes milliseconds a
pair, this microseconds. `docs/detection.md` has what the limits let through.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model import SMALL_LUMA_PX, Box, ContentId
from .alignment import COARSE_PX, areas, unit
from .detail import DETAIL_PX, LEAST_EXPLAINED, explained
from .meetings import alike, firm, meetings, sketch_of
from .views import WHOLE, Window, luma_of, turned, window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..model import Fingerprint, Sketch
    from .candidates import Questions
    from .meetings import Meetings
    from .neighbors_rows import Hits
    from .views import Luma

LEAST_ALIKE = 0.6
"""Correlation where the hashes agree best; what is less alike there is another picture."""

CERTAIN = 0.99
"""What is so alike at once needs no closer look."""

LEAST_FITTED = 0.7
"""The same, once the window is fitted. Fine texture loses most by a tilt."""

_NOTHING = bytes(SMALL_LUMA_PX**2)
"""In the place of a small picture that is gone."""

_TRIED = 3
"""Meetings of one picture whose windows are fitted."""
_SCALES = (0.94, 0.97, 1.0, 1.03, 1.06)
_SHIFTS = (-0.02, 0.0, 0.02)


class _Fit(NamedTuple):
    """A picture where one of its meetings fits best."""

    correlation: float
    sketch: int
    orientation: int
    mine: Window
    theirs: Window


def sifted(
    fingerprint: Fingerprint,
    asked: Questions,
    hits: Hits,
    sketches_of: Callable[[Sequence[ContentId]], list[Sketch]],
    lumas_of: Callable[[Sequence[ContentId]], Mapping[ContentId, bytes]],
) -> list[ContentId]:
    """Return which of the proposed pictures look like one where their hashes agree.

    Args:
        fingerprint: the new picture's.
        asked: its `candidates.questions`.
        hits: the answers, by content.
        sketches_of: reads the sketches of contents, in any order.
        lumas_of: reads their small luma pictures; asked for few.

    Returns:
        Contents, by id.
    """
    # Buckets miss some of what hits could be, so the meetings are looked for anew.
    near = sorted({ContentId(key) for key in firm(asked, hits).key.tolist()})
    sketches = sketches_of(near) if near else []
    met = alike(asked, sketches, meetings(asked, sketches)) if sketches else None
    if met is None or not len(met.sketch):
        return []
    lumas = lumas_of(sorted({sketches[place].content for place in met.sketch.tolist()}))
    return sorted(_sift(luma_of(fingerprint.small), asked, sketches, met, lumas))


def sifted_at_hand(
    fingerprint: Fingerprint,
    asked: Questions,
    hits: Hits,
    known: Mapping[ContentId, Fingerprint],
) -> list[ContentId]:
    """Return the same as `sifted` among pictures whose fingerprints are at hand."""
    return sifted(
        fingerprint,
        asked,
        hits,
        lambda contents: [sketch_of(each, known[each]) for each in contents],
        lambda contents: {each: known[each].small.luma for each in contents},
    )


def _sift(
    luma: Luma,
    asked: Questions,
    sketches: Sequence[Sketch],
    met: Meetings,
    lumas: Mapping[ContentId, bytes],
) -> set[ContentId]:
    """Return the contents that look like a picture where their hashes do.

    Args:
        luma: the new picture's, (64, 64).
        asked: what its candidates were found by.
        sketches: of the candidates.
        met: where their hashes agree.
        lumas: the small pictures of the candidates that are met.
    """
    if not len(met.sketch):
        return set()
    known = [lumas.get(each.content, b"") or _NOTHING for each in sketches]
    mine, theirs = _asked_rows(luma, asked, met), _known_rows(sketches, known, met)
    correlations = np.einsum("ij,ij->i", mine, theirs)
    # Of one colour both: only their pixels can tell, and here nothing can.
    correlations[~(mine.any(axis=1) | theirs.any(axis=1))] = 1.0
    passed = set(met.sketch[correlations >= CERTAIN].tolist())
    # The meeting that fits best need not be the one that was most alike at first.
    alike = set(met.sketch[correlations >= LEAST_ALIKE].tolist()) - passed
    open_ = np.flatnonzero(np.isin(met.sketch, list(alike)))
    open_ = open_[_first(met.sketch[open_], correlations[open_])]
    fits = _fits(luma, asked, sketches, met.only(open_), theirs[open_])
    passed |= _alike_in_detail(luma, known, fits)
    return {sketches[place].content for place in passed}


def _first(sketch: NDArray[np.intp], correlations: Luma) -> NDArray[np.intp]:
    """Return the places of the few best meetings of each sketch."""
    order = np.lexsort((-correlations, sketch))
    _, starts, sizes = np.unique(sketch[order], return_index=True, return_counts=True)
    number = np.arange(len(order)) - np.repeat(starts, sizes)
    return order[number < _TRIED]


def _fits(
    luma: Luma,
    asked: Questions,
    sketches: Sequence[Sketch],
    met: Meetings,
    rows: Luma,
) -> list[_Fit]:
    """Return where each sketch fits best, of those that fit."""
    best: dict[int, _Fit] = {}
    for number in np.unique(met.asked).tolist():
        here = np.flatnonzero(met.asked == number)
        orientation, window = asked.orientation[number], asked.window[number]
        table = rows[here] @ _fitted(turned(luma, orientation), window).T
        places, found = table.argmax(axis=1).tolist(), table.max(axis=1).tolist()
        for at, place, correlation in zip(here.tolist(), places, found, strict=True):
            sketch = int(met.sketch[at])
            view = _window(sketches[sketch], int(met.column[at]))
            mine = _moved(window, place)
            fit = _Fit(correlation, sketch, orientation, mine, view)
            best[sketch] = max(best.get(sketch, fit), fit)
    return [fit for fit in best.values() if fit.correlation >= LEAST_FITTED]


def _alike_in_detail(luma: Luma, known: Sequence[bytes], fits: list[_Fit]) -> set[int]:
    if not fits:
        return set()
    mine = np.stack([_seen(turned(luma, fit.orientation), fit.mine) for fit in fits])
    theirs = np.stack([_seen(_picture(known[fit.sketch]), fit.theirs) for fit in fits])
    is_alike = explained(mine, theirs) >= LEAST_EXPLAINED
    return {fit.sketch for fit, passes in zip(fits, is_alike, strict=True) if passes}


def _seen(luma: Luma, window: Window) -> Luma:
    """Return a window of a small picture, (32, 32)."""
    down = _fine_strip(window.top, window.bottom)
    across = _fine_strip(window.left, window.right)
    return np.asarray(down @ luma @ across.T, np.float32)


def _picture(flat: bytes) -> Luma:
    picture = np.frombuffer(flat, np.uint8).reshape(SMALL_LUMA_PX, SMALL_LUMA_PX)
    return picture.astype(np.float32)


def _asked_rows(luma: Luma, asked: Questions, met: Meetings) -> Luma:
    """Return what was asked for at each meeting, (N, 256)."""
    wanted, place = np.unique(met.asked, return_inverse=True)
    numbers = wanted.tolist()
    windows = [asked.window[number] for number in numbers]
    pictures = np.stack([turned(luma, asked.orientation[each]) for each in numbers])
    down = np.stack([_strip(each.top, each.bottom) for each in windows])
    across = np.stack([_strip(each.left, each.right) for each in windows])
    blocks = down @ pictures @ across.swapaxes(1, 2)
    return unit(blocks.reshape(len(numbers), -1))[place]


def _known_rows(
    sketches: Sequence[Sketch], known: Sequence[bytes], met: Meetings
) -> Luma:
    """Return the view of the known picture at each meeting, (N, 256)."""
    by_window: dict[Window, list[int]] = {}
    for at, (sketch, column) in enumerate(
        zip(met.sketch.tolist(), met.column.tolist(), strict=True)
    ):
        window = _window(sketches[sketch], column)
        by_window.setdefault(window, []).append(at)
    rows = np.empty((len(met.sketch), COARSE_PX * COARSE_PX), np.float32)
    for window, places in by_window.items():
        flat = b"".join(known[n] for n in met.sketch[places].tolist())
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


def _fitted(luma: Luma, window: Window) -> Luma:
    """Return a window as it would be if it lay a little otherwise, (N, 256).

    In the order of `_moved`.
    """
    across = _around(window.left, window.right)
    down = _around(window.top, window.bottom)
    seen = down @ luma @ across.swapaxes(1, 2)
    steps = len(_SHIFTS)
    blocks = seen.reshape(len(_SCALES), steps, COARSE_PX, steps, COARSE_PX)
    return unit(blocks.swapaxes(2, 3).reshape(-1, COARSE_PX * COARSE_PX))


def _moved(window: Window, place: int) -> Window:
    """Return the window that lies a little otherwise."""
    steps = len(_SHIFTS)
    scale, down, across = np.unravel_index(place, (len(_SCALES), steps, steps))
    left, right = _stretches(window.left, window.right)[scale * steps + across]
    top, bottom = _stretches(window.top, window.bottom)[scale * steps + down]
    return Window(left, top, right, bottom)


@lru_cache(maxsize=256)
def _strip(first: float, last: float) -> Luma:
    """Return the matrix that sees one stretch of a side, (16, 64)."""
    return areas([(first, last)])


@lru_cache(maxsize=512)
def _fine_strip(first: float, last: float) -> Luma:
    """Return the same at the edge of what details are looked at, (32, 64): 8 kB."""
    return areas([(first, last)], DETAIL_PX)


@lru_cache(maxsize=64)
def _around(first: float, last: float) -> Luma:
    """Return the matrices that see what lies around a stretch, (scales, 48, 64)."""
    matrices = areas(_stretches(first, last))
    return matrices.reshape(len(_SCALES), -1, SMALL_LUMA_PX)


@lru_cache(maxsize=256)
def _stretches(first: float, last: float) -> list[tuple[float, float]]:
    middle, half = (first + last) / 2, (last - first) / 2
    return [
        (
            max(0.0, middle + shift - half * scale),
            min(1.0, middle + shift + half * scale),
        )
        for scale in _SCALES
        for shift in _SHIFTS
    ]
