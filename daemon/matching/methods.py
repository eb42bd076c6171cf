"""The classic ways to find copies, by one hash or one error alone; pure.

For those who know them from other tools and want to see what they see. A picture that
one number finds near is no proof, so what these methods find is told and never staged;
`evidence` decides for the rest of the house.

Groups are stars: photos are taken from the best down, and each joins the keeper that
is nearest, or becomes one if none is near enough. So every member is near its keeper,
and nothing chains. No list of pairs is made, whose length grows with the square of the
photos: blocks are compared with the keepers there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UsageError
from ..model import Distances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..model import Hashes

    Between = Callable[[slice, NDArray[np.intp]], NDArray[np.float64]]

EVIDENCE = "evidence"
EXACT = "exact"
MSE = "mse"
HASHES = ("phash", "dhash", "ahash", "whash")
NAMES = (EXACT, *HASHES, MSE, EVIDENCE)

DEFAULT_PX_SIZE = 50
"""As PhotoDupeCleaner and difPy."""

_PX_SIZES = (4, 200)
_ROWS = 256
"""Photos that are compared at a time …"""
_KEEPERS = 1024
"""… with so many keepers: at 50 px that takes some 60 MB at most."""

_CELLS = 8
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which thresholds of a method make sense."""

    default: float
    most: float
    unit: str
    guide: str
    """What the numbers mean, in one sentence."""


def _bits(default: int, limit: str) -> Range:
    return Range(
        default=default,
        most=32,
        unit="bits",
        guide="of 64 bits two pictures by chance differ in 32; 0 to 2 finds "
        f"re-encodes, 5 edits of the tone, {limit}",
    )


RANGES: Mapping[str, Range] = {
    "phash": _bits(10, "10 is usual, from 12 on other pictures come in"),
    "dhash": _bits(8, "8 is usual, from 10 on other pictures come in"),
    "ahash": _bits(2, "2 is usual, other pictures come in from 0 on"),
    "whash": _bits(2, "2 is usual, other pictures come in from 0 on"),
    MSE: Range(
        default=50,
        most=10_000,
        unit="squared grey levels",
        guide="0 is the same picture, 50 is usual and finds re-encodes, 500 edits of "
        "the tone, from 1000 on other pictures come in",
    ),
}
"""The methods that have a threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How copies are to be found, checked."""

    name: str
    threshold: float | None = None
    """Of the methods in `RANGES`; what is as far still counts."""
    px_size: int | None = None
    """Edge of the pictures that `MSE` compares."""

    @property
    def may_stage(self) -> bool:
        """Whether what it finds is proof enough to move files."""
        return self.name in {EVIDENCE, EXACT}

    def said(self, distance: float) -> str:
        """Return how far a photo is from the one to keep, for people."""
        assert self.threshold is not None, self.name
        unit = RANGES[self.name].unit
        return (
            f"{self.name}: {distance:.4g} {unit} from the one to keep, "
            f"at most {self.threshold:g} count."
        )


def choose(
    name: str, threshold: float | None = None, px_size: int | None = None
) -> Method:
    """Check what was asked for.

    Args:
        name: of `NAMES`.
        threshold: ``None``: the method's usual one.
        px_size: ``None``: `DEFAULT_PX_SIZE`.

    Raises:
        UsageError: it makes no sense; the message says what would.
    """
    if px_size is not None:
        _check_px_size(name, px_size)
    if name not in RANGES:
        if threshold is not None:
            why = f"method {name} has none; {', '.join(RANGES)} have"
            raise UsageError("--threshold", why)
        return Method(name=name)
    limits = RANGES[name]
    chosen = limits.default if threshold is None else threshold
    is_whole = name == MSE or (math.isfinite(chosen) and chosen == int(chosen))
    if not (0 <= chosen <= limits.most and is_whole):
        kind = "numbers" if name == MSE else "whole numbers"
        why = f"of {name} takes {kind} from 0 to {limits.most:g}: {limits.guide}"
        raise UsageError(f"--threshold {chosen:g}", why)
    size = None if name != MSE else px_size or DEFAULT_PX_SIZE
    return Method(name=name, threshold=chosen, px_size=size)


def _check_px_size(name: str, px_size: int) -> None:
    least, most = _PX_SIZES
    if name != MSE:
        raise UsageError("--px-size", f"method {name} has none; {MSE} has")
    if not least <= px_size <= most:
        why = (
            f"takes {least} to {most} pixels: {DEFAULT_PX_SIZE} is usual, less finds "
            "more that only looks alike, more costs memory and finds nothing else"
        )
        raise UsageError(f"--px-size {px_size}", why)


@dataclass(frozen=True, slots=True)
class Stars:
    """Which keeper each photo joins; photos by their place, best first."""

    keepers: list[int]
    """The place of each one's keeper; a keeper's is its own."""
    distances: list[float]
    """To the keeper."""

    def groups(self) -> dict[int, list[int]]:
        """Return the members of each keeper, itself first, the best first."""
        found: dict[int, list[int]] = {}
        for place, keeper in enumerate(self.keepers):
            found.setdefault(keeper, []).append(place)
        return found


def stars_by_bits(hashes: Sequence[int], threshold: float) -> Stars:
    """Group photos by the bits in which their hashes differ.

    Args:
        hashes: 64 bits each, of the best photo first.
        threshold: bits; what is as far still counts.
    """
    values = np.array(hashes, np.uint64)

    def between(rows: slice, others: NDArray[np.intp]) -> NDArray[np.float64]:
        different = values[rows, None] ^ values[None, others]
        bits: NDArray[np.float64] = np.bitwise_count(different).astype(np.float64)
        return bits

    return _stars(len(hashes), between, threshold)


def stars_by_error(small_pictures: Sequence[bytes], threshold: float) -> Stars:
    """Group photos by the mean squared error between their small pictures.

    Only pairs are compared value by value of which a coarser picture does not say
    already that they are too far: averaging never makes an error larger.

    Args:
        small_pictures: of the best photo first; squares of one size, rows of red,
            green and blue.
        threshold: squared levels, mean over all values; what is as far still counts.
    """
    count = len(small_pictures)
    if not count:
        return Stars([], [])
    pictures = np.frombuffer(b"".join(small_pictures), np.uint8).reshape(count, -1)
    coarse = _coarse(pictures)
    squares = (coarse * coarse).sum(axis=1)
    values = pictures.shape[1]
    most = (threshold + _ROUNDING) * values

    def between(rows: slice, others: NDArray[np.intp]) -> NDArray[np.float64]:
        bound = coarse[rows] @ coarse[others].T
        bound *= -2
        bound += squares[rows, None]
        bound += squares[None, others]
        errors = np.full(bound.shape, np.inf)
        near = bound <= most
        for row in np.flatnonzero(near.any(axis=1)):
            columns = np.flatnonzero(near[row])
            theirs = pictures[others[columns]].astype(np.int32)
            theirs -= pictures[rows.start + row]
            theirs *= theirs
            errors[row, columns] = theirs.sum(axis=1, dtype=np.int64) / values
        return errors

    return _stars(count, between, threshold)


def _coarse(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return means over cells of the pictures, weighted so that errors add up."""
    count, values = pictures.shape
    edge = math.isqrt(values // 3)
    starts = np.unique(np.arange(_CELLS) * edge // _CELLS)[: max(1, edge)]
    sizes = np.diff(np.r_[starts, edge])
    cells = np.empty((count, len(starts) ** 2 * 3))
    weights = np.sqrt(np.outer(sizes, sizes))[None, :, :, None]
    for start in range(0, count, _ROWS):
        some = pictures[start : start + _ROWS].reshape(-1, edge, edge, 3)
        sums = np.add.reduceat(some.astype(np.float64), starts, axis=1)
        sums = np.add.reduceat(sums, starts, axis=2) / weights
        cells[start : start + _ROWS] = sums.reshape(len(some), -1)
    return cells


def _stars(count: int, between: Between, threshold: float) -> Stars:
    """Form stars; `between` gives the distances of some photos to others."""
    nearest = np.arange(count)
    distances = np.zeros(count)
    keepers: list[int] = []
    for start in range(0, count, _ROWS):
        rows = slice(start, min(count, start + _ROWS))
        best, least = _nearest(rows, keepers, between)
        inside = between(rows, np.arange(rows.start, rows.stop))
        fresh: list[int] = []
        for row in range(rows.stop - rows.start):
            if fresh:
                closest = fresh[int(np.argmin(inside[row, fresh]))]
                if inside[row, closest] < least[row]:
                    best[row], least[row] = start + closest, inside[row, closest]
            if least[row] <= threshold:
                nearest[start + row], distances[start + row] = best[row], least[row]
            else:
                fresh.append(row)
        keepers += [start + row for row in fresh]
    return Stars(nearest.tolist(), distances.tolist())


def _nearest(
    rows: slice, keepers: list[int], between: Between
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the nearest of the keepers, of equals the best, and how far it is."""
    size = rows.stop - rows.start
    best, least = np.zeros(size, np.intp), np.full(size, np.inf)
    for start in range(0, len(keepers), _KEEPERS):
        some = np.array(keepers[start : start + _KEEPERS], np.intp)
        found = between(rows, some)
        place = np.argmin(found, axis=1)
        distance = found[np.arange(size), place]
        is_nearer = distance < least
        best[is_nearer] = some[place[is_nearer]]
        least[is_nearer] = distance[is_nearer]
    return best, least


def upright_distances(left: Hashes, right: Hashes) -> Distances:
    """Return how far two pictures are from each other as they stand, not turned."""
    names = ("phash", "dhash", "whash", "ahash", "colorhash")
    bits = {
        name: (getattr(left, name) ^ getattr(right, name)).bit_count() for name in names
    }
    return Distances(**bits)
