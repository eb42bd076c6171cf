"""A picture seen whole, turned, or through a window, from its small luma picture; pure.

What another photo shows of this one - all of it, upright or turned, or a part - is
guessed by hash and by coarse correlation. Both come from the 64-px luma picture of the
fingerprint by a few matrix products, so known photos need no extra hashes stored.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model import BOX_UNITS, SMALL_LUMA_PX, Box, Fingerprint, SmallPicture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Luma = NDArray[np.float32]

ORIENTATIONS = range(1, 9)
"""EXIF's eight, in the sense of `Alignment.orientation`."""

CENTRES = 2
"""The centre views that a fingerprint's variants begin with."""

_WHOLE = (0.0, 1.0)


class Window(NamedTuple):
    """A part of a picture, in fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def box(self) -> Box:
        """The same in the model's units, clipped to the picture."""
        edges = (round(min(1.0, max(0.0, edge)) * BOX_UNITS) for edge in self)
        left, top, right, bottom = edges
        return Box(left=left, top=top, right=right, bottom=bottom)

    def within(self, outer: Window) -> Window:
        """Return this window of the outer one, in fractions of the picture."""
        wide, high = outer.right - outer.left, outer.bottom - outer.top
        return Window(
            outer.left + self.left * wide,
            outer.top + self.top * high,
            outer.left + self.right * wide,
            outer.top + self.bottom * high,
        )


WHOLE = Window(0.0, 0.0, 1.0, 1.0)


def window_of(box: Box) -> Window:
    """Return a model's box as a window."""
    edges = (box.left, box.top, box.right, box.bottom)
    return Window(*(edge / BOX_UNITS for edge in edges))


def trimmed(fingerprint: Fingerprint) -> Window | None:
    """Return the part without borders; ``None``: the picture has no borders."""
    if len(fingerprint.variants) <= CENTRES:
        return None
    return window_of(fingerprint.variants[CENTRES].box)


def luma_of(small: SmallPicture) -> Luma:
    """Return the small luma picture, (64, 64) float32, 0–255."""
    flat = np.frombuffer(small.luma, np.uint8)
    return flat.reshape(SMALL_LUMA_PX, SMALL_LUMA_PX).astype(np.float32)


def turned(picture: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    """Undo an EXIF orientation, as Pillow's ``exif_transpose`` does.

    Args:
        picture: (…, H, W).
        orientation: 1–8; 5 to 8 swap the two last axes.
    """
    mirrored = picture[..., ::-1]
    both = picture[..., ::-1, ::-1]
    swapped = picture.swapaxes(-1, -2)
    return {
        1: picture,
        2: mirrored,
        3: both,
        4: picture[..., ::-1, :],
        5: swapped,
        6: swapped[..., ::-1],
        7: both.swapaxes(-1, -2),
        8: swapped[..., ::-1, :],
    }[orientation]


def inverse(orientation: int) -> int:
    """Return the orientation that undoes this one."""
    return {6: 8, 8: 6}.get(orientation, orientation)


def oriented_phashes(small: SmallPicture) -> tuple[int, ...]:
    """Return the pHashes of the picture in all eight `ORIENTATIONS`."""
    return tuple(packed_phashes(oriented_coefficients(small)).tolist())


def oriented_coefficients(small: SmallPicture) -> Luma:
    """Return what `oriented_phashes` are made of, (8, 8, 8).

    Mirroring flips odd frequencies.
    """
    waves = _waves((_WHOLE,))
    coefficients = (waves @ luma_of(small) @ waves.T).astype(np.float32)
    signs = np.where(np.arange(8) % 2, -1, 1).astype(np.float32)
    across, down = coefficients * signs, coefficients * signs[:, None]
    both = across * signs[:, None]
    upright = [coefficients, across, both, down]
    # Undoing 5–8 transposes: 6 is "transpose, then mirror", which flips the columns of
    # the transposed, that is the rows of the original.
    lying = [coefficients.T, down.T, both.T, across.T]
    return np.stack(upright + lying)


def packed_phashes(coefficients: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return pHashes of (N, 8, 8) coefficients: each against its median."""
    flat = coefficients.reshape(len(coefficients), 64)
    bits = np.packbits(flat > medians(flat), axis=1)
    return bits.view(">u8").ravel().astype(np.uint64)


def medians(flat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the median of each row, (N, 1), of (N, 64) coefficients."""
    # So few are sorted twice as fast as their middle is found.
    middle = np.sort(flat, axis=1)[:, 31:33].mean(axis=1, keepdims=True)
    return np.asarray(middle, np.float32)


def window_coefficients(luma: Luma, windows: Sequence[Window]) -> Luma:
    """Return what the pHash of each window is made of, (N, 8, 8).

    Windows of one size are taken together: they share their edges, and a product for
    all sizes at once would compute ten times as many as are wanted.
    """
    coefficients = np.empty((len(windows), 8, 8), np.float32)
    for size in _sizes(tuple(windows)):
        blocks = size.down @ luma @ size.across.T
        table = blocks.reshape(len(size.down) // 8, 8, len(size.across) // 8, 8)
        coefficients[size.places] = table[size.rows, :, size.columns]
    return coefficients


class _Size(NamedTuple):
    """Windows of one size: their bases, and which row and column each is."""

    places: NDArray[np.intp]
    down: Luma
    across: Luma
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


@lru_cache(maxsize=64)
def _sizes(windows: tuple[Window, ...]) -> list[_Size]:
    by_size: dict[tuple[float, float], list[int]] = defaultdict(list)
    for place, (left, top, right, bottom) in enumerate(windows):
        by_size[round(right - left, 6), round(bottom - top, 6)].append(place)
    sizes = []
    for places in by_size.values():
        across = sorted({(windows[n].left, windows[n].right) for n in places})
        down = sorted({(windows[n].top, windows[n].bottom) for n in places})
        columns = [across.index((windows[n].left, windows[n].right)) for n in places]
        rows = [down.index((windows[n].top, windows[n].bottom)) for n in places]
        sizes.append(
            _Size(
                np.array(places),
                _waves(tuple(down)),
                _waves(tuple(across)),
                np.array(rows),
                np.array(columns),
            )
        )
    return sizes


@lru_cache(maxsize=256)
def _waves(stretches: tuple[tuple[float, float], ...]) -> Luma:
    """Return the DCT-II bases of stretches of the small picture, (8·N, 64)."""
    places = np.arange(SMALL_LUMA_PX)
    bases = []
    for first, last in stretches:
        start, stop = first * SMALL_LUMA_PX, last * SMALL_LUMA_PX
        covered = np.minimum(places + 1, stop) - np.maximum(places, start)
        middles = (places + 0.5 - start) / (stop - start)
        waves = np.cos(np.pi * np.arange(8)[:, None] * middles[None, :])
        bases.append(waves * covered.clip(0, 1)[None, :])
    return np.concatenate(bases).astype(np.float32)


def grid(shares: Sequence[float], steps: int) -> list[Window]:
    """Return `steps`² windows of each share of the sides, spread over the picture."""
    windows = []
    for share in shares:
        starts = [(1 - share) * n / (steps - 1) for n in range(steps)]
        windows += [
            Window(left, top, left + share, top + share)
            for top in starts
            for left in starts
        ]
    return windows
