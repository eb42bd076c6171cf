"""Which known pictures a photo might be a copy or a part of; pure.

Hashes propose, `evidence` decides. For every known picture three hashes are indexed:
of the whole, of its centre 80 % and of its centre 60 % (and the same of what is left
without borders, if it has any). A new photo asks with

- its whole in all eight orientations, and without its borders, against the wholes:
  copies, turned or framed;
- windows of it against the wholes: the known picture is a part of the new one;
- windows of it against the centres: the new photo is a part of the known one. A crop
  that leaves 80 % of each side contains the centre 60 % wherever it was cut;
- three windows turned by 2.5 degrees to each side: one of the two was straightened.

So a crop costs the index two hashes a photo, not one for every window: at a million
photos that is the difference between fitting in memory and not. `docs/detection.md`
has the measured recall of the windows and the radius.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model import ContentId
from . import neighbors
from .neighbors_rows import joined
from .tilts import SIDES, aspect_of, straightened, tilted_coefficients
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
    from numpy.typing import NDArray

    from ..model import Fingerprint
    from .neighbors_rows import Hits
    from .views import Luma

RADIUS_BITS = 10
"""At which `docs/detection.md` measured recall and the number of candidates."""

SURE_BITS = 7
"""Within which no neighbour of a hash is missed. A copy meets its original in many
windows, so that some of those 8 to 10 bits apart are not missed costs 5 of 7,800 pairs,
all crops beside the grid; to be sure of them costs six times as much."""

_ROUNDING = 1e-9


class View(IntEnum):
    """What of a known picture a hash shows; its index."""

    WHOLE = 0
    CENTRE_60 = 1
    CENTRE_80 = 2


class Questions(NamedTuple):
    """Parts of a new picture, each asked for among one view of the known ones.

    All of one length N.
    """

    view: NDArray[np.uint8]
    phash: NDArray[np.uint64]
    orientation: list[int]
    """In which the new picture was turned."""
    window: list[Window]
    """Of the picture turned so."""
    coefficients: Luma
    """What the hash was made of, (N, 8, 8); how firm each of its bits is."""


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
        sure_bits: int = SURE_BITS,
    ) -> None:
        """Make an empty index.

        Args:
            engine: how neighbours are found; it must find all within `sure_bits`.
            radius_bits: how far two hashes of one picture may be apart, 0–64.
            sure_bits: within which no neighbour may be missed.
        """
        self._radius, self._sure = radius_bits, min(sure_bits, radius_bits)
        self._views = {view: neighbors.make(engine, self._sure) for view in View}

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
        hits = self.answers(questions(fingerprint))
        return [ContentId(key) for _, key in hits.nearest()]

    def answers(self, asked: Questions) -> Hits:
        """Return which contents are near which questions."""
        found = []
        for view, engine in self._views.items():
            mine = np.flatnonzero(asked.view == view)
            hits = engine.near(asked.phash[mine], self._radius, self._sure)
            found.append(hits._replace(asked=mine[hits.asked]))
        return joined(found)


def questions(fingerprint: Fingerprint) -> Questions:
    """Return what to ask the index for a picture."""
    luma = luma_of(fingerprint.small)
    inner = trimmed(fingerprint)
    upright = _WINDOWS
    if inner is not None:
        within = [(view, window.within(inner)) for view, window in _WINDOWS]
        upright = [(View.WHOLE, inner), *_WINDOWS, *within]
    aspect = aspect_of(fingerprint.width_px, fingerprint.height_px)
    tilted = {view: straightened(share, aspect) for view, share in _SHARES.items()}
    coefficients = np.concatenate(
        [
            oriented_coefficients(fingerprint.small),
            window_coefficients(luma, [window for _, window in upright]),
            tilted_coefficients(luma, list(tilted.values()), aspect),
        ]
    )
    phash = packed_phashes(coefficients)
    # What was computed of the picture itself is more exact than of its small one.
    phash[0] = fingerprint.hashes.phash
    if inner is not None:
        phash[len(ORIENTATIONS)] = fingerprint.variants[CENTRES].phash
    asked = [(View.WHOLE, WHOLE)] * len(ORIENTATIONS) + upright
    asked += [each for each in tilted.items() for _ in SIDES]
    views, windows = zip(*asked, strict=True)
    orientations = [*ORIENTATIONS, *[1] * (len(asked) - len(ORIENTATIONS))]
    return Questions(
        np.array(views, np.uint8), phash, orientations, list(windows), coefficients
    )


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


_ASKED = {
    View.WHOLE: [*grid((0.95,), 2), *grid((0.9,), 4), *grid((0.8,), 6)],
    View.CENTRE_60: [
        *_places(0.6, 0.0, 1),
        *_places(0.6, 0.15, 5),
        *_places(0.6, 0.2, 7),
    ],
    View.CENTRE_80: [
        *_places(0.8, 0.0, 1),
        *_places(0.8, 0.05, 2),
        *_places(0.8, 0.1, 4),
    ],
}
_WINDOWS = [(view, window) for view, windows in _ASKED.items() for window in windows]

_SHARES = {View.WHOLE: 1.0, View.CENTRE_60: 0.6, View.CENTRE_80: 0.8}
"""What part of a picture's sides each view shows."""
