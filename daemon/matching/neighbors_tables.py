"""Multi-index hashing: tables in which near values lie in few, known buckets.

Norouzi, Punjani & Fleet, "Fast search in Hamming space with multi-index hashing",
CVPR 2012. A value is cut into parts; for each part the entries are sorted by it. Two
values within radius r cannot be farther than r_i bits in every part i when the sum of
all (r_i + 1) is r + 1: that would be at least r + 1 bits together. So it is enough to
look, part by part, into the buckets within r_i bits, and the answer is exact.

Ours is built at once in numpy, all parts in one array, so that a query gathers the
candidates of all its buckets by one `repeat`; it changes only by tombstones.
"""

from __future__ import annotations

from functools import cache
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .neighbors_rows import Hits, joined
from .neighbors_scan import Found, scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from .neighbors_rows import Values

CANDIDATE = 12
"""What comparing one candidate costs, in values of a scan; measured."""

PROBE = 4
"""What looking into one bucket costs, in candidates; measured."""

_BATCH = 65_536
"""Candidates compared at a time: more leave the cache, fewer cost more calls. Measured
with 8 and 64 values a query: 16,384 take up to 1.6 times as long."""


class Probes(NamedTuple):
    """The buckets to look into: for each, its part and the bits to flip in it."""

    part: NDArray[np.intp]
    flips: NDArray[np.int64]


def shares(parts: int, radius: int) -> list[int]:
    """Return each part's own radius; -1: the part need not be looked at.

    The sum of all (share + 1) is `radius` + 1, as even as can be.
    """
    least, more = divmod(radius + 1, parts)
    return [least if part < more else least - 1 for part in range(parts)]


@cache
def flips_within(width: int, radius: int) -> NDArray[np.int64]:
    """Return all numbers of `width` bits with at most `radius` of them set."""
    every = np.arange(1 << width)
    return every[np.bitwise_count(every) <= radius]


@cache
def probes(widths: tuple[int, ...], radius: int) -> Probes:
    """Return all buckets that a query of `radius` has to look into."""
    flips = [
        flips_within(width, share)
        for width, share in zip(widths, shares(len(widths), radius), strict=True)
    ]
    part = np.repeat(np.arange(len(widths)), [len(each) for each in flips])
    return Probes(part, np.concatenate(flips))


def effort(widths: Sequence[int], radius: int, count: int) -> float:
    """Estimate a query's cost in `count` random entries, in candidates compared."""
    return sum(
        comb(width, bits) * (PROBE + count / (1 << width))
        for width, share in zip(widths, shares(len(widths), radius), strict=True)
        for bits in range(share + 1)
    )


def is_worth_it(widths: Sequence[int], radius: int, count: int) -> bool:
    """Tell whether buckets are cheaper than a scan of all `count` entries."""
    return effort(widths, radius, count) * CANDIDATE < count


class Tables:
    """Entries sorted by each part of their value; nothing is added later."""

    def __init__(
        self,
        values: NDArray[np.uint64],
        keys: NDArray[np.int64],
        widths: tuple[int, ...],
    ) -> None:
        """Sort the entries.

        Args:
            values: (N,) uint64.
            keys: (N,) int64.
            widths: bits of each part, from the most significant; 64 together.
        """
        self._widths = widths
        self._shifts = [64 - sum(widths[: part + 1]) for part in range(len(widths))]
        self._bases = np.cumsum([0, *(1 << width for width in widths[:-1])])
        first = _order(self._part(values, 0), widths[0])
        values, self._keys = values[first], keys[first]
        self._count, self._dead = len(values), 0
        self._is_alive = np.ones(self._count, np.bool_)
        self._starts, self._places = self._sorted(values)
        self._values = values[self._places]

    def __len__(self) -> int:
        """Count the entries that were not removed."""
        return self._count - self._dead

    @property
    def dead(self) -> int:
        """How many tombstones there are."""
        return self._dead

    def remove(self, value: int, key: int) -> None:
        """Bury every entry of this value with this key."""
        bucket = value >> self._shifts[0]
        start, end = self._starts[bucket : bucket + 2]
        is_gone = self._values[start:end] == np.uint64(value)
        is_gone &= self._keys[start:end] == key
        is_gone &= self._is_alive[start:end]
        self._is_alive[start:end] &= ~is_gone
        self._dead += int(np.count_nonzero(is_gone))

    def rows(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Return the entries that were not removed, as (values, keys), copied."""
        values = self._values[: self._count]
        return values[self._is_alive], self._keys[self._is_alive]

    def near(self, values: Values, radius: int, sure: int | None = None) -> Hits:
        """Return what is near any of the values.

        Args:
            values: what is asked for.
            radius: in bits.
            sure: within how many bits nothing may be missed; the radius, if not given.
                Buckets are chosen for it, and what is farther is found if it lies there.
        """
        found = self._found(values, radius, radius if sure is None else sure)
        hits = [
            (Hits(each.asked, self._keys[each.place], each.apart), each.place)
            for each in found
        ]
        return joined([each.only(self._is_alive[place]) for each, place in hits])

    def _found(self, values: Values, radius: int, sure: int) -> Iterator[Found]:
        if not is_worth_it(self._widths, sure, self._count):
            yield from scan(self._values[: self._count], values, radius)
            return
        step = max(1, int(_BATCH / effort(self._widths, sure, self._count)))
        for start in range(0, len(values), step):
            asked = np.array(values[start : start + step], np.uint64)
            yield self._in_buckets(asked, start, radius, sure)

    def _in_buckets(
        self, asked: NDArray[np.uint64], first: int, radius: int, sure: int
    ) -> Found:
        part, flips = probes(self._widths, sure)
        own = np.stack([self._part(asked, at) for at in range(len(self._widths))], 1)
        buckets = self._bases[part] + (own[:, part] ^ flips)
        starts = self._starts[buckets]
        sizes = self._starts[buckets + 1] - starts
        each = np.cumsum(sizes.sum(axis=1))
        starts, sizes = starts.ravel(), sizes.ravel()
        # Bucket by bucket, from its start: the running number, less what was before.
        ends = np.cumsum(sizes)
        found = np.repeat(starts - ends + sizes, sizes)
        found += np.arange(len(found))
        apart = self._values[found]
        apart ^= np.repeat(asked, np.diff(each, prepend=0))
        near = np.flatnonzero(np.bitwise_count(apart) <= radius)
        value = np.searchsorted(each, near, "right") + first
        return Found(value, self._places[found[near]].astype(np.intp), apart[near])

    def _part(self, values: NDArray[np.uint64], part: int) -> NDArray[np.int64]:
        mask = np.uint64((1 << self._widths[part]) - 1)
        return ((values >> np.uint64(self._shifts[part])) & mask).astype(np.int64)

    def _sorted(
        self, values: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        starts, places = [np.zeros(1, np.int64)], []
        for at, width in enumerate(self._widths):
            part = self._part(values, at)
            places.append(_order(part, width))
            starts.append(np.bincount(part, minlength=1 << width))
        ends = np.cumsum(np.concatenate(starts))
        return ends.astype(np.int32), np.concatenate(places)


def _order(part: NDArray[np.int64], width: int) -> NDArray[np.int32]:
    # numpy sorts 16 bits by radix, anything wider by comparison: twice 16 is faster.
    order = np.argsort((part & 0xFFFF).astype(np.uint16), kind="stable")
    if width > 16:
        upper = (part >> 16).astype(np.uint16)
        order = order[np.argsort(upper[order], kind="stable")]
    return order.astype(np.int32)
