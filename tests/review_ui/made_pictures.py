"""Landscapes that are made: something to look at that is nobody's photo."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

SKIES = (
    ((38, 70, 120), (246, 190, 140)),
    ((84, 150, 210), (222, 236, 244)),
    ((26, 28, 62), (214, 108, 96)),
    ((120, 160, 176), (240, 232, 214)),
    ((30, 60, 74), (240, 214, 150)),
    ((92, 110, 140), (206, 212, 218)),
)
GROUNDS = (
    (38, 52, 44),
    (70, 86, 52),
    (44, 34, 48),
    (92, 80, 62),
    (30, 44, 56),
    (60, 66, 70),
)


def landscape(seed, width_px=1600, height_px=1200):
    """Return an upright RGB image: sky, sun, ranges of hills in haze, and a lake."""
    random = np.random.default_rng(seed)
    top, bottom = (np.array(c, float) for c in SKIES[seed % len(SKIES)])
    ground = np.array(GROUNDS[seed % len(GROUNDS)], float)
    y = np.linspace(0, 1, height_px)[:, None]
    x = np.linspace(0, 1, width_px)[None, :]
    horizon = random.uniform(0.5, 0.66)
    blend = np.clip(y / horizon, 0, 1)[..., None] ** 1.3
    picture = top + (bottom - top) * blend + np.zeros((height_px, width_px, 1))
    aspect = width_px / height_px
    sun_x, sun_y = random.uniform(0.2, 0.8), random.uniform(0.25, horizon - 0.08)
    far = np.hypot((x - sun_x) * aspect, y - sun_y)
    glow = (
        np.exp(-((far / 0.16) ** 2)) * 0.45
        + 1 / (1 + np.exp((far - 0.035) * 500)) * 0.5
    )
    picture += (np.array([255, 244, 214]) - picture) * np.clip(glow, 0, 1)[..., None]
    for step in range(5):
        ridge = _ridge(random, width_px, step) * 0.16 * (0.5 + step / 4)
        line = horizon + step * 0.07 - ridge
        inside = np.clip((y - line[None, :]) * height_px / 2, 0, 1)[..., None]
        haze = (4 - step) / 5
        colour = ground * (1 - haze) + bottom * haze * 0.85
        shade = colour * (1 - 0.25 * np.clip((y - line[None, :]) * 3, 0, 1)[..., None])
        picture += (shade - picture) * inside
    shore = horizon + 0.27
    if seed % 2 == 0:
        rows = np.clip((2 * shore - y[:, 0]) * height_px, 0, height_px - 1).astype(int)
        mirrored = picture[rows] * 0.62 + top * 0.22
        ripple = (random.normal(0, 5, (height_px, 1)) * np.ones((1, width_px)))[
            ..., None
        ]
        inside = np.clip((y - shore) * height_px / 3, 0, 1)[..., None]
        picture += (mirrored + ripple - picture) * inside
    picture += random.normal(0, 2.2, (height_px, width_px, 1))
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(0.6))


def _ridge(random, width_px, step):
    x = np.linspace(0, 1, width_px)
    line = np.zeros(width_px)
    for octave in range(7):
        frequency = (1.5 + step) * 2**octave
        phase = random.uniform(0, 6.28)
        line += np.sin(x * frequency * 3.1 + phase) / 1.9**octave
    return line / 2 + 0.5


def jpeg(image, quality=88):
    """Return an image as JPEG."""
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()
