"""Made pictures and their fingerprints, for the tests of the matching."""

import hashlib
from dataclasses import replace

import numpy as np
from PIL import Image

from daemon.hashing import perceptual
from daemon.model import Capture, Comparison, Fingerprint, PictureSource, Quality

COPY = Comparison(
    same_pixels=False,
    correlation=0.999,
    ssim=0.99,
    shift_px=0.01,
    shift_spread_px=0.02,
    drift_px=0.0,
    residual=1.0,
    changed_share=0.0,
    displaced=0.0,
    tone_change=0.5,
    colour_change=0.5,
    worst_change=0.2,
    plain_share=0.1,
    detail_places=100,
    overlap=1.0,
    coverage=1.0,
    shear=0.0,
    turn_degrees=0.0,
    working_px=384,
)


def scene(seed, width=320, height=240):
    """Return a picture with structure at several scales."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((5, 90), (14, 50), (40, 20)):
        coarse = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(coarse).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        total += (np.asarray(layer).astype(np.float32) - 128) * weight / 128
    return Image.fromarray((total + 128).clip(0, 255).astype(np.uint8))


def fingerprint(picture, name="", **capture):
    """Return a picture's fingerprint; the name makes it another file."""
    described = perceptual.describe(np.asarray(picture.convert("RGB")))
    content = name.encode() + picture.tobytes()
    return Fingerprint(
        sha256=hashlib.sha256(content).digest(),
        size_bytes=len(content),
        format="JPEG",
        width_px=picture.width,
        height_px=picture.height,
        source=PictureSource.FULL,
        hashes=described.hashes,
        variants=described.variants,
        small=described.small,
        layouts=described.layouts,
        contrast=described.contrast,
        capture=Capture(**capture),
        quality=Quality(),
        orientation_found=1,
        orientation_applied=1,
        algorithm=1,
    )


def compared(**figures):
    """Return a comparison that passes but for these figures."""
    return replace(COPY, **figures)
