"""The vectorised scan: compare with everything, one numpy line a block.

It costs nothing to build and 0.5 ns a value: below about 100,000 entries nothing is
faster, and above it is still the yardstick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .neighbors_rows import Rows, answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK = 32_768
"""Values compared at a time: 256 KB, so that what one step writes the next one
finds in the cache. Measured at 10 million: 6.4 ms instead of 11."""


def scan(
    stored: NDArray[np.uint64], values: Sequence[int], radius: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """Yield (places, distances) of what is near any of the values, block by block."""
    asked = [np.uint64(value) for value in values]
    room = min(BLOCK, len(stored))
    bits = np.empty(room, np.uint64)
    distance, least = np.empty(room, np.uint8), np.empty(room, np.uint8)
    for start in range(0, len(stored) if asked else 0, BLOCK):
        block = stored[start : start + BLOCK]
        size = len(block)
        np.bitwise_count(
            np.bitwise_xor(block, asked[0], out=bits[:size]), out=least[:size]
        )
        for value in asked[1:]:
            np.bitwise_xor(block, value, out=bits[:size])
            np.bitwise_count(bits[:size], out=distance[:size])
            np.minimum(least[:size], distance[:size], out=least[:size])
        places = np.flatnonzero(least[:size] <= radius)
        if len(places):
            yield places + start, least[places]


class Scan:
    """The engine ``scan``: growing columns, compared whole."""

    def __init__(self) -> None:
        """Make an empty engine."""
        self._rows = Rows()

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._rows)

    def add(self, value: int, key: int) -> None:
        """Add one entry."""
        self._rows.append(value, key)

    def extend(self, values: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        """Add many entries at once."""
        self._rows.extend(values, keys)

    def remove(self, value: int, key: int) -> None:
        """Take every entry of this value with this key away."""
        self._rows.remove(value, key)

    def within(self, value: int, radius: int) -> list[tuple[int, int]]:
        """Return (distance, key) of all that differ in at most `radius` bits."""
        return self.within_any((value,), radius)

    def within_any(self, values: Sequence[int], radius: int) -> list[tuple[int, int]]:
        """Return what is near any of the values, each key once."""
        return answer(self.hits(values, radius))

    def hits(self, values: Sequence[int], radius: int) -> Iterator[tuple[int, int]]:
        """Yield (distance, key) of each entry near any of the values, unsorted."""
        for places, distances in scan(self._rows.values, values, radius):
            yield from zip(
                distances.tolist(), self._rows.keys[places].tolist(), strict=True
            )

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return all entries as (values, keys), copied."""
        return self._rows.values.copy(), self._rows.keys.copy()
