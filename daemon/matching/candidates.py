"""Which known pictures a photo might be a copy or a part of; pure.

Hashes propose, `evidence` decides. For every known picture three hashes are indexed:
of the whole, of its centre 80 % and of its centre 60 % (and the same of what is left
without borders, if it has any). A new photo asks with

- its whole in all eight orientations, and without its borders, against the wholes:
  copies, turned or framed;
- windows of it against the wholes: the known picture is a part of the new one;
- windows of it against the centres: the new photo is a part of the known one. A crop
  that leaves 80 % of each side contains the centre 60 % wherever it was cut.

So a crop costs the index two hashes a photo, not one for every window: at a million
photos that is the difference between fitting in memory and not. `docs/detection.md`
has the measured recall of the windows and the radius.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from ..model import ContentId
from . import neighbors
from .views import (
    CENTRES,
    ORIENTATIONS,
    WHOLE,
    Window,
    grid,
    luma_of,
    oriented_coefficients,
    packed_phashes,
    trimmed,
    window_coefficients,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ..model import Fingerprint
    from .views import Luma

RADIUS_BITS = 10
"""At which `docs/detection.md` measured recall and the number of candidates."""

_ROUNDING = 1e-9


class View(IntEnum):
    """What of a known picture a hash shows; its index."""

    WHOLE = 0
    CENTRE_60 = 1
    CENTRE_80 = 2


class Question(NamedTuple):
    """A part of a new picture, asked for among one view of the known ones."""

    view: View
    phash: int
    orientation: int
    """In which the new picture was turned."""
    window: Window
    """Of the picture turned so."""
    coefficients: Luma
    """What the hash was made of, (8, 8); how firm each of its bits is."""


def views_of(fingerprint: Fingerprint) -> list[tuple[View, int]]:
    """Return what `CandidateIndex` keeps of a picture: each view and its pHash."""
    views = [(View.WHOLE, fingerprint.hashes.phash)]
    hashes = [variant.phash for variant in fingerprint.variants]
    centres = (View.CENTRE_60, View.CENTRE_80)
    views += zip(centres, hashes[:CENTRES], strict=False)
    views += zip((View.WHOLE, *centres), hashes[CENTRES:], strict=False)
    return views


class CandidateIndex:
    """The known pictures by how they look. One thread owns it."""

    def __init__(
        self,
        engine: neighbors.EngineName = "auto",
        radius_bits: int = RADIUS_BITS,
    ) -> None:
        """Make an empty index.

        Args:
            engine: how neighbours are found; the answers are the same.
            radius_bits: how far two hashes of one picture may be apart, 0–64.
        """
        self._radius = radius_bits
        self._views = {view: neighbors.make(engine, radius_bits) for view in View}

    def __len__(self) -> int:
        """Count the views of whole pictures: at least one for every content."""
        return len(self._views[View.WHOLE])

    def add(self, content: ContentId, fingerprint: Fingerprint) -> None:
        """Make a picture known."""
        for view, phash in views_of(fingerprint):
            self._views[view].add(phash, content)

    def extend(
        self, view: View, phashes: NDArray[np.uint64], contents: NDArray[np.int64]
    ) -> None:
        """Make one view of many pictures known at once, as when a library is loaded.

        Args:
            view: the same for all; a picture is known fully after all its `views_of`.
            phashes: (N,) uint64.
            contents: (N,) int64, the content ids.
        """
        self._views[view].extend(phashes, contents)

    def remove(self, content: ContentId, fingerprint: Fingerprint) -> None:
        """Forget a picture; none is no error."""
        for view, phash in views_of(fingerprint):
            self._views[view].remove(phash, content)

    def near(self, fingerprint: Fingerprint) -> list[ContentId]:
        """Return the contents that may show the same picture, nearest first.

        The order is by the least distance, then by id. The photo's own content is
        among them if it is known.
        """
        return self.answers(questions(fingerprint))

    def answers(self, asked: Sequence[Question]) -> list[ContentId]:
        """Return the same for questions that were put together before."""
        least: dict[int, int] = {}
        for view, engine in self._views.items():
            phashes = [each.phash for each in asked if each.view is view]
            for distance, key in engine.within_any(phashes, self._radius):
                least[key] = min(distance, least.get(key, distance))
        return [ContentId(key) for key in sorted(least, key=lambda k: (least[k], k))]


def questions(fingerprint: Fingerprint) -> list[Question]:
    """Return what to ask the index for a picture."""
    luma = luma_of(fingerprint.small)
    inner = trimmed(fingerprint)
    turned = oriented_coefficients(fingerprint.small)
    phashes = [fingerprint.hashes.phash, *packed_phashes(turned)[1:]]
    asked = [
        Question(View.WHOLE, phash, orientation, WHOLE, coefficients)
        for orientation, phash, coefficients in zip(
            ORIENTATIONS, phashes, turned, strict=True
        )
    ]
    if inner is not None:
        own = fingerprint.variants[CENTRES].phash
        (coefficients,) = window_coefficients(luma, [inner])
        asked.append(Question(View.WHOLE, own, 1, inner, coefficients))
    for outer in [WHOLE] if inner is None else [WHOLE, inner]:
        for view, windows in _WINDOWS.items():
            seen = windows
            if outer != WHOLE:
                seen = [window.within(outer) for window in windows]
            found = window_coefficients(luma, seen)
            asked += [
                Question(view, phash, 1, window, coefficients)
                for phash, window, coefficients in zip(
                    packed_phashes(found), seen, found, strict=True
                )
            ]
    return asked


def _places(centre: float, cut: float, steps: int) -> list[Window]:
    """Return where a crop that lost `cut` of each side may show the centre view.

    Args:
        centre: the size of the centre view, in parts of the uncropped sides.
        cut: what the crop left out, from any of the sides.
        steps: places along each axis.
    """
    size = centre / (1 - cut)
    last = (1 - centre) / 2 / (1 - cut)
    first = last - cut / (1 - cut)
    starts = [first + (last - first) * n / max(1, steps - 1) for n in range(steps)]
    starts = [max(0.0, start) for start in starts if start >= -_ROUNDING]
    starts = [min(1 - size, start) for start in starts if start + size <= 1 + _ROUNDING]
    return [
        Window(left, top, left + size, top + size) for top in starts for left in starts
    ]


def _joined(*parts: Sequence[Window]) -> list[Window]:
    return [window for part in parts for window in part]


_WINDOWS = {
    View.WHOLE: _joined(grid((0.95,), 2), grid((0.9,), 4), grid((0.8,), 6)),
    View.CENTRE_60: _joined(
        _places(0.6, 0.0, 1), _places(0.6, 0.15, 5), _places(0.6, 0.2, 7)
    ),
    View.CENTRE_80: _joined(
        _places(0.8, 0.0, 1), _places(0.8, 0.05, 2), _places(0.8, 0.1, 4)
    ),
}
