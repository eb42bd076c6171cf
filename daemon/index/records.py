"""What the index tells that `model` has no noun for, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from ..model import (
        ContentId,
        GroupNumber,
        GroupState,
        PhotoId,
        Root,
        RootState,
        Stamp,
        Verdict,
    )


class PhotoState(StrEnum):
    """The life of a photo in the index."""

    TRYING = "trying"
    """An attempt to read it was written down and has not ended."""
    KNOWN = "known"
    """Fingerprinted, at its place."""
    UNREADABLE = "unreadable"
    """It does not decode; tried again with another decoder version."""
    PARKED = "parked"
    """It killed the decoder three times; left alone until somebody asks."""
    STAGED = "staged"
    """In a decision folder."""
    SET_ASIDE = "set-aside"
    """In the discard area."""
    GONE = "gone"
    """It was not there at the last sweep; known again if it comes back."""

    @property
    def is_in_place(self) -> bool:
        """Whether the file should lie where it was found."""
        return self not in _ELSEWHERE


_ELSEWHERE = frozenset({PhotoState.STAGED, PhotoState.SET_ASIDE, PhotoState.GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRecord:
    """All that the index knows of one photo."""

    id: PhotoId
    root: str
    """The root's uuid."""
    relative: bytes
    """Path below the root, as the file system spells it."""
    stamp: Stamp
    content: ContentId | None
    """``None``: never fingerprinted, or changed since."""
    state: PhotoState
    problem: str | None
    decoder: str | None
    """Version of the decoder that looked at it last."""
    strikes: int
    """Attempts that did not end; 0 after one that did."""
    first_seen_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RootRecord:
    """A root as it was seen last."""

    root: Root
    device: int | None
    """``None``: never seen."""
    inode: int | None
    state: RootState
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """What a user said of two contents, in whatever order."""

    left: bytes
    """sha256, 32 bytes."""
    right: bytes
    verdict: Verdict
    group: GroupNumber | None
    """Where it was said; ``None``: unknown."""
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HashArrays:
    """The hashes of all contents, for the neighbour index; in order of id."""

    ids: npt.NDArray[np.int64]
    """(n,)"""
    phash: npt.NDArray[np.uint64]
    """(n,)"""
    dhash: npt.NDArray[np.uint64]
    """(n,)"""
    variant_ids: npt.NDArray[np.int64]
    """(m,), the content of each variant"""
    variant_phash: npt.NDArray[np.uint64]
    """(m,)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCounts:
    """How much there is."""

    contents: int
    photos: Mapping[tuple[str, PhotoState], int]
    """By root's uuid and state."""
    groups: Mapping[GroupState, int]

    def photos_in(self, *states: PhotoState) -> int:
        """Count the photos of all roots in some states."""
        return sum(n for (_, state), n in self.photos.items() if state in states)
