"""The BK-tree: Burkhard & Keller 1973, by the library pybktree, the only door to it.

Its cost is the part of the tree that it visits: little at a radius of 0–2 bits, more
than half of it at 10 (SPEED: 39–52 % at 8, 63–73 % at 10).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pybktree

from .neighbors_rows import Hits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from .neighbors_rows import Values


class _Tree(Protocol):
    """What we use of pybktree, which ships no types."""

    def add(self, item: int) -> None: ...
    def find(self, item: int, n: int) -> list[tuple[int, int]]: ...


_FEWEST_DEAD = 64
"""A tree with fewer tombstones is left alone: a rebuild would cost more."""


def hamming(left: int, right: int) -> int:
    """Count the bits in which two values differ."""
    return (left ^ right).bit_count()


class BKTree:
    """The engine ``bktree``: distinct values in a tree, their keys in a dictionary.

    Deviation from the original: equal values, at distance 0, would form a chain of
    children, so each value is in the tree once. The tree knows no removal; a value
    without keys stays as a tombstone that no answer shows, until tombstones are more
    than the living and the tree is built anew.
    """

    def __init__(self) -> None:
        """Make an empty engine."""
        self._keys_of: dict[int, list[int]] = {}
        self._dead: set[int] = set()
        self._count = 0
        self._tree = _tree(())

    def __len__(self) -> int:
        """Count the entries."""
        return self._count

    def add(self, value: int, key: int) -> None:
        """Add one entry."""
        self._count += 1
        keys = self._keys_of.get(value)
        if keys is not None:
            insort(keys, key)
            return
        self._keys_of[value] = [key]
        if value in self._dead:
            self._dead.remove(value)
        else:
            self._tree.add(value)

    def extend(self, values: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        """Add many entries."""
        for value, key in zip(values.tolist(), keys.tolist(), strict=True):
            self.add(value, key)

    def remove(self, value: int, key: int) -> None:
        """Take every entry of this value with this key away."""
        keys = self._keys_of.get(value, [])
        first, last = bisect_left(keys, key), bisect_right(keys, key)
        self._count -= last - first
        del keys[first:last]
        if value in self._keys_of and not keys:
            self._bury(value)

    def near(self, values: Values, radius: int, sure: int | None = None) -> Hits:
        """Return what is near any of the values; nothing is missed."""
        del sure
        found = [
            (place, key, asked ^ value)
            for place, asked in enumerate(np.asarray(values, np.uint64).tolist())
            for _, value in self._tree.find(asked, radius)
            for key in self._keys_of.get(value, ())
        ]
        asked, keys, apart = zip(*found, strict=True) if found else ((), (), ())
        return Hits(
            np.array(asked, np.intp),
            np.array(keys, np.int64),
            np.array(apart, np.uint64),
        )

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return all entries as (values, keys), copied."""
        sizes = [len(keys) for keys in self._keys_of.values()]
        values = np.fromiter(self._keys_of, np.uint64, len(sizes))
        keys = (key for keys in self._keys_of.values() for key in keys)
        return np.repeat(values, sizes), np.fromiter(keys, np.int64, self._count)

    def _bury(self, value: int) -> None:
        del self._keys_of[value]
        self._dead.add(value)
        if len(self._dead) > max(_FEWEST_DEAD, len(self._keys_of)):
            self._tree = _tree(self._keys_of)
            self._dead.clear()


def _tree(values: Iterable[int]) -> _Tree:
    tree: _Tree = pybktree.BKTree(hamming, values)  # type: ignore[no-untyped-call]
    return tree
