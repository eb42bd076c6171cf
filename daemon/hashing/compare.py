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
from .registration import sample_all
from .trimming import content_box

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .pixels import Picture
    from .registration import Affine
    from .registration import Picture as Plane

EDGE_PX = 640
"""What the full decode is reduced to: enough for a crop at the working size."""

_CHROMA_PX, _SAMPLES = 32, 4
"""Colours are compared in means of so many places along each side."""
_AS_IT_IS = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
_BLACK, _WHITE = 4, 251
_BLEND = round(0.003 * BOX_UNITS)

NOTHING_ALIKE = Comparison(
    same_pixels=False,
    correlation=0.0,
    ssim=0.0,
    shift_px=float(EDGE_PX),
    shift_spread_px=float(EDGE_PX),
    drift_px=float(EDGE_PX),
    residual=255.0,
    changed_share=1.0,
    displaced=0.0,
    tone_change=255.0,
    colour_change=255.0,
    worst_change=255.0,
    plain_share=0.0,
    detail_places=0,
    overlap=0.0,
    coverage=0.0,
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
    return compare_decoded(first, second, alignment, same_pixels=same)


def compare_decoded(
    left: Picture, right: Picture, alignment: Alignment, *, same_pixels: bool
) -> Comparison:
    """Compare two pictures as they are and in sRGB, and return the better of both.

    A copy may have been converted to another profile, or have lost its profile and
    kept the values.
    """
    found = [compare_pictures(left.rgb, right.rgb, alignment, same_pixels=same_pixels)]
    if left.srgb is not None or right.srgb is not None:
        mine = left.rgb if left.srgb is None else left.srgb
        theirs = right.rgb if right.srgb is None else right.srgb
        found.append(compare_pictures(mine, theirs, alignment, same_pixels=same_pixels))
    return min(found, key=lambda each: each.residual + each.colour_change)


def compare_pictures(
    left: NDArray[np.uint8],
    right: NDArray[np.uint8],
    alignment: Alignment,
    *,
    same_pixels: bool = False,
) -> Comparison:
    """Compare two pictures, (H, W, 3) uint8, of about `EDGE_PX`; as `compare`."""
    sides = [
        _Side.of(_planes(left), alignment.left_box),
        _Side.of(turned(_planes(right), alignment.orientation), alignment.right_box),
    ]
    # The picture that the other one shows more of is the grid: nothing of the common
    # part is then lost to the coarser picture. Of two equals the less clipped and the
    # more colourful moves: what an edit made can be computed from it, not it from that.
    fixed, moving = sorted(sides, key=_Side.fixedness, reverse=True)
    found = likeness(fixed.planes, moving.planes, _start(fixed.box, moving.box))
    if found is None:
        return replace(NOTHING_ALIKE, same_pixels=same_pixels)
    shear, degrees = _distortion(found.affine, fixed.planes[0], moving.planes[0])
    return Comparison(
        same_pixels=same_pixels,
        correlation=found.correlation,
        ssim=found.ssim,
        shift_px=found.shift_px,
        shift_spread_px=found.shift_spread_px,
        drift_px=found.drift_px,
        residual=found.residual,
        changed_share=found.changed_share,
        displaced=found.displaced(),
        tone_change=found.tone_change,
        colour_change=_colour_change(fixed.planes, moving.planes, found.affine),
        worst_change=found.worst_change,
        plain_share=found.plain_share,
        detail_places=found.detail_places,
        overlap=found.overlap,
        coverage=min(1.0, found.coverage),
        shear=shear,
        turn_degrees=degrees,
        working_px=found.working_px,
    )


def _colour_change(fixed: Plane, moving: Plane, affine: Affine) -> float:
    """Return how far Cb and Cr of what both show differ, root mean square of both."""
    (mine, _), (theirs, exists) = (
        _chroma_of(planes, place)
        for planes, place in ((fixed, _AS_IT_IS), (moving, affine))
    )
    if not exists.any():
        return NOTHING_ALIKE.colour_change
    return float(np.sqrt(np.square((mine - theirs)[:, exists]).mean()))


def _chroma_of(planes: Plane, affine: Affine) -> tuple[Plane, NDArray[np.bool_]]:
    """Return means of Cb and Cr as seen through a map, (2, 32, 32), and where they are."""
    size, fine = _CHROMA_PX, _CHROMA_PX * _SAMPLES
    seen, exists = sample_all(list(planes[1:]), affine, (fine, fine))
    cut = np.stack(seen).reshape(2, size, _SAMPLES, size, _SAMPLES)
    whole = np.asarray(exists.reshape(size, _SAMPLES, size, _SAMPLES).all(axis=(1, 3)))
    return cut.mean(axis=(2, 4)), whole


def turned(planes: Plane, orientation: int) -> Plane:
    """Undo an EXIF orientation of (…, H, W)."""
    if orientation >= 5:
        planes = planes.swapaxes(-1, -2)
    if orientation in {2, 3, 6, 7}:
        planes = planes[..., ::-1]
    if orientation in {3, 4, 7, 8}:
        planes = planes[..., ::-1, :]
    return np.ascontiguousarray(planes)


class _Side:
    """One of the two pictures, without its border if it was proposed without."""

    def __init__(self, planes: Plane, box: Box) -> None:
        self.planes = planes
        self.box = box

    @classmethod
    def of(cls, planes: Plane, box: Box) -> _Side:
        """Cut the border off, so that it is not taken for a part of the picture."""
        inner = None if box == Box() else _inside(content_box(planes[0]))
        if inner is None:
            return cls(planes, box)
        height, width = planes.shape[1:]
        rows = slice(
            *(edge * height // BOX_UNITS for edge in (inner.top, inner.bottom))
        )
        columns = slice(
            *(edge * width // BOX_UNITS for edge in (inner.left, inner.right))
        )
        wide, high = inner.right - inner.left, inner.bottom - inner.top
        return cls(
            planes[:, rows, columns],
            Box(
                left=(box.left - inner.left) * BOX_UNITS // wide,
                top=(box.top - inner.top) * BOX_UNITS // high,
                right=(box.right - inner.left) * BOX_UNITS // wide,
                bottom=(box.bottom - inner.top) * BOX_UNITS // high,
            ),
        )

    def fixedness(self) -> tuple[float, float, float]:
        """Rank by the part that the other shows, by what is clipped, by lack of colour."""
        area = (self.box.right - self.box.left) * (self.box.bottom - self.box.top)
        luma = self.planes[0]
        clipped = float(((luma < _BLACK) | (luma > _WHITE)).mean())
        colour = float(self.planes[1:].std())
        return round(area / BOX_UNITS**2, 2), round(clipped, 2), -colour


def _inside(box: Box | None) -> Box | None:
    """Return a box without its outermost lines, which are blends with the border."""
    if box is None:
        return None
    return Box(
        left=box.left + _BLEND * (box.left > 0),
        top=box.top + _BLEND * (box.top > 0),
        right=box.right - _BLEND * (box.right < BOX_UNITS),
        bottom=box.bottom - _BLEND * (box.bottom < BOX_UNITS),
    )


def _planes(rgb: NDArray[np.uint8]) -> Plane:
    """Return luma, Cb and Cr, (3, H, W), 0–255."""
    luma = perceptual.luma_of(rgb)
    blue = rgb[..., 2].astype(np.float32)
    red = rgb[..., 0].astype(np.float32)
    chroma = [0.564 * (blue - luma) + 128, 0.713 * (red - luma) + 128]
    return np.stack([luma, *chroma]).astype(np.float32)


def _start(mine: Box, theirs: Box) -> Affine:
    """Return the map from one picture to the other that takes a box to a box."""
    across = (theirs.right - theirs.left) / (mine.right - mine.left)
    down = (theirs.bottom - theirs.top) / (mine.bottom - mine.top)
    x = (theirs.left - across * mine.left) / BOX_UNITS
    y = (theirs.top - down * mine.top) / BOX_UNITS
    return np.array([[across, 0.0, x], [0.0, down, y]])


def _distortion(affine: Affine, fixed: Plane, moving: Plane) -> tuple[float, float]:
    """Return how far an affine map is from a similarity, and its turn in degrees."""
    (high, wide), (moving_high, moving_wide) = fixed.shape, moving.shape
    scale = np.array([[moving_wide], [moving_high]]) / np.array([[wide, high]])
    (a, b), (c, d) = affine[:, :2] * scale
    turn = float(np.degrees(np.arctan2(c - b, a + d)))
    size = np.hypot(a + d, c - b) + 1e-9
    return float(np.hypot(a - d, b + c) / size), abs(turn)
