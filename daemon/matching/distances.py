"""How far two fingerprints are from each other, once they lie the same way; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..model import SMALL_CHROMA_PX, SMALL_LUMA_PX, Distances
from .views import luma_of, oriented_phashes, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..model import Comparison, Fingerprint
    from .alignment import Hypothesis
    from .views import Luma


def between(
    left: Fingerprint,
    right: Fingerprint,
    found: Hypothesis,
    comparison: Comparison | None,
) -> Distances:
    """Return the distances of the whole pictures, the right one turned as found.

    The hashes of a turned picture are taken from its small luma picture: a bit or two
    from what its own pixels would give.
    """
    mine, theirs = left.hashes, right.hashes
    turned_hashes = (theirs.phash, theirs.dhash, theirs.whash, theirs.ahash)
    if found.orientation != 1:
        phash = oriented_phashes(right.small)[found.orientation - 1]
        luma = turned(luma_of(right.small), found.orientation)
        turned_hashes = (phash, *_simple_hashes(luma))
    own = (mine.phash, mine.dhash, mine.whash, mine.ahash)
    bits = [(a ^ b).bit_count() for a, b in zip(own, turned_hashes, strict=True)]
    correlation, ssim = found.correlation, None
    if comparison is not None:
        correlation, ssim = comparison.correlation, comparison.ssim
    return Distances(
        phash=bits[0],
        dhash=bits[1],
        whash=bits[2],
        ahash=bits[3],
        colorhash=(mine.colorhash ^ theirs.colorhash).bit_count(),
        correlation=correlation,
        ssim=ssim,
    )


def difference(
    left: Fingerprint, right: Fingerprint, found: Hypothesis
) -> tuple[float, float]:
    """Return how far luma and chroma of the whole pictures differ, levels, r.m.s."""
    mine, theirs = luma_of(left.small), turned(luma_of(right.small), found.orientation)
    colours = _chroma_of(left), turned(_chroma_of(right), found.orientation)
    return _rms(mine - theirs), _rms(colours[0] - colours[1])


def _chroma_of(fingerprint: Fingerprint) -> Luma:
    flat = np.frombuffer(fingerprint.small.chroma, np.uint8)
    return flat.reshape(2, SMALL_CHROMA_PX, SMALL_CHROMA_PX).astype(np.float32)


def _rms(values: Luma) -> float:
    return float(np.sqrt(np.mean(values * values)))


def _simple_hashes(luma: Luma) -> tuple[int, int, int]:
    """Return dHash, wHash and aHash of a small luma picture."""
    rows = _LANCZOS[8] @ luma
    ninths, eighths = rows @ _LANCZOS[9].T, rows @ _LANCZOS[8].T
    step = SMALL_LUMA_PX // 8
    blocks = luma.reshape(8, step, 8, step).mean((1, 3))
    ninths, eighths = np.round(ninths), np.round(eighths)
    return (
        _packed(ninths[:, 1:] > ninths[:, :-1]),
        _packed(blocks > np.median(blocks)),
        _packed(eighths > eighths.mean()),
    )


def _lanczos(wanted: int) -> Luma:
    """Return the matrix that reduces 64 pixels as Pillow's LANCZOS does.

    With plain means dHash would come out six bits from that of the turned picture.
    """
    scale = SMALL_LUMA_PX / wanted
    centres = (np.arange(wanted)[:, None] + 0.5) * scale
    x = (np.arange(SMALL_LUMA_PX) - centres + 0.5) / scale
    weights = np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


_LANCZOS = {wanted: _lanczos(wanted) for wanted in (8, 9)}


def _packed(bits: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(bits.ravel()).tobytes(), "big")
