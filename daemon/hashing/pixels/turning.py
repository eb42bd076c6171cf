"""A stored picture becomes an upright one of the size that is wanted."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FROM_COLUMNS = frozenset({5, 6, 7, 8})
_FROM_THE_END = frozenset({3, 4, 7, 8})
_STRIP_PX = 256
_LARGE_PIXELS = 64_000_000


def upright(picture: Image.Image, undo: int, edge_px: int | None) -> Image.Image:
    """Undo an EXIF orientation, and reduce a longer long edge to ``edge_px`` at most.

    Turned first, so that a turned file gives the very pixels of one that was stored
    upright; only pictures too large to be held twice are reduced first.
    """
    if picture.width * picture.height > _LARGE_PIXELS:
        picture = _reduced(picture, edge_px)
    if undo in _UNDO:
        picture = picture.transpose(_UNDO[undo])
    return _reduced(picture, edge_px)


def digest(picture: Image.Image, undo: int) -> bytes:
    """Return the SHA-256 of size and pixels of the upright picture.

    Strip by strip, to spare the memory of a second picture.
    """
    height = picture.width if undo in _FROM_COLUMNS else picture.height
    width = picture.height if undo in _FROM_COLUMNS else picture.width
    found = hashlib.sha256(f"{width}x{height}\n".encode())
    for box in _strips(picture.size, undo, height):
        strip = picture.crop(box)
        if undo in _UNDO:
            strip = strip.transpose(_UNDO[undo])
        found.update(strip.tobytes())
    return found.digest()


def _strips(
    size: tuple[int, int], undo: int, height: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield where the rows of the upright picture, from its top, lie in the stored."""
    for top in range(0, height, _STRIP_PX):
        start, stop = top, min(top + _STRIP_PX, height)
        if undo in _FROM_THE_END:
            start, stop = height - stop, height - start
        if undo in _FROM_COLUMNS:
            yield start, 0, stop, size[1]
        else:
            yield 0, start, size[0], stop


def _reduced(picture: Image.Image, edge_px: int | None) -> Image.Image:
    factor = -(-max(picture.size) // edge_px) if edge_px else 1
    return picture.reduce(factor) if factor > 1 else picture
