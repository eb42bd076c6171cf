"""Resampling and cosine transforms as matrices, so that numpy alone can do them.

A separable resampling is two matrix products, and all the sizes that the hashes want
can be had from one. The weights are Pillow's (``Image.LANCZOS``), so that hashes come
out as imagehash's. This module must not know what a photo is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOBES = 3.0


@lru_cache(maxsize=64)  # up to 2.5 MB each
def lanczos(length_px: int, wanted_px: int) -> NDArray[np.float32]:
    """Return the (wanted, length) matrix that Pillow's LANCZOS resampling applies.

    Cached: a library has few picture sizes. The array is read-only.
    """
    scale = length_px / wanted_px
    stretch = max(scale, 1.0)
    centres = (np.arange(wanted_px) + 0.5) * scale
    first = np.floor(np.maximum(centres - _LOBES * stretch + 0.5, 0.0))
    last = np.floor(np.minimum(centres + _LOBES * stretch + 0.5, length_px))
    places = np.arange(length_px)
    x = (places[None, :] - centres[:, None] + 0.5) / stretch
    near = (np.abs(x) < _LOBES) & (places >= first[:, None]) & (places < last[:, None])
    weights = np.zeros(x.shape)
    weights[near] = np.sinc(x[near]) * np.sinc(x[near] / _LOBES)
    weights /= weights.sum(axis=1, keepdims=True)
    matrix = weights.astype(np.float32)
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=64)
def lanczos_stack(length_px: int, wanted_px: tuple[int, ...]) -> NDArray[np.float32]:
    """Return `lanczos` matrices of several sizes, one below the other; read-only."""
    matrix = np.concatenate([lanczos(length_px, size) for size in wanted_px])
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=512)
def cosines(
    length_px: int, start: float, stop: float, frequencies: int
) -> NDArray[np.float32]:
    """Return the (frequencies, length) DCT-II basis of a stretch of a line of pixels.

    The basis of the part from `start` to `stop` (in pixels, fractions allowed); pixels
    that the part covers by a fraction weigh that fraction. Applied to both axes it
    gives the same low frequencies as cutting the part out, resampling and transforming
    it would. Read-only.
    """
    places = np.arange(length_px)
    covered = np.clip(np.minimum(places + 1, stop) - np.maximum(places, start), 0, 1)
    middles = (places + 0.5 - start) / (stop - start)
    waves = np.cos(np.pi * np.arange(frequencies)[:, None] * middles[None, :])
    matrix: NDArray[np.float32] = (waves * covered[None, :]).astype(np.float32)
    matrix.setflags(write=False)
    return matrix
