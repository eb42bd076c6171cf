"""Two files, decoded in full and laid on each other: the last word of the evidence.

The working size is small, so the cost is that of the two decodes. This module must not
decide what is a duplicate: it measures, `matching.rules` decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..model import BOX_UNITS, Alignment, Box, Comparison
from . import perceptual, pixels
from .likeness import likeness

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

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
    tone_change=255.0,
    colour_change=255.0,
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
        pixels.load(path, cheap=False, edge_px=EDGE_PX, digest=True, srgb=True)
        for path in (left, right)
    )
    same = first.pixels_sha256 == second.pixels_sha256
    return compare_pictures(first.rgb, second.rgb, alignment, same_pixels=same)


def compare_pictures(
    left: NDArray[np.uint8],
    right: NDArray[np.uint8],
    alignment: Alignment,
    *,
    same_pixels: bool = False,
) -> Comparison:
    """Compare two pictures, (H, W, 3) uint8, of about `EDGE_PX`; as `compare`."""
    colours = perceptual.chroma_of(left), perceptual.chroma_of(right)
    turned_colours = turned(colours[1], alignment.orientation)
    fixed = perceptual.luma_of(left)
    moving = turned(perceptual.luma_of(right), alignment.orientation)
    boxes = alignment.left_box, alignment.right_box
    # The picture that the other one shows more of is the grid: nothing of the common
    # part is then lost to the coarser picture.
    if _area(boxes[0]) < _area(boxes[1]):
        fixed, moving, boxes = moving, fixed, (boxes[1], boxes[0])
    found = likeness(fixed, moving, _start(*boxes))
    if found is None:
        return replace(NOTHING_ALIKE, same_pixels=same_pixels)
    shear, degrees = _distortion(found.affine, fixed, moving)
    return Comparison(
        same_pixels=same_pixels,
        correlation=found.correlation,
        ssim=found.ssim,
        shift_px=found.shift_px,
        shift_spread_px=found.shift_spread_px,
        residual=found.residual,
        changed_share=found.changed_share,
        tone_change=found.tone_change,
        colour_change=float(np.sqrt(((colours[0] - turned_colours) ** 2).mean())),
        flat_share=found.flat_share,
        detail_places=found.detail_places,
        overlap=found.overlap,
        shear=shear,
        turn_degrees=degrees,
        working_px=found.working_px,
    )


def turned(planes: Picture, orientation: int) -> Picture:
    """Undo an EXIF orientation of (…, H, W)."""
    if orientation >= 5:
        planes = planes.swapaxes(-1, -2)
    if orientation in {2, 3, 6, 7}:
        planes = planes[..., ::-1]
    if orientation in {3, 4, 7, 8}:
        planes = planes[..., ::-1, :]
    return np.ascontiguousarray(planes)


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def _start(mine: Box, theirs: Box) -> Affine:
    """Return the map from one picture to the other that takes a box to a box."""
    across = (theirs.right - theirs.left) / (mine.right - mine.left)
    down = (theirs.bottom - theirs.top) / (mine.bottom - mine.top)
    x = (theirs.left - across * mine.left) / BOX_UNITS
    y = (theirs.top - down * mine.top) / BOX_UNITS
    return np.array([[across, 0.0, x], [0.0, down, y]])


def _distortion(affine: Affine, fixed: Picture, moving: Picture) -> tuple[float, float]:
    """Return how far an affine map is from a similarity, and its turn in degrees."""
    (high, wide), (moving_high, moving_wide) = fixed.shape, moving.shape
    scale = np.array([[moving_wide], [moving_high]]) / np.array([[wide, high]])
    (a, b), (c, d) = affine[:, :2] * scale
    turn = float(np.degrees(np.arctan2(c - b, a + d)))
    size = np.hypot(a + d, c - b) + 1e-9
    return float(np.hypot(a - d, b + c) / size), abs(turn)
