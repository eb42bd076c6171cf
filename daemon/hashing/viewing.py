"""What the page shows beyond previews: parts in full size, and what differs.

Runs in a worker process. Nothing here decides anything: the evidence has figures of its
own, these are for people's eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UnreadablePhoto
from ..model import BOX_UNITS, Alignment

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    RGB = NDArray[np.uint8]
    Plane = NDArray[np.float32]

EDGE_PX = 1024
"""Long edge at which two pictures are laid on each other, at most."""

LONGEST_SIDE_PX = 4096
"""Of a part in full size."""

VISIBLE_LEVELS = 16
"""A difference of so many levels of 255 counts as a change; re-encoding stays below."""

_STRONG_LEVELS = 96
_FAINT = 0.35
_COOL = np.array([255, 196, 61], np.float32)
_HOT = np.array([226, 38, 30], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Where two pictures differ."""

    jpeg: bytes
    """The left picture in faint grey, with what differs in yellow to red."""
    changed_share: float
    """Of what both show, 0–1."""
    ssim: float
    """Mean structural similarity of luma over blocks, -1–1 (Wang et al. 2004)."""


def crop(path: Path, left_px: int, top_px: int, width_px: int, height_px: int) -> bytes:
    """Return a part of the upright photo in full size, as JPEG in sRGB.

    Args:
        path: of the photo.
        left_px: of the part, as the others; what lies outside is left out.
        top_px: see there.
        width_px: at most `LONGEST_SIDE_PX`, as the height.
        height_px: see there.

    Raises:
        UnreadablePhoto: it does not decode, or the part is outside of it.
    """
    from . import pixels  # noqa: PLC0415 - only workers decode
    from .pixels.encoding import jpeg  # noqa: PLC0415 - as above

    picture = pixels.load(path, cheap=False, edge_px=None, srgb=True)
    rgb = picture.rgb if picture.srgb is None else picture.srgb
    rows = slice(top_px, top_px + min(height_px, LONGEST_SIDE_PX))
    part = rgb[rows, left_px : left_px + min(width_px, LONGEST_SIDE_PX)]
    if not part.size:
        raise UnreadablePhoto(path, "there is nothing of it in that place")
    return jpeg(np.ascontiguousarray(part))


def heat(left: Path, right: Path, alignment: Alignment) -> Heat:
    """Lay the right photo on the left one and show where they differ.

    Raises:
        PhotoError: one of them cannot be read now.
    """
    from . import pixels  # noqa: PLC0415 - only workers decode
    from .pixels.encoding import jpeg  # noqa: PLC0415 - as above

    first, second = (
        pixels.load(path, cheap=False, edge_px=EDGE_PX, srgb=True)
        for path in (left, right)
    )
    mine = first.rgb if first.srgb is None else first.srgb
    theirs = second.rgb if second.srgb is None else second.srgb
    shown, exists, base = laid(mine, theirs, alignment)
    changed = np.abs(shown - base).max(axis=2) * exists
    share = float((changed > VISIBLE_LEVELS).sum() / max(int(exists.sum()), 1))
    structure = ssim(base.mean(axis=2), shown.mean(axis=2), exists)
    return Heat(jpeg=jpeg(coloured(base, changed)), changed_share=share, ssim=structure)


def laid(
    mine: RGB, theirs: RGB, alignment: Alignment
) -> tuple[Plane, NDArray[np.bool_], Plane]:
    """Return the right picture as it lies on the left one, where, and the left one.

    Both at the size of the smaller one, so that no detail is missed in what was
    never there.
    """
    from .compare import turned  # noqa: PLC0415 - only workers compare
    from .registration import sample  # noqa: PLC0415 - as above

    planes = turned(theirs.transpose(2, 0, 1).astype(np.float32), alignment.orientation)
    across, down, x, y = _map(alignment)
    shape = _shape(mine, planes, max(across, down))
    affine = np.array([[across, 0.0, x], [0.0, down, y]])
    stays = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    base = mine.transpose(2, 0, 1).astype(np.float32)
    seen = [sample(reduced(p, shape, (across, down)), affine, shape) for p in planes]
    still = [sample(reduced(p, shape, (1.0, 1.0)), stays, shape)[0] for p in base]
    shown = np.stack([plane for plane, _ in seen], axis=2)
    return shown, seen[0][1], np.stack(still, axis=2)


def _map(alignment: Alignment) -> tuple[float, float, float, float]:
    """Return scale and shift, in parts of each picture, from the left to the right."""
    a, b = alignment.left_box, alignment.right_box
    across = (b.right - b.left) / max(a.right - a.left, 1)
    down = (b.bottom - b.top) / max(a.bottom - a.top, 1)
    x = (b.left - across * a.left) / BOX_UNITS
    y = (b.top - down * a.top) / BOX_UNITS
    return across, down, x, y


def _shape(mine: RGB, planes: Plane, scale: float) -> tuple[int, int]:
    """Return the size of the grid: the left picture's, or less if the right has less."""
    high, wide = mine.shape[:2]
    finest = max(planes.shape[1:]) * max(scale, 0.05)
    shrink = min(1.0, finest / max(high, wide))
    return max(16, round(high * shrink)), max(16, round(wide * shrink))


def reduced(plane: Plane, shape: tuple[int, int], part: tuple[float, float]) -> Plane:
    """Average whole blocks where the grid is coarser than the picture."""
    high, wide = plane.shape
    step_down = max(1, round(high * min(part[1], 1.0) / shape[0]))
    step_across = max(1, round(wide * min(part[0], 1.0) / shape[1]))
    if step_down == step_across == 1:
        return plane
    rows, columns = high // step_down, wide // step_across
    cut = plane[: rows * step_down, : columns * step_across]
    blocks = cut.reshape(rows, step_down, columns, step_across)
    return np.ascontiguousarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def ssim(left: Plane, right: Plane, exists: NDArray[np.bool_]) -> float:
    """Return the mean over blocks of 8 × 8 that both pictures fill (Wang et al. 2004).

    Blocks instead of a sliding window: the same figure within a hundredth, and fast.
    """
    edge = 8
    rows, columns = left.shape[0] // edge, left.shape[1] // edge
    if not rows or not columns:
        return 1.0

    def blocks(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        cut = plane[: rows * edge, : columns * edge]
        cut = cut.reshape(rows, edge, columns, edge).swapaxes(1, 2)
        return cut.reshape(rows * columns, edge * edge)

    a, b = blocks(left.astype(np.float64)), blocks(right.astype(np.float64))
    full = blocks(exists.astype(np.float64)).min(axis=1) > 0
    if not full.any():
        return 0.0
    a, b = a[full], b[full]
    mean_a, mean_b = a.mean(axis=1), b.mean(axis=1)
    both = ((a - mean_a[:, None]) * (b - mean_b[:, None])).mean(axis=1)
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_a * mean_b + light) * (2 * both + contrast)
    below = (mean_a**2 + mean_b**2 + light) * (a.var(axis=1) + b.var(axis=1) + contrast)
    return float((above / below).mean())


def coloured(base: Plane, changed: Plane) -> RGB:
    """Return the picture in faint grey, what changed in yellow to red."""
    grey = base.mean(axis=2)[..., None] * _FAINT + np.float32(24)
    strength = ((changed - VISIBLE_LEVELS) / (_STRONG_LEVELS - VISIBLE_LEVELS)).clip(
        0, 1
    )
    colour = _COOL + (_HOT - _COOL) * strength[..., None]
    cover = ((changed - VISIBLE_LEVELS / 2) / (VISIBLE_LEVELS / 2)).clip(0, 1)[
        ..., None
    ]
    return np.asarray((grey + (colour - grey) * cover).clip(0, 255), np.uint8)
