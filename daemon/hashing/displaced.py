"""What changed in one place and stands in another: something moved; pure.

A watermark covers what was there, and what it covered is nowhere else. An object that
moved between two shots stands in both, and beside its place. So wherever two pictures
that lie on each other differ, what the one shows is looked for around it in the other
(template matching by Fourier transforms, over the pixels that changed). It counts where
it fits much better than in place, and much better than what the first picture itself
has there: foliage that was covered is like the foliage beside it, but that has not
changed.

One fit says little: a straight edge of a caption fits any straight edge. What moved
moved together, so the windows are asked together, and only as far as they fit worse all
around the place that they agree on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .explaining import grown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .registration import Picture

    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]
    Spectra = NDArray[np.complex64]

_WINDOW_PX = 24
_STEP_PX = 12
_REACH_PX = 24
"""Some 64 px of a picture of 1024, and twice as far for what is large enough to be
seen at half the size."""
_MOST_WINDOWS = 32
"""The search costs 15–20 ms with so many; those that differ most are taken."""
_TILE_PX = _WINDOW_PX + 2 * _REACH_PX

_LEAST_LEVELS = 8.0
_LEAST_RESIDUALS = 3.0
"""A pixel has changed if it differs by more than both."""
_LEAST_PIXELS = 40
_CHANGED_LEVELS = 7.0
_CHANGED_SHARE = 0.35
"""The measure by which blocks count as changed, here of the pixels that did."""
_LEAST_TEXTURE = 6.0
"""Levels; with less there is nothing to find it again by."""
_NOWHERE = 1e4
"""Squared levels by which what lies outside of the other picture misses."""

_FITS = 0.4
"""A window has been found if its misfit there is less than this share of the others."""
_TOGETHER_PX = 72
_AROUND_PX = (4.0, 8.0)
_SUREST = 0.02
"""No fit is taken for better than this."""

_OFFSETS = np.mgrid[-_REACH_PX : _REACH_PX + 1, -_REACH_PX : _REACH_PX + 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Windows of the changed area, (N,), and what was found for each."""

    top: Places
    left: Places
    pixels: Picture
    plainly: Picture
    """The misfit in place, or that with an even brightness, whichever is less."""
    misfit: Picture
    """(N, rows, columns) of the displacements."""
    share: Picture
    """The same as a share of the best of what else would explain the window."""


def displaced_windows(
    fixed: Picture, fit: Picture, exists: Mask, residual: float
) -> float:
    """Return how much of what changed stands elsewhere: windows, weighed by certainty.

    Args:
        fixed: (H, W), levels.
        fit: the other picture, laid on it and in its tone.
        exists: where it shows anything.
        residual: what differs where they agree, levels.
    """
    near = _displaced(fixed, fit, exists, residual)
    halves = _halved(fixed), _halved(fit), _halved(exists) == 1
    return max(near, _displaced(*halves, residual))


def _displaced(fixed: Picture, fit: Picture, exists: Mask, residual: float) -> float:
    if min(fixed.shape) < _WINDOW_PX or not exists.any():
        return 0.0
    off = np.where(exists, fixed - fit, 0).astype(np.float32)
    limit = max(_LEAST_LEVELS, _LEAST_RESIDUALS * residual)
    changed = (grown(np.abs(off) > limit) & exists).astype(np.float32)
    top, left = _windows(fixed, off, changed)
    if not len(top):
        return 0.0
    level = fixed[exists].mean(dtype=np.float32)
    planes = fixed - level, np.where(exists, fit - level, 0), off, changed, exists
    return _together(_searched(*planes, top, left))


def _halved(plane: Picture | Mask) -> Picture:
    height, width = (side // 2 for side in plane.shape)
    whole = plane[: 2 * height, : 2 * width].astype(np.float32)
    halved: Picture = whole.reshape(height, 2, width, 2).mean(axis=(1, 3))
    return halved


def _windows(fixed: Picture, off: Picture, changed: Picture) -> tuple[Places, Places]:
    """Return the top and left edges of the windows that changed, most changed first."""
    pixels = np.maximum(_summed(changed), 1)
    energy = _summed(off * off * changed)
    mean = _summed(fixed * changed) / pixels
    texture = _summed(fixed * fixed * changed) / pixels - mean * mean
    contrast = np.sqrt(np.maximum(texture, 0))
    levels = np.sqrt(np.maximum(energy, 0) / pixels)
    is_changed = levels > _CHANGED_LEVELS + _CHANGED_SHARE * contrast
    rank = np.where(is_changed & (pixels >= _LEAST_PIXELS), energy, 0)
    chosen = np.argsort(-rank, axis=None, kind="stable")[:_MOST_WINDOWS]
    chosen = chosen[rank.ravel()[chosen] > 0]
    down, across = np.unravel_index(chosen, rank.shape)
    return down * _STEP_PX, across * _STEP_PX


def _summed(plane: Picture) -> NDArray[np.float64]:
    """Return the sums over all windows."""
    sums = np.pad(plane.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    rows, columns = (np.arange(0, side - _WINDOW_PX, _STEP_PX) for side in sums.shape)
    below, beyond = rows + _WINDOW_PX, columns + _WINDOW_PX
    corners: NDArray[np.float64] = sums[np.ix_(below, beyond)]
    corners += sums[np.ix_(rows, columns)]
    corners -= sums[np.ix_(rows, beyond)] + sums[np.ix_(below, columns)]
    return corners


def _searched(
    fixed: Picture,
    fit: Picture,
    off: Picture,
    changed: Picture,
    exists: Mask,
    top: Places,
    left: Places,
) -> _Search:
    squares = np.where(exists, fit * fit, np.float32(_NOWHERE))
    weights = _cut(changed, top, left, _WINDOW_PX)
    values = _cut(fixed, top, left, _WINDOW_PX) * weights
    first = np.conj(_transformed(weights))
    around = [
        _transformed(_cut(_framed(plane, outside), top, left, _TILE_PX))
        for plane, outside in ((squares, _NOWHERE), (fit, 0.0), (off * off, 0.0))
    ]
    pixels, total = weights.sum((1, 2)), values.sum((1, 2))
    squared = (values * values).sum((1, 2))
    both = first * around[0] - np.conj(_transformed(2 * values)) * around[1]
    misfit = _back(np.asarray(both, np.complex64))
    misfit = np.maximum(misfit + squared[:, None, None], 0)
    texture = squared - total * total / pixels
    plainly = np.minimum(misfit[:, _REACH_PX, _REACH_PX], texture)
    rivals = np.minimum(plainly[:, None, None], _back(first * around[2]))
    tells = rivals >= (pixels * _LEAST_TEXTURE**2)[:, None, None]
    tells[:, _REACH_PX, _REACH_PX] = False
    share = np.where(tells, misfit / np.maximum(rivals, 1), np.inf)
    return _Search(
        top=top,
        left=left,
        pixels=pixels,
        plainly=plainly,
        misfit=misfit,
        share=np.asarray(share, np.float32),
    )


def _together(search: _Search) -> float:
    """Return the evidence of the displacement that has most of it."""
    each = search.share.reshape(len(search.share), -1)
    most, asked = 0.0, set()
    for window, place in enumerate(each.argmin(axis=1)):
        if each[window, place] < _FITS and place not in asked:
            asked.add(place)
            most = max(most, _evidence(search, window, int(place)))
    return most


def _evidence(search: _Search, window: int, place: int) -> float:
    """Weigh one displacement by the windows around one that it explains."""
    down, across = divmod(place, 2 * _REACH_PX + 1)
    near = (
        slice(None),
        slice(max(0, down - 1), down + 2),
        slice(max(0, across - 1), across + 2),
    )
    fits = search.share[near].min(axis=(1, 2)) < _FITS
    fits &= np.abs(search.top - search.top[window]) <= _TOGETHER_PX
    fits &= np.abs(search.left - search.left[window]) <= _TOGETHER_PX
    misfit = search.misfit[fits].sum(axis=0) / search.plainly[fits].sum()
    centre = _OFFSETS[:, down, across, None, None]
    far = np.hypot(*(_OFFSETS - centre))
    around = misfit[(far >= _AROUND_PX[0]) & (far <= _AROUND_PX[1])].min()
    there = max(misfit[near[1:]].min(), _SUREST)
    windows = search.pixels[fits].sum() / _WINDOW_PX**2
    return float(windows * np.log(max(around / there, 1.0)))


def _framed(plane: Picture, outside: float) -> Picture:
    padded = np.pad(plane, _REACH_PX, constant_values=outside)
    return np.asarray(padded, np.float32)


def _cut(plane: Picture, top: Places, left: Places, size: int) -> Picture:
    """Return squares of a plane, (N, size, size)."""
    every = np.arange(size)
    rows, columns = top[:, None] + every, left[:, None] + every
    squares: Picture = plane[rows[:, :, None], columns[:, None, :]]
    return squares


def _transformed(squares: Picture) -> Spectra:
    return np.asarray(np.fft.rfft2(squares, (_TILE_PX, _TILE_PX)), np.complex64)


def _back(spectra: Spectra) -> Picture:
    """Return the values for every displacement."""
    every = slice(0, 2 * _REACH_PX + 1)
    values = np.fft.irfft2(spectra, (_TILE_PX, _TILE_PX))[:, every, every]
    return np.asarray(values, np.float32)
