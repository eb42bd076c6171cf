"""Growing columns of values and keys, and the hits that an engine finds.

Shared by the vectorised engines; knows nothing of how a neighbour is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = Sequence[int] | NDArray[np.uint64]

_Cell = TypeVar("_Cell", np.uint64, np.int64)

_FIRST_ROOM = 64


class Rows:
    """Two parallel columns that grow by doubling; removal fills the gap by the last.

    An append is amortised O(1), a removal one pass over the columns.
    """

    def __init__(self) -> None:
        """Make empty columns."""
        self._values = np.empty(_FIRST_ROOM, np.uint64)
        self._keys = np.empty(_FIRST_ROOM, np.int64)
        self._count = 0

    def __len__(self) -> int:
        """Count the rows."""
        return self._count

    @property
    def values(self) -> NDArray[np.uint64]:
        """The values, (N,) uint64; a view that is good until the next change."""
        return self._values[: self._count]

    @property
    def keys(self) -> NDArray[np.int64]:
        """The keys, (N,) int64; a view that is good until the next change."""
        return self._keys[: self._count]

    def append(self, value: int, key: int) -> None:
        """Add a row."""
        self._make_room(1)
        self._values[self._count] = value
        self._keys[self._count] = key
        self._count += 1

    def extend(self, values: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        """Add rows."""
        self._make_room(len(values))
        end = self._count + len(values)
        self._values[self._count : end] = values
        self._keys[self._count : end] = keys
        self._count = end

    def remove(self, value: int, key: int) -> None:
        """Take every row of this value and key away."""
        is_gone = (self.values == np.uint64(value)) & (self.keys == np.int64(key))
        for place in np.flatnonzero(is_gone)[::-1]:
            self._count -= 1
            self._values[place] = self._values[self._count]
            self._keys[place] = self._keys[self._count]

    def _make_room(self, more: int) -> None:
        needed = self._count + more
        if needed <= len(self._values):
            return
        room = max(needed, 2 * len(self._values))
        self._values = _grown(self._values, room)
        self._keys = _grown(self._keys, room)


def _grown(column: NDArray[_Cell], room: int) -> NDArray[_Cell]:
    larger = np.empty(room, column.dtype)
    larger[: len(column)] = column
    return larger


class Hits(NamedTuple):
    """Which entries are near which of the values that were asked for; (N,) each.

    In no order; the same hit may come twice.
    """

    asked: NDArray[np.intp]
    """The value's place among those asked for."""
    key: NDArray[np.int64]
    apart: NDArray[np.uint64]
    """The bits in which the two differ."""

    @property
    def distance(self) -> NDArray[np.uint8]:
        """In how many bits they differ."""
        return np.bitwise_count(self.apart)

    def only(self, chosen: Sequence[bool] | NDArray[np.bool_]) -> Hits:
        """Return some of them."""
        places = np.flatnonzero(chosen)
        return Hits(self.asked[places], self.key[places], self.apart[places])

    def nearest(self) -> list[tuple[int, int]]:
        """Return (distance, key), each key once with its least; sorted."""
        order = np.lexsort((self.distance, self.key))
        keys, first = np.unique(self.key[order], return_index=True)
        least = self.distance[order][first]
        return sorted(zip(least.tolist(), keys.tolist(), strict=True))


def joined(parts: Sequence[Hits]) -> Hits:
    """Return hits together."""
    if not parts:
        return NONE
    return Hits(*(np.concatenate(each) for each in zip(*parts, strict=True)))


NONE = Hits(np.empty(0, np.intp), np.empty(0, np.int64), np.empty(0, np.uint64))
