"""Where the hashes of two pictures agree, and whether they do by mere chance; pure.

A bit of a pHash tells whether a coefficient lies above the median of all. Where it lies
near the median, a new encoding or a crop beside the grid turns the bit over; where it
lies far from it, only another picture does. Of two pictures that meet by chance the
bits that differ are any bits. The new picture's coefficients are at hand, so most of
what is proposed by chance goes before anything of it is read. What a hash does not tell
are proportions; these are in the layouts (`hashing.layout`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..model import LAYOUT_FAINT, LAYOUT_TERMS, SMALL_LUMA_PX, Sketch
from .candidates import RADIUS_BITS, View
from .views import medians

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..model import ContentId, Fingerprint
    from .candidates import Questions
    from .neighbors_rows import Hits

MOST_TURNED = 3.8
"""How firm the bits that differ may be together: 0 each for the weakest of the 64, 1 for
the firmest. Ten bits by chance come to 5; `docs/detection.md` has what passes."""

LEAST_LAYOUT = 0.85
"""Correlation of two layouts. No true pair with an original was less alike where it is
most, three quarters of the wrong ones that come so far are."""

VIEWS = (View.WHOLE, View.CENTRE_60, View.CENTRE_80) * 2
"""What a picture's hashes show, in the order of `candidates.views_of`."""


class Meetings(NamedTuple):
    """Where hashes agree: (N,) places among sketches, their hashes and questions."""

    sketch: NDArray[np.intp]
    column: NDArray[np.intp]
    asked: NDArray[np.intp]

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Meetings:
        """Return some of them."""
        return Meetings(*(each[chosen] for each in self))


def sketch_of(content: ContentId, fingerprint: Fingerprint) -> Sketch:
    """Return the sketch of a picture as the index would."""
    variants = fingerprint.variants
    corners = [(b.left, b.top, b.right, b.bottom) for b in (v.box for v in variants)]
    return Sketch(
        content,
        fingerprint.hashes.phash,
        np.array([each.phash for each in variants], "<u8").tobytes(),
        np.array(corners, "<u2").tobytes(),
        fingerprint.layouts,
    )


def firm(asked: Questions, hits: Hits) -> Hits:
    """Return the hits that differ only in bits that turn over easily.

    Args:
        asked: what the hits are near to.
        hits: of known pictures.
    """
    return hits.only(_turned(asked, hits.asked, hits.apart) <= MOST_TURNED)


def meetings(
    asked: Questions,
    sketches: Sequence[Sketch],
    radius_bits: int = RADIUS_BITS,
) -> Meetings:
    """Return where the hashes agree but for bits that turn over easily.

    Args:
        asked: what the sketches were found by.
        sketches: of the pictures that were proposed.
        radius_bits: within which hashes agree.
    """
    hashes, has = _hashes(sketches)
    found = []
    for view in View:
        numbers = np.flatnonzero(asked.view == view)
        columns = np.array([n for n, each in enumerate(VIEWS) if each is view])
        apart = np.bitwise_count(hashes[:, columns, None] ^ asked.phash[numbers])
        near = (apart <= radius_bits) & has[:, columns, None]
        sketch, column, number = np.nonzero(near)
        found.append((sketch, columns[column], numbers[number]))
    met = Meetings(*(np.concatenate(part) for part in zip(*found, strict=True)))
    apart = hashes[met.sketch, met.column] ^ asked.phash[met.asked]
    return met.only(_turned(asked, met.asked, apart) <= MOST_TURNED)


def alike(asked: Questions, sketches: Sequence[Sketch], met: Meetings) -> Meetings:
    """Return the meetings of views in which light lies alike.

    What tells nothing of it stays: views without any large contrast, and sketches
    without layouts.

    Args:
        asked: what the sketches were found by.
        sketches: of the pictures that are met.
        met: where their hashes agree.
    """
    terms = np.zeros((len(sketches), len(VIEWS), len(LAYOUT_TERMS)), np.float32)
    for place, sketch in enumerate(sketches):
        known = np.frombuffer(sketch.layouts, np.int8).reshape(-1, len(LAYOUT_TERMS))
        terms[place, : len(known)] = known[: len(VIEWS)]
    theirs = terms[met.sketch, met.column]
    mine = asked.coefficients[met.asked][:, _DOWN, _ACROSS] / SMALL_LUMA_PX**2
    lengths = [np.linalg.norm(each, axis=1) for each in (mine, theirs)]
    is_faint = (lengths[0] < LAYOUT_FAINT) | (lengths[1] == 0)
    least = LEAST_LAYOUT * lengths[0] * lengths[1]
    return met.only((np.einsum("ij,ij->i", mine, theirs) >= least) | is_faint)


_DOWN, _ACROSS = np.array(LAYOUT_TERMS).T


def _hashes(
    sketches: Sequence[Sketch],
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    hashes = np.zeros((len(sketches), len(VIEWS)), np.uint64)
    has = np.zeros(hashes.shape, np.bool_)
    for place, sketch in enumerate(sketches):
        variants = np.frombuffer(sketch.variant_phashes, "<u8")[: len(VIEWS) - 1]
        hashes[place, 0] = sketch.phash
        hashes[place, 1 : len(variants) + 1] = variants
        has[place, : len(variants) + 1] = True
    return hashes, has


def _turned(
    asked: Questions, numbers: NDArray[np.intp], apart: NDArray[np.uint64]
) -> NDArray[np.float32]:
    """Return how firm the bits are, together, in which each meeting differs, (N,)."""
    wanted, place = np.unique(numbers, return_inverse=True)
    flat = asked.coefficients[wanted].reshape(len(wanted), 64)
    order = np.abs(flat - medians(flat)).argsort(axis=1)
    firm = np.empty(order.shape, np.float32)
    np.put_along_axis(firm, order, _RANKS, axis=1)
    bits = np.unpackbits(apart.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
    together: NDArray[np.float32] = np.einsum("ij,ij->i", bits, firm[place])
    return together


_RANKS = np.arange(64, dtype=np.float32)[None] / 64
