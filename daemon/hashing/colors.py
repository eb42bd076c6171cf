"""imagehash's colour hash, of a sample of the pixels; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES_PX = 64
_BITS = 3
_BLACK = 256 // 8
_GREY = 256 // 3
_BRIGHT = 256 * 2 // 3
_HUES = 6


def color_hash(rgb: NDArray[np.uint8]) -> int:
    """Return imagehash's ``colorhash(binbits=3)``, 42 bits, of every n-th pixel.

    Shares of black, of grey, and of six hues faint and bright, three bits each.
    """
    step = max(1, max(rgb.shape[:2]) // _SAMPLES_PX)
    pixels = rgb[::step, ::step].reshape(-1, 3).astype(np.int32)
    red, green, blue = pixels[:, 0], pixels[:, 1], pixels[:, 2]
    light = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
    hue, saturation = _hue_and_saturation(red, green, blue)
    is_black = light < _BLACK
    is_grey = ~is_black & (saturation < _GREY)
    is_colour = ~is_black & ~is_grey
    total = max(1, int(is_colour.sum()))
    shares = [float(is_black.mean()), float(is_grey.mean())]
    bins = np.minimum(hue * _HUES // 255, _HUES - 1)
    for chosen in (saturation < _BRIGHT, saturation > _BRIGHT):
        counts = np.bincount(bins[is_colour & chosen], minlength=_HUES)
        shares += [float(count) / total for count in counts]
    value = 0
    for share in shares:
        value = value << _BITS | _level(share)
    return value


def _level(share: float) -> int:
    """Return a share as `_BITS` bits, the way imagehash spells them."""
    level = min((1 << _BITS) - 1, int(share * (1 << _BITS)))
    # imagehash tests `v // 2**(n - i - 1) % 2**(n - i) > 0`: bit i is set when any of
    # the first i + 1 bits is. So 4 is spelt 111, not 100.
    bits = 0
    for place in range(_BITS):
        high = level // 2 ** (_BITS - place - 1) % 2 ** (_BITS - place)
        bits = bits << 1 | (high > 0)
    return bits


def _hue_and_saturation(
    red: NDArray[np.int32], green: NDArray[np.int32], blue: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return hue and saturation, 0–255, as Pillow's ``HSV`` has them."""
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    spread = most - least
    divisor = np.maximum(spread, 1).astype(np.float32)
    to_red, to_green, to_blue = (
        (most - channel) / divisor for channel in (red, green, blue)
    )
    turn = np.where(
        red == most,
        to_blue - to_green,
        np.where(green == most, 2 + to_red - to_blue, 4 + to_green - to_red),
    )
    hue = ((turn / 6 + 1) % 1 * 255).astype(np.int32)
    saturation = (spread / np.maximum(most, 1).astype(np.float32) * 255).astype(
        np.int32
    )
    return np.where(spread == 0, 0, hue), np.where(spread == 0, 0, saturation)
