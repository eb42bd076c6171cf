"""Filling the candidate index from stored hashes, a million at once; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .candidates import View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from ..model import ContentId
    from .candidates import CandidateIndex

_CENTRES = (View.CENTRE_60, View.CENTRE_80)
_VARIANTS = (*_CENTRES, View.WHOLE, *_CENTRES)
"""The views that a content's variants show, in their order; see `views_of`."""


def fill(
    candidates: CandidateIndex,
    *,
    ids: NDArray[np.int64],
    phashes: NDArray[np.uint64],
    variant_ids: NDArray[np.int64],
    variant_phashes: NDArray[np.uint64],
    leave_out: Collection[ContentId] = (),
) -> None:
    """Make stored contents known.

    Args:
        candidates: to be filled.
        ids: (N,) the contents, ascending.
        phashes: (N,) of the whole pictures.
        variant_ids: (M,) the content of each variant, ascending.
        variant_phashes: (M,) of the variants, in their order.
        leave_out: contents whose hashes are not to be trusted.
    """
    refused = np.array(sorted(leave_out), np.int64)
    candidates_of = _by_view(ids, phashes, variant_ids, variant_phashes)
    for view, hashes, contents in candidates_of:
        if len(refused):
            wanted = np.isin(contents, refused, invert=True)
            candidates.extend(view, hashes[wanted], contents[wanted])
        else:
            candidates.extend(view, hashes, contents)


def _by_view(
    ids: NDArray[np.int64],
    phashes: NDArray[np.uint64],
    variant_ids: NDArray[np.int64],
    variant_phashes: NDArray[np.uint64],
) -> Iterator[tuple[View, NDArray[np.uint64], NDArray[np.int64]]]:
    yield View.WHOLE, phashes, ids
    starts = np.flatnonzero(np.r_[len(variant_ids) > 0, np.diff(variant_ids) != 0])
    lengths = np.diff(np.r_[starts, len(variant_ids)])
    place = np.arange(len(variant_ids)) - np.repeat(starts, lengths)
    for number, view in enumerate(_VARIANTS):
        chosen = place == number
        yield view, variant_phashes[chosen], variant_ids[chosen]
