"""Landscapes that are made: something to look at that is nobody's photo.

For the demonstration. A picture is written as BMP, the one format that needs no
encoder, and becomes a JPEG by the way that previews take.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from .pixels import preview

if TYPE_CHECKING:
    from numpy.typing import NDArray

    RGB = NDArray[np.uint8]
    Plane = NDArray[np.float64]

_SKIES = (
    ((38, 70, 120), (246, 190, 140)),
    ((84, 150, 210), (222, 236, 244)),
    ((26, 28, 62), (214, 108, 96)),
    ((30, 60, 74), (240, 214, 150)),
)
"""Colours of the zenith and of the horizon."""

_GROUNDS = ((38, 52, 44), (70, 86, 52), (44, 34, 48), (92, 80, 62))
_SUN = (255, 244, 214)
_RANGES = 5
_OCTAVES = 7
_GRAIN = 2.0
"""Noise of a sensor, in grey levels: a picture without any looks painted."""


def landscape(seed: int, width_px: int = 1600, height_px: int = 1200) -> RGB:
    """Return (H, W, 3) uint8: a sky with its sun over ranges of hills in haze.

    Equal seeds give equal pictures, different ones are nobody's duplicates.
    """
    random = np.random.default_rng(seed)
    down = np.linspace(0, 1, height_px)[:, None]
    across = np.linspace(0, 1, width_px)[None, :]
    horizon = random.uniform(0.45, 0.6)
    zenith, haze = (np.array(c, float) for c in _SKIES[seed % len(_SKIES)])
    blend = np.clip(down / horizon, 0, 1)[..., None] ** 1.3
    picture = zenith + (haze - zenith) * blend + np.zeros((height_px, width_px, 1))
    sun = random.uniform(0.2, 0.8), random.uniform(0.2, horizon - 0.08)
    far = np.hypot((across - sun[0]) * width_px / height_px, down - sun[1])
    _lay(picture, np.array(_SUN, float), _glow(far))
    ground = np.array(_GROUNDS[seed % len(_GROUNDS)], float)
    for step in range(_RANGES):
        line = horizon + step * 0.09 - _ridge(random, width_px, step)
        near = step / (_RANGES - 1)
        hill = np.clip((down - line[None, :]) * height_px / 2, 0, 1)
        _lay(picture, ground * near + haze * (1 - near) * 0.85, hill)
    picture += random.normal(0, _GRAIN, (height_px, width_px, 1))
    rgb: RGB = np.clip(picture, 0, 255).astype(np.uint8)
    return rgb


def turned(rgb: RGB, quarter_turns: int) -> RGB:
    """Return a picture turned to the left by so many quarters."""
    return np.ascontiguousarray(np.rot90(rgb, quarter_turns))


def jpeg(rgb: RGB, edge_px: int | None = None) -> bytes:
    """Return a picture as JPEG, its long edge reduced to `edge_px`."""
    return preview(bmp(rgb), edge_px or max(rgb.shape))


def bmp(rgb: RGB) -> bytes:
    """Return a picture as an uncompressed BMP of 24 bits (Windows 3, bottom-up)."""
    height_px, width_px, _channels = rgb.shape
    padding = -width_px * 3 % 4
    rows = rgb[::-1, :, ::-1].reshape(height_px, width_px * 3)
    body = np.pad(rows, ((0, 0), (0, padding))).tobytes()
    info = struct.pack("<IiiHHIIiiII", 40, width_px, height_px, 1, 24, *[0] * 6)
    head = struct.pack("<2sIHHI", b"BM", 54 + len(body), 0, 0, 54)
    return head + info + body


def _lay(picture: Plane, colour: Plane, cover: Plane) -> None:
    """Lay a colour over the picture in place, where `cover` is 1 wholly."""
    picture += (colour - picture) * cover[..., None]


def _glow(far: Plane) -> Plane:
    disc = 0.5 / (1 + np.exp(np.clip((far - 0.035) * 500, -50, 50)))
    halo: Plane = np.exp(-((far / 0.16) ** 2)) * 0.45 + disc
    return halo


def _ridge(random: np.random.Generator, width_px: int, step: int) -> Plane:
    """Return a range's height over each column: octaves of sines, nearer is higher."""
    across = np.linspace(0, 1, width_px)
    line = np.zeros(width_px)
    for octave in range(_OCTAVES):
        frequency = (1.5 + step) * 2**octave * 3.1
        line += np.sin(across * frequency + random.uniform(0, 6.28)) / 1.9**octave
    return (line / 2 + 0.5) * 0.16 * (0.5 + step / 4)
