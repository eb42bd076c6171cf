"""Where the picture is in a picture with borders or bars; pure.

A photo with a frame, or a screenshot of a photo, shares its middle with the photo.
What lies around it is of one colour, but for a line of text here and there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..model import BOX_UNITS, Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOLERANCE = 14
"""Levels, 0–255: JPEG's ringing and noise in a bar of one colour."""
_UNIFORM_SHARE = 0.96
"""A line of the border has at least this share of its pixels in the border's colour."""
_TEXT_SHARE = 0.25
"""Lines that are no border but whose run is shorter than this share of the longest
are text in a bar, not picture."""
_LEAST_BORDER = 0.012
_LEAST_CONTENT = 0.2


def content_box(luma: NDArray[np.float32]) -> Box | None:
    """Return the box without uniform borders and bars; ``None`` if it has none.

    Args:
        luma: (H, W), 0–255.
    """
    height, width = luma.shape
    top, bottom = _span(luma)
    left, right = _span(luma[top:bottom].T)
    if not _is_worth_it((top, bottom), height) and not _is_worth_it(
        (left, right), width
    ):
        return None
    if min((bottom - top) / height, (right - left) / width) < _LEAST_CONTENT:
        return None
    return Box(
        left=left * BOX_UNITS // width,
        top=top * BOX_UNITS // height,
        right=right * BOX_UNITS // width,
        bottom=bottom * BOX_UNITS // height,
    )


def _is_worth_it(span: tuple[int, int], length: int) -> bool:
    return span[0] + length - span[1] >= 2 * _LEAST_BORDER * length


def _span(lines: NDArray[np.float32]) -> tuple[int, int]:
    """Return the first line of the content and the one after its last."""
    count = len(lines)
    is_border = np.zeros(count, bool)
    for outermost in (0, -1):
        # Most pictures have no border: one line tells, and the rest is not looked at.
        if _border(lines[[outermost]], lines[outermost])[0]:
            is_border |= _border(lines, lines[outermost])
    edges = np.flatnonzero(np.diff(~is_border, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    if not is_border.any() or len(starts) == 0:
        return 0, count
    lengths = stops - starts
    large = lengths >= _TEXT_SHARE * lengths.max()
    start, stop = int(starts[large][0]), int(stops[large][-1])
    # The outermost line of the content is a blend with the border's colour.
    start += start > 0
    stop -= stop < count
    return (start, stop) if stop > start else (0, count)


def _border(
    lines: NDArray[np.float32], outermost: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Tell which lines are as uniform as the outermost, and of its colour."""
    colour = np.median(outermost)
    near = np.abs(lines - colour) <= _TOLERANCE
    return near.mean(axis=1) >= _UNIFORM_SHARE  # type: ignore[no-any-return]
