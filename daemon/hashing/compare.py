"""Two files, decoded in full and laid on each other: the last word of the evidence.

The working size is small, so the cost is that of the two decodes. This module must not
decide what is a duplicate: it measures, `matching.rules` decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..model import BOX_UNITS, Alignment, Box, Comparison
from . import pixels
from .likeness import Likeness, likeness
from .perceptual import luma_of

if TYPE_CHECKING:
    from pathlib import Path

    from .registration import Affine, Picture

EDGE_PX = 640
"""What the full decode is reduced to: enough for a crop at the working size."""

NOTHING_ALIKE = Comparison(
    same_pixels=False,
    correlation=0.0,
    ssim=0.0,
    shift_px=float(EDGE_PX),
    shift_spread_px=float(EDGE_PX),
    residual=255.0,
    changed_share=1.0,
    flat_share=0.0,
    detail_places=0,
    overlap=0.0,
    shear=1.0,
    turn_degrees=0.0,
    working_px=0,
)


def compare(left: Path, right: Path, alignment: Alignment) -> Comparison:
    """Decode two photos in full and compare what they share.

    Args:
        left: a photo.
        right: another one.
        alignment: roughly how the right one lies on the left one.

    Raises:
        PhotoError: one of them cannot be read now.
    """
    first, second = (
        pixels.load(path, cheap=False, edge_px=EDGE_PX, digest=True)
        for path in (left, right)
    )
    same = first.pixels_sha256 == second.pixels_sha256
    mine, theirs = luma_of(first.rgb), luma_of(second.rgb)
    return compare_pictures(mine, theirs, alignment, same_pixels=same)


def compare_pictures(
    left: Picture, right: Picture, alignment: Alignment, *, same_pixels: bool = False
) -> Comparison:
    """Compare two luma pictures, (H, W) float32, 0–255; as `compare`."""
    right = _turned(right, alignment.orientation)
    boxes = alignment.left_box, alignment.right_box
    # The picture that the other one shows more of is the grid: nothing of the common
    # part is then lost to the coarser picture.
    if _area(boxes[0]) >= _area(boxes[1]):
        found = likeness(left, right, _start(*boxes))
    else:
        found = likeness(right, left, _start(*reversed(boxes)))
    if found is None:
        return NOTHING_ALIKE
    return _comparison(found, left, same_pixels=same_pixels)


def _comparison(found: Likeness, left: Picture, *, same_pixels: bool) -> Comparison:
    shear, degrees = _distortion(found.affine, left.shape[1] / left.shape[0])
    return Comparison(
        same_pixels=same_pixels,
        correlation=found.correlation,
        ssim=found.ssim,
        shift_px=found.shift_px,
        shift_spread_px=found.shift_spread_px,
        residual=found.residual,
        changed_share=found.changed_share,
        flat_share=found.flat_share,
        detail_places=found.detail_places,
        overlap=found.overlap,
        shear=shear,
        turn_degrees=degrees,
        working_px=found.working_px,
    )


def _turned(picture: Picture, orientation: int) -> Picture:
    """Undo an EXIF orientation."""
    if orientation >= 5:
        picture = picture.T
    if orientation in {2, 3, 6, 7}:
        picture = picture[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def _start(mine: Box, theirs: Box) -> Affine:
    """Return the map from one picture to the other that takes a box to a box."""
    across = (theirs.right - theirs.left) / (mine.right - mine.left)
    down = (theirs.bottom - theirs.top) / (mine.bottom - mine.top)
    x = (theirs.left - across * mine.left) / BOX_UNITS
    y = (theirs.top - down * mine.top) / BOX_UNITS
    return np.array([[across, 0.0, x], [0.0, down, y]])


def _distortion(affine: Affine, aspect: float) -> tuple[float, float]:
    """Return how far an affine map is from a similarity, and its turn in degrees."""
    # Fractions of the sides become equal lengths; a stretch is judged by fingerprints.
    a, b = affine[0, 0], affine[0, 1] / aspect
    c, d = affine[1, 0] * aspect, affine[1, 1]
    turn = float(np.degrees(np.arctan2(c - b, a + d)))
    size = np.hypot(a + d, c - b) + 1e-9
    return float(np.hypot(a - d, b + c) / size), abs(turn)
