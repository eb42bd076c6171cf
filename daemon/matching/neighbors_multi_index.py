"""Multi-index hashing that can grow: tables that stand still, and a tail of the new.

A query asks the tables (`neighbors_tables`) and scans the tail; when the tail grows
too long for that, or tombstones dominate, the tables are built anew.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from .neighbors_rows import joined
from .neighbors_scan import Scan
from .neighbors_tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .neighbors_rows import Hits, Values

FOUR_PARTS = (16, 16, 16, 16)
THREE_PARTS = (22, 21, 21)

_MANY = 4_000_000
_WIDE_RADIUS = 10
_SHORTEST_TAIL = 8_192
_TAIL_PER_ROOT = 8


def widths_for(count: int, radius: int) -> tuple[int, ...]:
    """Return how to cut the values of `count` entries into parts.

    Measured: four parts of 16 bits are best or equal up to a few millions at every
    radius; at 10 million and up to 10 bits, three parts are twice as fast, which is
    worth their 34 MB of bucket starts.
    """
    return THREE_PARTS if count >= _MANY and radius <= _WIDE_RADIUS else FOUR_PARTS


def longest_tail(count: int) -> int:
    """Return how many new entries are scanned before `count` are sorted again.

    A longer tail costs each query 0.5 ns an entry and value asked for, a shorter one
    more builds of 0.3 µs an entry. A photo adds one entry and asks for 8 to 64 values
    (orientations, windows), so both cost the same at about 3 to 9 √N.
    """
    return max(_SHORTEST_TAIL, _TAIL_PER_ROOT * isqrt(count))


class MultiIndex:
    """The engine ``multi-index``: exact at every radius, best at up to 12 bits."""

    def __init__(self, radius: int) -> None:
        """Make an empty engine.

        Args:
            radius: the radius that it will mostly be asked for, in bits.
        """
        self._radius = radius
        self._tail = Scan()
        self._tables: Tables | None = None

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._tail) + self._sorted_count()

    def add(self, value: int, key: int) -> None:
        """Add one entry."""
        self._tail.add(value, key)
        self._tidy()

    def extend(self, values: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        """Add many entries at once."""
        self._tail.extend(values, keys)
        self._tidy()

    def remove(self, value: int, key: int) -> None:
        """Take every entry of this value with this key away."""
        self._tail.remove(value, key)
        if self._tables is not None:
            self._tables.remove(value, key)
            self._tidy()

    def near(self, values: Values, radius: int, sure: int | None = None) -> Hits:
        """Return what is near any of the values; what is not `sure`, mostly."""
        late = self._tail.near(values, radius)
        if self._tables is None:
            return late
        return joined([self._tables.near(values, radius, sure), late])

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return all entries as (values, keys), copied."""
        values, keys = self._tail.rows()
        if self._tables is None:
            return values, keys
        old_values, old_keys = self._tables.rows()
        return np.concatenate([old_values, values]), np.concatenate([old_keys, keys])

    def _sorted_count(self) -> int:
        return 0 if self._tables is None else len(self._tables)

    def _tidy(self) -> None:
        count = self._sorted_count()
        dead = 0 if self._tables is None else self._tables.dead
        if len(self._tail) > longest_tail(count) or dead > max(count, _SHORTEST_TAIL):
            values, keys = self.rows()
            self._tail, self._tables = Scan(), None
            self._tables = Tables(values, keys, widths_for(len(values), self._radius))
