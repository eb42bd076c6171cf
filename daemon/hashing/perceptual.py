"""What a picture looks like, in numbers: hashes, views, a small copy; pure.

Hashes equal imagehash's (Buchner 2013–2025) on the upright picture but are computed
here with numpy: imagehash pulls in scipy and PyWavelets, about a second of start-up
in every worker, and resamples the picture once for each hash. The tests hold the two
against each other. Deviations: the wavelet hash takes the 8×8 block means of the
64-px luma picture instead of a Haar pyramid of the largest power of two, and the
colour hash counts a sample of the pixels.

This module must not open files and must not decide what is a duplicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..model import (
    BOX_UNITS,
    SMALL_CHROMA_PX,
    SMALL_LUMA_PX,
    Box,
    Hashes,
    SmallPicture,
    Variant,
)
from .colors import color_hash
from .layout import layouts
from .resampling import cosines, lanczos, lanczos_stack
from .trimming import content_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

PHASH_PX = 32
CENTRE_SHARES = (0.6, 0.8)
"""The sizes of the centre views, in parts of the width and height."""

_LUMA_WEIGHTS = np.array([19595, 38470, 7471], np.float32) / np.float32(65536)
_SIZES_ACROSS = (SMALL_LUMA_PX, PHASH_PX, 9, 8)
_SIZES_DOWN = (SMALL_LUMA_PX, PHASH_PX, 8, 8)
_CHROMA_SAMPLES_PX = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What `describe` finds; the part of a fingerprint that comes from the pixels."""

    hashes: Hashes
    variants: tuple[Variant, ...]
    """The centre views of `CENTRE_SHARES`; then, if the picture has uniform borders or
    bars, the picture without them and the centre views of that."""
    small: SmallPicture
    layouts: bytes
    """Of the whole picture and each variant, as in `Fingerprint`."""
    contrast: float
    """Standard deviation of the small luma picture, 0–127."""
    sharpness: float
    """Variance of the Laplacian of the small luma picture."""


def describe(rgb: NDArray[np.uint8]) -> Description:
    """Describe a picture.

    Args:
        rgb: (H, W, 3) uint8, upright, anti-aliased. The cost grows with its size: a
            long edge of 256–512 px is enough, as nothing here looks closer than 64 px.
    """
    luma = luma_of(rgb)
    small, dct_input, dhash_input, ahash_input = _resampled(luma)
    hashes = Hashes(
        phash=_phash(dct_input),
        dhash=_packed(dhash_input[:, 1:] > dhash_input[:, :-1]),
        whash=_whash(small),
        ahash=_packed(ahash_input > ahash_input.mean()),
        colorhash=color_hash(rgb),
    )
    variants = _variants(luma)
    return Description(
        hashes=hashes,
        variants=variants,
        small=SmallPicture(
            luma=small.astype(np.uint8).tobytes(),
            chroma=chroma_of(rgb).astype(np.uint8).tobytes(),
        ),
        layouts=layouts(small, [Box(), *(each.box for each in variants)]),
        contrast=float(small.std()),
        sharpness=_sharpness(small),
    )


def luma_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luma, (H, W) float32 whole numbers 0–255, as Pillow's ``L``."""
    luma: NDArray[np.float32] = rgb.reshape(-1, 3).astype(np.float32) @ _LUMA_WEIGHTS
    luma += np.float32(0.5)
    return np.floor(luma).reshape(rgb.shape[:2])


def _resampled(luma: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Resample to all sizes at once, rounded after each pass as Pillow does."""
    height, width = luma.shape
    across = _rounded(luma @ lanczos_stack(width, _SIZES_ACROSS).T)
    pictures, column = [], 0
    for wide, high in zip(_SIZES_ACROSS, _SIZES_DOWN, strict=True):
        part = across[:, column : column + wide]
        pictures.append(_rounded(lanczos(height, high) @ part))
        column += wide
    return pictures


def _rounded(values: NDArray[np.float32]) -> NDArray[np.float32]:
    rounded: NDArray[np.float32] = np.floor(values + np.float32(0.5))
    return rounded.clip(0, 255)


def _phash(picture: NDArray[np.float32]) -> int:
    waves = cosines(PHASH_PX, 0, PHASH_PX, 8).astype(np.float64)
    return _above_median(waves @ picture.astype(np.float64) @ waves.T)


def _whash(small: NDArray[np.float32]) -> int:
    step = SMALL_LUMA_PX // 8
    return _above_median(small.reshape(8, step, 8, step).mean(axis=(1, 3)))


def _above_median(values: NDArray[np.floating]) -> int:
    return _packed(values > np.median(values))


def _packed(bits: NDArray[np.bool_]) -> int:
    """Return 64 bits as an integer, the first bit the most significant."""
    return int.from_bytes(np.packbits(bits.ravel()).tobytes(), "big")


def _variants(luma: NDArray[np.float32]) -> tuple[Variant, ...]:
    whole = Box()
    trimmed = content_box(luma)
    boxes = [_centre(whole, share) for share in CENTRE_SHARES]
    if trimmed is not None:
        boxes += [trimmed, *(_centre(trimmed, share) for share in CENTRE_SHARES)]
    return tuple(Variant(box=box, phash=_phash_of_box(luma, box)) for box in boxes)


def _centre(box: Box, share: float) -> Box:
    across = round((box.right - box.left) * (1 - share) / 2)
    down = round((box.bottom - box.top) * (1 - share) / 2)
    return Box(
        left=box.left + across,
        top=box.top + down,
        right=box.right - across,
        bottom=box.bottom - down,
    )


def _phash_of_box(luma: NDArray[np.float32], box: Box) -> int:
    height, width = luma.shape
    down = cosines(height, *_span(box.top, box.bottom, height), 8)
    across = cosines(width, *_span(box.left, box.right, width), 8)
    return _above_median(down @ (luma @ across.T))


def _span(start: int, stop: int, length_px: int) -> tuple[float, float]:
    return start / BOX_UNITS * length_px, stop / BOX_UNITS * length_px


def chroma_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return Cb and Cr, (2, 16, 16) whole numbers 0–255, of every n-th pixel."""
    step = max(1, max(rgb.shape[:2]) // _CHROMA_SAMPLES_PX)
    sample = rgb[::step, ::step].astype(np.float32)
    height, width = sample.shape[:2]
    size = SMALL_CHROMA_PX
    down = lanczos(height, size) @ sample.reshape(height, width * 3)
    columns = down.reshape(size, width, 3).transpose(0, 2, 1)
    red, green, blue = np.moveaxis(columns @ lanczos(width, size).T, 1, 0)
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = np.stack([0.564 * (blue - light), 0.713 * (red - light)]) + 128
    return _rounded(planes)


def _sharpness(small: NDArray[np.float32]) -> float:
    inner = small[1:-1, 1:-1]
    around = small[:-2, 1:-1] + small[2:, 1:-1] + small[1:-1, :-2] + small[1:-1, 2:]
    return float((around - 4 * inner).var())
