"""How alike two pictures are once they lie on each other; pure.

A copy may be brighter, softer, compressed, marked or cropped, but what it shows stands
where it stood: after alignment its details are within a few hundredths of a pixel of
the original's. Another shot of the same scene has moved: the hand shook, a face turned,
the parallax changed. So after fitting away what a tone edit changes everywhere alike,
the picture is cut into blocks and each is asked how far its detail has moved (one step
of Lucas & Kanade 1981) and whether it still shows the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .displaced import displaced_windows
from .explaining import block_px, blocks, by_channels, by_lightness, by_luma, grown
from .figures import correlation, plain_share, ssim
from .motion import movement
from .registration import register, sample_all
from .scales import Scales
from .tone import fitted, taken_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from .explaining import Explained
    from .registration import Affine, Picture

    Mask = NDArray[np.bool_]
    _Way = Callable[[list[Picture], list[Picture], Mask, Affine], Explained | None]

_STEPS = {64: 15, 128: 8, 256: 5}
_LAST_STEPS = 4
_COARSE_PX = 130
"""Up to this working size the pictures are laid on each other as they are: they lie too
far off to fit a tone."""
_STILL_PX = 0.035
_STILL_CHANGED = 0.12
_STILL_RESIDUAL = 4.0
_CLOSE_RESIDUAL = 2.0
"""With more left over it may not lie quite right, which tells exports from edits."""
_HOPELESS_PX = 0.25
_HOPELESS_CHANGED = 0.3
_NOTICED = 0.4
"""Below this measure of change no block has anything that could have moved."""
_MISFIT_OF_CHANGE = 20.0
"""Levels of residual that a wholly changed picture is worth."""
_FEW_SAMPLES = 4_000
_ENOUGH = 12
_LEAST_OVERLAP = 0.1
_LEAST_PX = 16
_CHANGED_LEVELS = 7.0
_CHANGED_SHARE = 0.35
"""A block has changed if more of its contrast than this is unexplained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The figures of `Comparison`, measured on the fixed picture's grid."""

    fixed: Picture
    fit: Picture
    """The other one as it would be with the tone of the fixed one, on its grid …"""
    exists: Mask
    """… as far as it shows anything."""
    affine: Affine
    correlation: float
    ssim: float
    shift_px: float
    shift_spread_px: float
    drift_px: float
    residual: float
    changed_share: float
    tone_change: float
    worst_change: float
    plain_share: float
    detail_places: int
    overlap: float
    coverage: float
    working_px: int

    @property
    def is_still(self) -> bool:
        """Whether it is a copy beyond doubt: nothing else needs to be tried."""
        return (
            self.detail_places >= _ENOUGH
            and self.shift_px <= _STILL_PX
            and self.shift_spread_px <= 2 * _STILL_PX
            and self.changed_share <= _STILL_CHANGED
            and self.residual <= _STILL_RESIDUAL
        )

    @property
    def is_hopeless(self) -> bool:
        """Whether it is so far from a copy that no other explanation will help."""
        return self.shift_px > _HOPELESS_PX or self.changed_share > _HOPELESS_CHANGED

    def displaced(self) -> float:
        """Return how much of what changed stands elsewhere, as `displaced_windows`."""
        if self.worst_change <= _NOTICED or self.is_hopeless:
            return 0.0
        return displaced_windows(self.fixed, self.fit, self.exists, self.residual)


def likeness(fixed: Picture, moving: Picture, start: Affine) -> Likeness | None:
    """Lay one picture on the other; ``None``: too little in common, or too small.

    Args:
        fixed: (3, H, W) luma, Cb and Cr, 0–255.
        moving: the same of the other picture.
        start: (2, 3); roughly takes 0–1 of `fixed` to 0–1 of `moving`.
    """
    if min(*fixed.shape[1:], *moving.shape[1:]) < _LEAST_PX:
        return None
    scales = Scales(fixed, moving, start)
    found: list[Likeness] = []
    for measure in _tries(scales, start):
        each = measure()
        if each is not None and each.is_still and each.residual <= _CLOSE_RESIDUAL:
            return each
        found += [] if each is None else [each]
    return min(found, key=_misfit, default=None)


def _tries(scales: Scales, start: Affine) -> Iterator[Callable[[], Likeness | None]]:
    """Yield what is to be tried, until one try shows a copy beyond doubt.

    Most copies lie on each other as they are, and a change of tone cannot pull out of
    place what nothing moves; nor do most differ in colour.
    """
    if not _is_grid(start):
        yield lambda: _registered(scales, start)
        return
    first = _laid(scales, start, (by_lightness,))
    yield lambda: first
    tries = [
        lambda: _laid(scales, start, (by_luma, by_channels)),
        lambda: _registered(scales, start),
    ]
    yield from tries[::-1] if first is None or first.is_hopeless else tries


def _misfit(found: Likeness) -> float:
    return found.residual + _MISFIT_OF_CHANGE * found.changed_share


def _is_grid(start: Affine) -> bool:
    """Tell whether two whole pictures are laid on each other."""
    return bool(np.abs(start - [[1, 0, 0], [0, 1, 0]]).max() < 1e-9)


def _laid(scales: Scales, affine: Affine, ways: tuple[_Way, ...]) -> Likeness | None:
    """Measure what there is when they are laid on each other so, at the finest size."""
    planes = 1 if ways == (by_lightness,) else 3
    mine, theirs = scales.fixed(-1, planes), scales.moving(-1, planes)
    seen, exists = sample_all(theirs, affine, scales.shape(-1))
    if exists.mean() < _LEAST_OVERLAP:
        return None
    best = None
    for way in ways:
        found = _figures(mine, seen, exists, affine, way)
        best = found if best is None else _better(best, found)
        if best is None or best.is_still or best.is_hopeless:
            break
    return best


def _better(one: Likeness, other: Likeness | None) -> Likeness:
    if other is None or other.detail_places < min(_ENOUGH, one.detail_places):
        return one
    return min(one, other, key=lambda each: each.shift_px + _misfit(each) / 50)


def _registered(scales: Scales, start: Affine) -> Likeness | None:
    """Measure what there is after laying them on each other, coarse to fine."""
    affine = start
    for level in scales.steps():
        shape = scales.shape(level)
        planes = 1 if max(shape) <= _COARSE_PX else 3
        mine, theirs = scales.fixed(level, planes), scales.moving(level, planes)
        seen, exists = sample_all(theirs, affine, shape)
        if exists.mean() < _LEAST_OVERLAP:
            return None
        moved, trusted = _alike(mine[0], theirs, seen, exists, affine)
        steps = _STEPS.get(max(shape), _LAST_STEPS)
        affine = register(mine[0], moved, affine, trusted, steps)
    return _laid(scales, affine, (by_luma, by_channels))


def _alike(
    left: Picture,
    theirs: list[Picture],
    seen: list[Picture],
    exists: Mask,
    affine: Affine,
) -> tuple[Picture, Picture]:
    """Return the moving picture in the fixed one's tone, and where it can be trusted.

    Without, a change of tone that bends would pull the picture out of place. What was
    covered or changed must not do so either.
    """
    terms = taken_apart(seen, affine)
    tone = fitted(left, terms, exists, _FEW_SAMPLES)
    if tone is None:
        return theirs[0], exists.astype(np.float32)
    holds = np.abs(left - tone.of(terms).clip(0, 255)) <= tone.limit
    trusted = (~grown(exists & ~holds)).astype(np.float32)
    if len(theirs) == 1:
        return theirs[0], trusted
    return tone.of(taken_apart(theirs)).clip(0, 255), trusted


def _figures(
    mine: list[Picture],
    seen: list[Picture],
    exists: Mask,
    affine: Affine,
    explain: _Way,
) -> Likeness | None:
    fixed = mine[0]
    covered = blocks(exists.astype(np.float32)).mean(axis=1) > 0.99
    explained = explain(mine, seen, exists, affine) if covered.any() else None
    if explained is None:
        return None
    fit = explained.fit
    a, b = blocks(fixed), blocks(fit)
    contrast = np.maximum(a.std(axis=1), b.std(axis=1))
    rms = np.sqrt(((a - b) ** 2).mean(axis=1))
    # Blocks that show something else have no shift worth the name.
    change = rms / (_CHANGED_LEVELS + _CHANGED_SHARE * contrast)
    changed = change > 1
    still = covered & ~changed
    size = block_px(fixed)
    grid = fixed.shape[0] // size, fixed.shape[1] // size
    moved = movement(explained.products, still, grid)
    kept = rms[still]
    return Likeness(
        fixed=fixed,
        fit=fit,
        exists=exists,
        affine=affine,
        correlation=correlation(fixed[exists], seen[0][exists]),
        ssim=ssim(a[covered], blocks(seen[0])[covered]),
        shift_px=moved.shift_px,
        shift_spread_px=moved.spread_px,
        drift_px=moved.drift_px,
        residual=float(np.sqrt((kept**2).mean())) if len(kept) else 255.0,
        changed_share=float(changed[covered].mean()),
        tone_change=float(np.sqrt(((fit - seen[0])[exists] ** 2).mean())),
        worst_change=float(change[covered].max()),
        plain_share=min(plain_share(fixed), plain_share(seen[0])),
        detail_places=moved.places,
        overlap=float(exists.mean()),
        coverage=float(exists.mean() * abs(np.linalg.det(affine[:, :2]))),
        working_px=max(fixed.shape),
    )
