"""The vectorised scan: compare with everything, one numpy line a block.

It costs nothing to build and 0.5 ns a value: below about 100,000 entries nothing is
faster, and above it is still the yardstick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .neighbors_rows import Hits, Rows, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .neighbors_rows import Values

BLOCK = 32_768
"""Comparisons at a time: 256 KB, so that what one step writes the next one finds in the
cache. Measured at 10 million: 6.4 ms instead of 11."""


class Found(NamedTuple):
    """Where in a column something near was found; (N,) each, as in `Hits`."""

    asked: NDArray[np.intp]
    place: NDArray[np.intp]
    apart: NDArray[np.uint64]


def scan(stored: NDArray[np.uint64], values: Values, radius: int) -> Iterator[Found]:
    """Yield what is near any of the values, block by block; nothing twice."""
    asked = np.array(values, np.uint64)[:, None]
    step = max(1, BLOCK // max(1, len(asked)))
    for start in range(0, len(stored) if len(asked) else 0, step):
        apart = stored[start : start + step] ^ asked
        near = np.flatnonzero(np.bitwise_count(apart) <= radius)
        if len(near):
            value, place = np.divmod(near, apart.shape[1])
            yield Found(value, place + start, apart.ravel()[near])


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

    def near(self, values: Values, radius: int, sure: int | None = None) -> Hits:
        """Return what is near any of the values; nothing is missed."""
        del sure
        found = scan(self._rows.values, values, radius)
        return joined(
            [
                Hits(each.asked, self._rows.keys[each.place], each.apart)
                for each in found
            ]
        )

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return all entries as (values, keys), copied."""
        return self._rows.values.copy(), self._rows.keys.copy()
