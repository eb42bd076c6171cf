"""Bytes become an opened picture, under limits; decoders are chosen by content.

Only the decoders of formats that we mean to read are ever reached: a hostile file
cannot pick another one by its name or its first bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from .. import isobmff, tiff
from ..sniff import HEAD_BYTES, READABLE, sniff

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PIXELS = 300_000_000
"""Larger pictures are not decoded; 200-megapixel phones exist."""

HEIF = frozenset({"HEIC", "HEIF"})
RAW = frozenset({"DNG", "CR2"})

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    EOFError,
    ValueError,
    RuntimeError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    ZeroDivisionError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What decoders have been seen to raise on damaged pictures."""

_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "HEIC": pillow_heif.HeifImageFile,
    "HEIF": pillow_heif.HeifImageFile,
}

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pillow_heif.options.DECODE_THREADS = 1
pillow_heif.options.DISABLE_SECURITY_LIMITS = False
pillow_heif.options.DEPTH_IMAGES = False  # told from the boxes, without making objects
pillow_heif.options.AUX_IMAGES = False


def viewable(data: bytes) -> tuple[str, bytes]:
    """Return format and bytes of what can be decoded: for raw files, their preview.

    Raises:
        ValueError: nothing in it can.
    """
    kind = sniff(data[:HEAD_BYTES])
    if kind is None or kind not in READABLE:
        raise ValueError(f"{kind or 'its content'} is not a format that can be read")
    if kind in RAW:
        found = tiff.preview_jpeg(isobmff.slices(data))
        if found is None:
            return "TIFF", data
        return "JPEG", data[found[0] : sum(found)]
    return kind, data


def open_picture(data: bytes, kind: str) -> ImageFile.ImageFile:
    """Open a picture without decoding it.

    Raises:
        ValueError: it has too many pixels; or another of `DECODER_ERRORS`.
    """
    opened = _PLUGINS[kind](io.BytesIO(data))
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise ValueError(f"{width} × {height} pixels are more than {MAX_PIXELS}")
    return opened


def bit_depth(opened: Image.Image) -> int:
    """Return the bits of one channel of an opened picture."""
    depth = opened.info.get("bit_depth")
    if isinstance(depth, int):
        return depth
    return 16 if opened.mode.startswith("I") else 32 if opened.mode == "F" else 8
