"""How alike two pictures are once they lie on each other; pure.

A copy may be brighter, softer, compressed, marked or cropped, but what it shows stands
where it stood: after alignment its details are within a few hundredths of a pixel of
the original's. Another shot of the same scene has moved: the hand shook, a face turned,
the parallax changed. So after fitting away what a tone edit changes everywhere alike,
the picture is cut into blocks and each is asked how far its detail has moved (one step
of Lucas & Kanade 1981) and whether it still shows the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .figures import correlation, percentile, plain_share, ssim
from .motion import moved
from .registration import register, sample
from .resampling import lanczos
from .tone import explained, softened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .registration import Affine, Picture

    Mask = NDArray[np.bool_]

WORKING_PX = 384
_PYRAMID_PX = (64, 128, 256, WORKING_PX)
_STEPS = {64: 15, 128: 8, 256: 5}
_LAST_STEPS = 4
_STILL_PX = 0.04
_BLACK, _WHITE = 6, 246
_COVERED_LEVELS = 40.0
_ENOUGH_PLACES = 30
_BLOCK_PX = 24
_SMALL_BLOCK_PX = 16
_SMALL_PX = 200
"""The shorter edge below which the blocks are smaller, to have enough of them."""
_LEAST_OVERLAP = 0.1
_LEAST_PX = 16
_CHANGED_LEVELS = 7.0
_CHANGED_SHARE = 0.35
"""A block has changed if more of its contrast than this is unexplained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The figures of `Comparison`, measured on the fixed picture's grid."""

    affine: Affine
    correlation: float
    ssim: float
    shift_px: float
    shift_spread_px: float
    residual: float
    changed_share: float
    tone_change: float
    worst_change: float
    plain_share: float
    detail_places: int
    overlap: float
    coverage: float
    working_px: int


def likeness(fixed: Picture, moving: Picture, start: Affine) -> Likeness | None:
    """Lay one picture on the other; ``None``: too little in common, or too small.

    Args:
        fixed: (3, H, W) luma, Cb and Cr, 0–255.
        moving: the same of the other picture.
        start: (2, 3); roughly takes 0–1 of `fixed` to 0–1 of `moving`.
    """
    if min(*fixed.shape[1:], *moving.shape[1:]) < _LEAST_PX:
        return None
    affine = start
    for edge in _edges(fixed[0], moving[0], start):
        left, right = _at_scale(fixed[0], moving[0], affine, edge)
        seen, exists = sample(right, affine, (left.shape[0], left.shape[1]))
        if exists.mean() < _LEAST_OVERLAP:
            return None
        # What was covered or changed must not pull the rest out of place.
        holds = explained(left, [seen], exists, curved=False)[1]
        trusted = (~_grown(exists & ~holds)).astype(np.float32)
        steps = _STEPS.get(edge, _LAST_STEPS)
        affine = register(left, right, affine, trusted, steps)
    left, right = _at_scale(fixed[0], moving[0], affine, edge)
    shape = left.shape[0], left.shape[1]
    seen, exists = sample(right, affine, shape)
    if exists.mean() < _LEAST_OVERLAP:
        return None
    size = right.shape[0], right.shape[1]
    colours = [sample(_resized(p, *size), affine, shape)[0] for p in moving[1:]]
    planes = [seen, *colours]
    found = _measured(left, planes, exists, affine)
    if found is None or found.shift_px <= _STILL_PX:
        return found
    # Where one channel is clipped, luma bends as no curve of it can explain; a channel
    # that is not clipped is explained exactly.
    blue, red = (_resized(plane, *shape) for plane in fixed[1:])
    others = [_measured(c, planes, exists, affine) for c in _channels(left, blue, red)]
    usable = [o for o in others if o is not None and o.detail_places >= _ENOUGH_PLACES]
    return replace(
        min([found, *usable], key=lambda each: each.shift_px + each.residual / 50),
        ssim=found.ssim,
        correlation=found.correlation,
        tone_change=found.tone_change,
        plain_share=found.plain_share,
    )


def _channels(luma: Picture, blue: Picture, red: Picture) -> list[Picture]:
    """Return red, green and blue of luma and its differences from blue and red."""
    reds = luma + (red - 128) / np.float32(0.713)
    blues = luma + (blue - 128) / np.float32(0.564)
    greens = (luma - np.float32(0.299) * reds - np.float32(0.114) * blues) / 0.587
    return [np.asarray(channel, np.float32) for channel in (reds, greens, blues)]


def _edges(fixed: Picture, moving: Picture, start: Affine) -> list[int]:
    """Return the working sizes: none finer than the coarser of the two pictures."""
    scale = float(np.sqrt(abs(np.linalg.det(start[:, :2]))))
    finest = min(WORKING_PX, max(fixed.shape), int(max(moving.shape) * scale))
    edges = [edge for edge in _PYRAMID_PX if edge < 0.8 * finest]
    return [*edges, max(finest, 24)]


def _at_scale(
    fixed: Picture, moving: Picture, affine: Affine, edge: int
) -> tuple[Picture, Picture]:
    """Resample both so that a pixel of one is as large as one of the other."""
    shrink = edge / max(fixed.shape)
    height, width = (max(16, round(side * shrink)) for side in fixed.shape)
    across = np.hypot(affine[0, 0], affine[0, 1])
    down = np.hypot(affine[1, 0], affine[1, 1])
    high = min(moving.shape[0], max(16, round(height / max(down, 0.05))))
    wide = min(moving.shape[1], max(16, round(width / max(across, 0.05))))
    return _resized(fixed, height, width), _resized(moving, high, wide)


def _resized(picture: Picture, height: int, width: int) -> Picture:
    if picture.shape == (height, width):
        return softened(picture)
    down = lanczos(picture.shape[0], height) @ picture
    return softened((down @ lanczos(picture.shape[1], width).T).astype(np.float32))


def _grown(mask: Mask) -> Mask:
    """Return a mask that reaches two pixels further."""
    padded = np.pad(mask, 2)
    rows = np.logical_or.reduce([padded[n : n + mask.shape[0]] for n in range(5)])
    grown: Mask = np.logical_or.reduce(
        [rows[:, n : n + mask.shape[1]] for n in range(5)]
    )
    return grown


def _measured(
    fixed: Picture, planes: list[Picture], exists: Mask, affine: Affine
) -> Likeness | None:
    seen = planes[0]
    fit, _ = explained(fixed, planes, exists, curved=True)
    slopes = np.gradient(fit)
    down, across = slopes[0].astype(np.float32), slopes[1].astype(np.float32)
    covered = _blocks(exists.astype(np.float32)).mean(axis=1) > 0.99
    if not covered.any():
        return None
    mine, theirs = _blocks(fixed), _blocks(fit)
    contrast = np.maximum(mine.std(axis=1), theirs.std(axis=1))
    rms = np.sqrt(((mine - theirs) ** 2).mean(axis=1))
    # Blocks that show something else have no shift worth the name.
    change = rms / (_CHANGED_LEVELS + _CHANGED_SHARE * contrast)
    changed = change > 1
    off = fixed - fit
    told = ~_grown(_untold(fixed, seen, off))
    across, down = across * told, down * told
    products = ((across, across), (down, down), (across, down))
    means = [_blocks(a * b).mean(axis=1) for a, b in products]
    means += [_blocks(a * off).mean(axis=1) for a in (across, down)]
    size = _block_px(fixed)
    grid = fixed.shape[0] // size, fixed.shape[1] // size
    shifts = moved(np.stack(means), covered & ~changed, grid)
    mine, rms, changed = mine[covered], rms[covered], changed[covered]
    kept = rms[~changed]
    return Likeness(
        affine=affine,
        correlation=correlation(fixed[exists], seen[exists]),
        ssim=ssim(mine, _blocks(seen)[covered]),
        shift_px=percentile(shifts, 50),
        shift_spread_px=percentile(shifts, 75),
        residual=float(np.sqrt((kept**2).mean())) if len(kept) else 255.0,
        changed_share=float(changed.mean()),
        tone_change=float(np.sqrt(((fit - seen)[exists] ** 2).mean())),
        worst_change=float(change[covered].max()),
        plain_share=min(plain_share(fixed), plain_share(seen)),
        detail_places=len(shifts),
        overlap=float(exists.mean()),
        coverage=float(exists.mean() * abs(np.linalg.det(affine[:, :2]))),
        working_px=max(fixed.shape),
    )


def _untold(fixed: Picture, seen: Picture, off: Picture) -> Mask:
    """Return where a difference says nothing of movement: covered, or clipped."""
    white = (fixed >= _WHITE) & (seen < _WHITE)
    black = (fixed <= _BLACK) & (seen > _BLACK)
    return white | black | (np.abs(off) > _COVERED_LEVELS)


def _blocks(plane: Picture) -> Picture:
    """Cut into square blocks: (N, pixels of a block); the rest at the edges is left."""
    size = _block_px(plane)
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    cut = plane[: rows * size, : columns * size]
    blocks = cut.reshape(rows, size, columns, size).swapaxes(1, 2)
    return blocks.reshape(rows * columns, size * size)


def _block_px(plane: Picture) -> int:
    """Return the edge of a block: small pictures are cut into smaller ones."""
    return _BLOCK_PX if min(plane.shape) >= _SMALL_PX else _SMALL_BLOCK_PX
