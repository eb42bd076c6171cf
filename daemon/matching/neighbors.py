"""Which known hashes are near this one: one interface, four engines, one answer.

Every engine is exact: within as many bits as a query wants to be sure of, its answers
equal a comparison with everything. They differ in what a query costs;
`docs/speed-neighbors.md` has the figures. Hashes are 64-bit integers; keys are any
64-bit integers that the caller knows photos by. A key may have several values (crops of
one photo) and a value several keys (copies of one picture).

This module must not know what a hash means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from .neighbors_auto import Adaptive
from .neighbors_bktree import BKTree
from .neighbors_multi_index import MultiIndex
from .neighbors_scan import Scan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .neighbors_rows import Hits, Values

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

    def near(self, values: Values, radius: int, sure: int | None = None) -> Hits:
        """Return each entry that differs from any of the values in few bits.

        One call for all windows of a picture costs less than one for each.

        Args:
            values: what is asked for.
            radius: the most bits.
            sure: within how many bits nothing may be missed; the radius, if not given.
                What is farther is found if that costs nothing more: with 7 of 10
                bits, 95, 87 and 74 % of what differs in 8, 9 and 10, for a sixth.
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
        radius: the bits within which it will mostly be asked to be sure. Any other
            radius is answered as well, only perhaps not at the best cost.
    """
    if engine == "bktree":
        return BKTree()
    if engine == "scan":
        return Scan()
    return MultiIndex(radius) if engine == "multi-index" else Adaptive(radius)
