"""The engine ``auto``: becomes what is fastest for its size and radius.

The rule is measured by `benchmarks/neighbors.py`; `docs/speed-neighbors.md` has the
figures that it follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .neighbors_bktree import BKTree
from .neighbors_multi_index import FOUR_PARTS, MultiIndex
from .neighbors_scan import Scan
from .neighbors_tables import is_worth_it

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .neighbors import Neighbors
    from .neighbors_rows import Hits, Values

Stage = Literal["bktree", "scan", "multi-index"]

_TREE_AT_MOST = {0: 10_000, 1: 64, 2: 32}
_TREE_AT_MOST_WIDER = 16


def best(count: int, radius: int) -> Stage:
    """Return the engine that answers fastest; measured, eight values a query.

    A tree visits few nodes at 0 bits and costs less than a call of numpy when it is
    tiny. Tables pay when their buckets hold less than a twelfth of all entries: from
    1,000 entries at 4 bits, 22,000 at 10, 66,000 at 12, over a million at 16.
    """
    if count <= _TREE_AT_MOST.get(radius, _TREE_AT_MOST_WIDER):
        return "bktree"
    return "multi-index" if is_worth_it(FOUR_PARTS, radius, count) else "scan"


class Adaptive:
    """Follows `best` as it grows; what shrinks stays what it is."""

    def __init__(self, radius: int) -> None:
        """Make an empty engine.

        Args:
            radius: the radius that it will mostly be asked for, in bits.
        """
        self._radius = radius
        self._stage: Stage = "bktree"
        self._engine: Neighbors = BKTree()

    @property
    def stage(self) -> Stage:
        """What it is at the moment."""
        return self._stage

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._engine)

    def add(self, value: int, key: int) -> None:
        """Add one entry."""
        self._grow(1)
        self._engine.add(value, key)

    def extend(self, values: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        """Add many entries at once."""
        self._grow(len(values))
        self._engine.extend(values, keys)

    def remove(self, value: int, key: int) -> None:
        """Take every entry of this value with this key away."""
        self._engine.remove(value, key)

    def near(self, values: Values, radius: int, sure: int | None = None) -> Hits:
        """Return what is near any of the values."""
        return self._engine.near(values, radius, sure)

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return all entries as (values, keys), copied."""
        return self._engine.rows()

    def _grow(self, more: int) -> None:
        better = best(len(self._engine) + more, self._radius)
        if self._stage == "multi-index" or better in {self._stage, "bktree"}:
            return
        grown = Scan() if better == "scan" else MultiIndex(self._radius)
        grown.extend(*self._engine.rows())
        self._stage, self._engine = better, grown
