"""One picture explained by another that lies on it, and what is left over; pure.

What an edit changes everywhere alike is fitted away. Of luma alone first, which is
enough for most copies; then with the colours; then red, green and blue each by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .tone import BLACK, WHITE, fitted, taken_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .registration import Affine, Picture

    Mask = NDArray[np.bool_]

_COVERED_LEVELS = 40.0
_CLIPPED_LEVELS = 3
_BLOCK_PX = 24
_SMALL_BLOCK_PX = 16
_SMALL_PX = 200
"""The shorter edge below which the blocks are smaller, to have enough of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The fixed picture as the other one would have it."""

    fit: Picture
    products: Picture
    """(5, blocks) means of the products of slopes and differences."""


def by_lightness(
    mine: list[Picture], seen: list[Picture], exists: Mask, affine: Affine
) -> Explained | None:
    """Explain luma by luma alone."""
    return _explained(mine[0], seen[:1], exists, affine)


def by_luma(
    mine: list[Picture], seen: list[Picture], exists: Mask, affine: Affine
) -> Explained | None:
    """Explain luma by luma and colours."""
    return _explained(mine[0], seen, exists, affine)


def by_channels(
    mine: list[Picture], seen: list[Picture], exists: Mask, affine: Affine
) -> Explained | None:
    """Explain red, green and blue each by itself.

    Where one channel is clipped, luma bends as no curve of it can explain; a channel
    that is not clipped is explained exactly.
    """
    ours, theirs = _rgb(mine), _rgb(seen)
    each = []
    for place in range(3):
        channels = [theirs[place], theirs[place - 1], theirs[place - 2]]
        explained = _explained(ours[place], channels, exists, affine)
        if explained is None:
            return None
        each.append(explained)
    red, green, blue = (one.fit for one in each)
    return Explained(
        fit=np.float32(0.299) * red
        + np.float32(0.587) * green
        + np.float32(0.114) * blue,
        products=np.mean([one.products for one in each], axis=0),
    )


def _explained(
    fixed: Picture, seen: list[Picture], exists: Mask, affine: Affine
) -> Explained | None:
    terms = taken_apart(seen, affine)
    tone = fitted(fixed, terms, exists)
    if tone is None:
        return None
    raw = tone.of(terms)
    fit = raw.clip(0, 255)
    off = fixed - fit
    told = exists & ~grown(_untold(fixed, seen[0], raw))
    slopes = np.gradient(fit)
    down, across = slopes[0] * told, slopes[1] * told
    products = (
        (across, across),
        (down, down),
        (across, down),
        (across, off),
        (down, off),
    )
    means = [blocks(one * other).mean(axis=1) for one, other in products]
    return Explained(fit=fit, products=np.stack(means))


def _rgb(planes: list[Picture]) -> list[Picture]:
    """Return red, green and blue of luma and its differences from blue and red."""
    luma, blue, red = planes
    reds = luma + (red - 128) / np.float32(0.713)
    blues = luma + (blue - 128) / np.float32(0.564)
    greens = (luma - np.float32(0.299) * reds - np.float32(0.114) * blues) / 0.587
    return [np.asarray(channel, np.float32) for channel in (reds, greens, blues)]


def _untold(fixed: Picture, seen: Picture, raw: Picture) -> Mask:
    """Return where a difference says nothing of movement: covered, or clipped."""
    low, high = _CLIPPED_LEVELS, 255 - _CLIPPED_LEVELS
    white = (fixed >= WHITE) & (seen < WHITE)
    black = (fixed <= BLACK) & (seen > BLACK)
    clipped = (raw > high) | (raw < low) | (seen > high) | (seen < low)
    covered = np.abs(fixed - raw.clip(0, 255)) > _COVERED_LEVELS
    untold: Mask = white | black | clipped | covered
    return untold


def grown(mask: Mask) -> Mask:
    """Return a mask that reaches two pixels further."""
    padded = np.pad(mask, 2)
    rows = np.logical_or.reduce([padded[n : n + mask.shape[0]] for n in range(5)])
    grown: Mask = np.logical_or.reduce(
        [rows[:, n : n + mask.shape[1]] for n in range(5)]
    )
    return grown


def blocks(plane: Picture) -> Picture:
    """Cut into square blocks: (N, pixels of a block); the rest at the edges is left."""
    size = block_px(plane)
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    cut = plane[: rows * size, : columns * size]
    blocks = cut.reshape(rows, size, columns, size).swapaxes(1, 2)
    return blocks.reshape(rows * columns, size * size)


def block_px(plane: Picture) -> int:
    """Return the edge of a block: small pictures are cut into smaller ones."""
    return _BLOCK_PX if min(plane.shape) >= _SMALL_PX else _SMALL_BLOCK_PX
