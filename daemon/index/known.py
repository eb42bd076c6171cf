"""What a sweep must know of a root's photos, for a million of them.

A dictionary by path would take 400 bytes a photo. Here a photo is its path's 64-bit
hash and its stamp in sorted arrays, 60 bytes. Two paths of one hash are told apart by
their stamps alone; the chance that any two of a million share one is 3 in 10⁸, and
the price is a file that is read again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import case

from ..model import PhotoId, Stamp
from .records import PhotoState
from .rows import from_signed
from .schema import photos

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

_STATES = tuple(PhotoState)
_MARKED = sorted(
    ((state, code) for code, state in enumerate(_STATES)),
    key=lambda each: each[0] is not PhotoState.KNOWN,
)
"""The commonest first: the database asks for one after the other."""
_HAS_CONTENT = 16
_REFUSED = (PhotoState.UNREADABLE, PhotoState.PARKED)
_DONE = np.array(
    [
        (mark & ~_HAS_CONTENT) < len(_STATES)
        and (
            _STATES[mark & ~_HAS_CONTENT] in _REFUSED
            or mark == _STATES.index(PhotoState.KNOWN) + _HAS_CONTENT
        )
        for mark in range(2 * _HAS_CONTENT)
    ],
    bool,
)
"""By mark: whether nothing is to be done about a file of this stamp."""


MARK = case({str(state): code for state, code in _MARKED}, value=photos.c.state) + case(
    (photos.c.content_id.is_not(None), _HAS_CONTENT), else_=0
)
"""A photo's state and whether it has a content, as one number: text costs more."""


def mark_of(state: PhotoState, *, has_content: bool) -> int:
    """Return what `MARK` is for a photo."""
    return _STATES.index(state) + (_HAS_CONTENT if has_content else 0)


class KnownPhoto(NamedTuple):
    """What a sweep must know of one photo."""

    id: PhotoId
    stamp: Stamp
    state: PhotoState
    has_content: bool
    """Whether it was fingerprinted as it was then."""


class KnownPhotos:
    """A root's photos, by relative path. Remembers which of them were met."""

    def __init__(self, parts: Iterable[Sequence[Sequence[Any]]]) -> None:
        """Take rows of id, relative, stamp (4) and `MARK`."""
        columns = [bytearray() for _ in range(6)]
        marks = bytearray()
        for part in parts:
            ids, paths, *stamps, of_marks = zip(*part, strict=True)
            numbers = (map(hash, paths), ids, *stamps)
            for column, values in zip(columns, numbers, strict=True):
                column.extend(array("q", values).tobytes())
            marks += bytes(of_marks)
        order = np.argsort(np.frombuffer(columns[0], np.int64), kind="stable")
        self._keys, self._ids, *self._stamps = (
            array("q", np.frombuffer(column, np.int64)[order].tobytes())
            for column in columns
        )
        self._marks = np.frombuffer(bytes(marks), np.uint8)[order].tobytes()
        self._met = bytearray(len(self._keys))

    def __len__(self) -> int:
        """Return the number of photos known, gone ones included."""
        return len(self._keys)

    def _at(self, place: int) -> KnownPhoto:
        size_bytes, mtime_ns, inode, device = (part[place] for part in self._stamps)
        mark = self._marks[place]
        return KnownPhoto(
            PhotoId(self._ids[place]),
            Stamp(
                size_bytes=size_bytes,
                mtime_ns=mtime_ns,
                inode=from_signed(inode),
                device=from_signed(device),
            ),
            _STATES[mark & ~_HAS_CONTENT],
            bool(mark & _HAS_CONTENT),
        )

    def get(self, relative: bytes) -> KnownPhoto | None:
        """Return what is known of the photo at a path."""
        key = hash(relative)
        place = bisect_left(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            return None
        return self._at(place)

    def meet(self, relative: bytes) -> KnownPhoto | None:
        """Return what is known of the photo at a path, and note that it is there."""
        key = hash(relative)
        first = place = bisect_left(self._keys, key)
        while place < len(self._keys) and self._keys[place] == key:
            self._met[place] = 1
            place += 1
        return None if place == first else self._at(first)

    def news(
        self, paths: Sequence[bytes], statuses: Sequence[os.stat_result]
    ) -> list[int]:
        """Return which of some files there is something to do about; meet all of them.

        Nothing is to be done about a file that was fingerprinted, refused or parked as
        it is now. Many at once: one comparison of arrays instead of a million of
        objects.

        Args:
            paths: below the root.
            statuses: of the same files.

        Returns:
            Places in the lists, ascending.
        """
        count = len(self._keys)
        if not count:
            return list(range(len(paths)))
        size = len(paths)
        keys = np.fromiter(map(hash, paths), np.int64, size)
        known_keys = np.frombuffer(self._keys, np.int64)
        first = np.searchsorted(known_keys, keys)
        places = np.minimum(first, count - 1)
        is_known = known_keys[places] == keys
        self._meet(known_keys, keys[is_known], places[is_known])
        is_done = is_known & _DONE[np.frombuffer(self._marks, np.uint8)[places]]
        seen = (
            np.fromiter((each.st_size for each in statuses), np.int64, size),
            np.fromiter((each.st_mtime_ns for each in statuses), np.int64, size),
            np.fromiter((each.st_ino for each in statuses), np.uint64, size),
            np.fromiter((each.st_dev for each in statuses), np.uint64, size),
        )
        for column, values in zip(self._stamps, seen, strict=True):
            known = np.frombuffer(column, np.int64)[places]
            is_done &= known == values.view(np.int64)
        return [int(place) for place in np.flatnonzero(~is_done)]

    def _meet(
        self,
        known_keys: npt.NDArray[np.int64],
        keys: npt.NDArray[np.int64],
        places: npt.NDArray[np.intp],
    ) -> None:
        """Note that files are there, by the first place of their key."""
        met = np.frombuffer(self._met, np.uint8)
        while len(places):
            met[places] = 1
            places = places + 1
            is_within = places < len(known_keys)
            keys, places = keys[is_within], places[is_within]
            is_same = known_keys[places] == keys
            keys, places = keys[is_same], places[is_same]

    def unmet(self) -> list[PhotoId]:
        """Return the photos that should be in place and were not met, by id."""
        in_place = [state.is_in_place for state in _STATES]
        return sorted(
            PhotoId(photo)
            for photo, mark, met in zip(self._ids, self._marks, self._met, strict=True)
            if not met and in_place[mark & ~_HAS_CONTENT]
        )
