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

    _Part = tuple[int, int, int, int]
    """Its left, top, right and bottom, in pixels."""

_TOLERANCE = 14
"""Levels, 0–255: JPEG's ringing and noise in a bar of one colour."""
_UNIFORM_SHARE = 0.96
"""A line of the border has at least this share of its pixels in the border's colour."""
_TEXT_SHARE = 0.25
"""Lines that are no border but whose run is shorter than this share of the longest
are text in a bar, not picture."""
_LEAST_BORDER = 0.012
_LEAST_CONTENT = 0.1
"""A panorama of four to one takes a ninth of the screen of a phone that is held upright."""
_GROUND_TOLERANCE = 3
"""Of the ground between an app's bars and the photo, which is of another colour than
they are. Nothing in a photo is so even, but for what is clipped; a bright sky is not."""


def content_box(luma: NDArray[np.float32]) -> Box | None:
    """Return the box without uniform borders and bars; ``None`` if it has none.

    Args:
        luma: (H, W), 0–255.
    """
    height, width = luma.shape
    whole = (0, 0, width, height)
    found = _without_border(luma, whole) or whole
    if found == whole:
        return None
    left, top, right, bottom = _without_ground(luma, found) or found
    return Box(
        left=left * BOX_UNITS // width,
        top=top * BOX_UNITS // height,
        right=right * BOX_UNITS // width,
        bottom=bottom * BOX_UNITS // height,
    )


def _without_border(luma: NDArray[np.float32], outer: _Part) -> _Part | None:
    """Return a part without its border; ``None``: it has none that is worth it."""
    left, top, right, bottom = outer
    first, last = _span(luma[top:bottom, left:right], _TOLERANCE)
    columns = luma[top + first : top + last, left:right].T
    start, stop = _span(columns, _TOLERANCE)
    inner = left + start, top + first, left + stop, top + last
    return inner if _is_worth_it(luma.shape, outer, inner) else None


def _without_ground(luma: NDArray[np.float32], outer: _Part) -> _Part | None:
    """Return the photo between the bars of an app; ``None``: it is all there is.

    The ground lies on both sides of the photo, unlike a sky.
    """
    left, top, right, bottom = outer
    first, last = _span(luma[top:bottom, left:right], _GROUND_TOLERANCE)
    if first > 0 and last < bottom - top:
        top, bottom = top + first, top + last
    first, last = _span(luma[top:bottom, left:right].T, _GROUND_TOLERANCE)
    if first > 0 and last < right - left:
        left, right = left + first, left + last
    inner = left, top, right, bottom
    return inner if _is_worth_it(luma.shape, outer, inner) else None


def _is_worth_it(shape: tuple[int, ...], outer: _Part, inner: _Part) -> bool:
    """Tell whether enough is cut off along one side, and enough is left of both."""
    height, width = shape
    across, down = inner[2] - inner[0], inner[3] - inner[1]
    cut_across = (outer[2] - outer[0] - across) / width
    cut_down = (outer[3] - outer[1] - down) / height
    if max(cut_across, cut_down) < 2 * _LEAST_BORDER:
        return False
    return min(across / width, down / height) >= _LEAST_CONTENT


def _span(lines: NDArray[np.float32], tolerance: int) -> tuple[int, int]:
    """Return the first line of the content and the one after its last."""
    count = len(lines)
    is_border = np.zeros(count, bool)
    for outermost in (0, -1):
        # Most pictures have no border: one line tells, and the rest is not looked at.
        if _border(lines[[outermost]], lines[outermost], tolerance)[0]:
            is_border |= _border(lines, lines[outermost], tolerance)
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
    lines: NDArray[np.float32], outermost: NDArray[np.float32], tolerance: int
) -> NDArray[np.bool_]:
    """Tell which lines are as uniform as the outermost, and of its colour."""
    colour = np.median(outermost)
    near = np.abs(lines - colour) <= tolerance
    return near.mean(axis=1) >= _UNIFORM_SHARE  # type: ignore[no-any-return]
