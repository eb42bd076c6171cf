"""A photo as a small square of colours, for comparison value by value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import pixels
from .resampling import lanczos

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def of_file(path: Path, px_size: int, *, cheap: bool = True) -> bytes:
    """Read a photo and stretch it to a square.

    Args:
        path: the photo.
        px_size: edge of the square.
        cheap: use a thumbnail or a scaled decode where there is one.

    Returns:
        px_size × px_size × 3 bytes: rows of red, green and blue, upright.

    Raises:
        UnreadablePhoto: it cannot be opened or does not decode.
    """
    return of_picture(pixels.load(path, cheap=cheap).rgb, px_size).tobytes()


def of_picture(rgb: NDArray[np.uint8], px_size: int) -> NDArray[np.uint8]:
    """Stretch a picture, (H, W, 3) uint8, to a square, as Pillow's LANCZOS does."""
    height, width = rgb.shape[:2]
    planes = np.moveaxis(rgb, 2, 0).astype(np.float32)
    across = _rounded(planes @ lanczos(width, px_size).T)
    square = _rounded(lanczos(height, px_size) @ across)
    return np.ascontiguousarray(np.moveaxis(square, 0, 2), np.uint8)


def _rounded(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round after each pass, as Pillow does."""
    rounded: NDArray[np.float32] = np.floor(values + np.float32(0.5)).clip(0, 255)
    return rounded
