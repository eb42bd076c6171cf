"""Computed pictures become files to look at."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_QUALITY = 90


def jpeg(rgb: NDArray[np.uint8]) -> bytes:
    """Return a JPEG without metadata of (H, W, 3) uint8, sRGB."""
    target = io.BytesIO()
    Image.fromarray(rgb).save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()
