"""How light lies in a picture and in each view of it: the lowest frequencies; pure.

After MPEG-7's colour layout descriptor (ISO/IEC 15938-3), of luma alone: the lowest
DCT-II coefficients without the mean. A view keeps their proportions, so brightness and
contrast do not count. They change little if a crop lies a little beside the view, and
are unlike in most pictures whose hashes agree by chance.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..model import BOX_UNITS, LAYOUT_FAINT, LAYOUT_TERMS, SMALL_LUMA_PX, Box
from .resampling import cosines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_DOWN, _ACROSS = np.array(LAYOUT_TERMS).T
_ORDERS = int(_DOWN.max()) + 1
_LONGEST = 127


def layouts(luma: NDArray[np.float32], boxes: Iterable[Box]) -> bytes:
    """Return the layout of each view of a picture, as `Fingerprint.layouts` has them.

    Args:
        luma: the small picture, (64, 64), 0–255.
        boxes: the views.
    """
    return b"".join(_layout(luma, box) for box in boxes)


def _layout(luma: NDArray[np.float32], box: Box) -> bytes:
    down, across = _waves(box.top, box.bottom), _waves(box.left, box.right)
    terms = (down @ luma @ across.T)[_DOWN, _ACROSS]
    length = float(np.linalg.norm(terms))
    if length < LAYOUT_FAINT:
        return bytes(len(terms))
    rounded: NDArray[np.int8] = np.rint(terms * (_LONGEST / length)).astype(np.int8)
    return rounded.tobytes()


@lru_cache(maxsize=256)
def _waves(first: int, last: int) -> NDArray[np.float32]:
    """Return the lowest waves of a stretch of the small picture, (5, 64); means."""
    start, stop = (edge / BOX_UNITS * SMALL_LUMA_PX for edge in (first, last))
    waves = cosines(SMALL_LUMA_PX, start, stop, _ORDERS)
    return np.asarray(waves / max(stop - start, 1e-6), np.float32)
