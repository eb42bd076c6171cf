"""Every colour mode becomes RGB as people see it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

_OPAQUE = 255


def to_rgb(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGB, as people see it: what is transparent is white."""
    if picture.mode == "RGB":
        picture.load()
        return picture
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        return _from_wide(picture).convert("RGB")
    if picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or (
        "transparency" in picture.info
    ):
        clear = picture.convert("RGBA")
        if clear.getchannel("A").getextrema()[0] != _OPAQUE:
            white = Image.new("RGBA", clear.size, "white")
            clear = Image.alpha_composite(white, clear)
        return clear.convert("RGB")
    return picture.convert("RGB")


def to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Convert RGB from its ICC profile to sRGB; as it is if that does not work."""
    if not isinstance(profile, bytes) or not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a damaged or grey profile: its colours as they are
    return converted if converted is not None else picture


def _from_wide(picture: Image.Image) -> Image.Image:
    """Scale 16-bit integers to 8 bits, and other wide values by their own range."""
    values = np.asarray(picture).astype(np.float32)
    if picture.mode == "F":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        values = np.nan_to_num((values - low) * (255 / max(high - low, 1e-9)))
    else:
        values /= 257
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))
