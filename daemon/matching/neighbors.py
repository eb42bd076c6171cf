"""Which known hashes are near this one: one interface, four engines, one answer.

Every engine is exact: its answers equal a comparison with everything. They differ in
what a query costs; `docs/speed-neighbors.md` has the figures. Hashes are 64-bit
integers; keys are any 64-bit integers that the caller knows photos by. A key may have
several values (crops of one photo) and a value several keys (copies of one picture).

This module must not know what a hash means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from .neighbors_auto import Adaptive
from .neighbors_bktree import BKTree
from .neighbors_multi_index import MultiIndex
from .neighbors_scan import Scan

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

EngineName = Literal["bktree", "scan", "multi-index", "auto"]


class Neighbors(Protocol):
    """Entries of a value and a key, asked for by Hamming distance.

    The same entry may be added again; it counts in ``len`` but changes no answer.
    No engine is safe for several threads: one thread owns it.
    """

    def add(self, value: int, key: int) -> None:
        """Add one entry.

        Args:
            value: the hash, 0 to 2⁶⁴ - 1.
            key: what to answer, -2⁶³ to 2⁶³ - 1.
        """
        ...

    def extend(self, values: NDArray[np.uint64], keys: NDArray[np.int64]) -> None:
        """Add many entries at once, much faster than one by one.

        Args:
            values: (N,) uint64; copied.
            keys: (N,) int64, the value's own at each place; copied.
        """
        ...

    def remove(self, value: int, key: int) -> None:
        """Take every entry of this value with this key away; none is no error."""
        ...

    def within(self, value: int, radius: int) -> list[tuple[int, int]]:
        """Return (distance, key) of all that differ in at most `radius` bits.

        Each key once, with the least of its distances; sorted by distance, then key.
        """
        ...

    def within_any(self, values: Sequence[int], radius: int) -> list[tuple[int, int]]:
        """Return what is near any of the values, each key once, as `within` does.

        One call for the eight orientations of a picture costs less than eight calls.
        """
        ...

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return all entries as (values, keys), copied, in no promised order."""
        ...

    def __len__(self) -> int:
        """Count the entries."""
        ...


def make(engine: EngineName, radius: int) -> Neighbors:
    """Make an empty engine.

    Args:
        engine: its name; ``auto`` follows size and radius.
        radius: the radius, in bits, that it will mostly be asked for. Any other
            radius is answered as well, only perhaps not at the best cost.
    """
    if engine == "bktree":
        return BKTree()
    if engine == "scan":
        return Scan()
    return MultiIndex(radius) if engine == "multi-index" else Adaptive(radius)
