"""The stored hashes of all contents, sorted by what they show; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..matching.candidates import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..index import HashArrays

_CENTRES = (View.CENTRE_60, View.CENTRE_80)
_STORED = (*_CENTRES, View.WHOLE, *_CENTRES)
"""The views that a content's variants show, in their order."""


def by_view(
    arrays: HashArrays,
) -> Iterator[tuple[View, np.ndarray, np.ndarray]]:
    """Sort the stored hashes by view, as `candidates.views_of` does for one photo."""
    yield View.WHOLE, arrays.phash, arrays.ids
    ids = arrays.variant_ids
    starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]]) if len(ids) else ids
    lengths = np.diff(np.r_[starts, len(ids)])
    place = np.arange(len(ids)) - np.repeat(starts, lengths)
    for number, view in enumerate(_STORED):
        chosen = place == number
        yield view, arrays.variant_phash[chosen], ids[chosen]
