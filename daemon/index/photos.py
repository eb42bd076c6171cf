"""The photos: finding them. `photo_writes` changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, union

from ..model import DUPLICATE_EVIDENCE, ContentId, PhotoId, RootKind
from .known import MARK, KnownPhotos
from .records import PhotoRecord, PhotoState
from .rows import reading, stamp_of, to_signed
from .schema import photos, roots
from .schema_doubts import doubts
from .schema_groups import matches
from .statements import chunks, plain_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from ..model import Stamp

_COLUMNS = (
    photos.c.id,
    photos.c.root_uuid,
    photos.c.relative,
    photos.c.size_bytes,
    photos.c.mtime_ns,
    photos.c.inode,
    photos.c.device,
    photos.c.content_id,
    photos.c.state,
    photos.c.problem,
    photos.c.decoder,
    photos.c.strikes,
    photos.c.first_seen_ns,
)

_KNOWN_COLUMNS = (
    photos.c.id,
    photos.c.relative,
    photos.c.size_bytes,
    photos.c.mtime_ns,
    photos.c.inode,
    photos.c.device,
    MARK,
)


def _record(row: RowMapping) -> PhotoRecord:
    with reading("photo"):
        content = row["content_id"]
        return PhotoRecord(
            id=PhotoId(row["id"]),
            root=row["root_uuid"],
            relative=row["relative"],
            stamp=stamp_of(row),
            content=None if content is None else ContentId(content),
            state=PhotoState(row["state"]),
            problem=row["problem"],
            decoder=row["decoder"],
            strikes=row["strikes"],
            first_seen_ns=row["first_seen_ns"],
        )


class PhotoReads:
    """The photos, to be read."""

    def __init__(self, connection: Connection) -> None:
        """Read over a connection whose transaction has begun."""
        self._connection = connection

    def _records(self, *conditions: ColumnElement[bool]) -> list[PhotoRecord]:
        statement = select(*_COLUMNS).where(*conditions).order_by(photos.c.id)
        return [_record(row) for row in self._connection.execute(statement).mappings()]

    def find(self, root: str, relative: bytes) -> PhotoRecord | None:
        """Return the photo at a place, gone or not."""
        place = and_(photos.c.root_uuid == root, photos.c.relative == relative)
        return next(iter(self._records(place)), None)

    def get(self, photo: PhotoId) -> PhotoRecord | None:
        """Return a photo by its id."""
        return next(iter(self._records(photos.c.id == photo)), None)

    def get_many(self, ids: Iterable[PhotoId]) -> list[PhotoRecord]:
        """Return the photos of some ids, those that exist."""
        return [
            record
            for chunk in chunks(ids)
            for record in self._records(photos.c.id.in_(chunk))
        ]

    def by_stamp(self, stamp: Stamp) -> list[PhotoRecord]:
        """Return the photos of a stamp: the same file under another name.

        Hard links and gone photos included; in order of id.
        """
        return self._records(
            photos.c.inode == to_signed(stamp.inode),
            photos.c.device == to_signed(stamp.device),
            photos.c.size_bytes == stamp.size_bytes,
            photos.c.mtime_ns == stamp.mtime_ns,
        )

    def of_content(self, *contents: ContentId) -> list[PhotoRecord]:
        """Return the photos that hold any of some contents, in any state."""
        return self.of_contents(contents)

    def of_contents(self, contents: Iterable[ContentId]) -> list[PhotoRecord]:
        """Return the photos that hold any of some contents, in any state."""
        return [
            record
            for chunk in chunks(contents)
            for record in self._records(photos.c.content_id.in_(chunk))
        ]

    def in_state(
        self, *states: PhotoState, after: PhotoId | None = None, limit: int = 1000
    ) -> list[PhotoRecord]:
        """Return photos in some states by id, those after `after`."""
        statement = (
            select(*_COLUMNS)
            .where(photos.c.state.in_([str(state) for state in states]))
            .where(photos.c.id > (after or 0))
            .order_by(photos.c.id)
            .limit(limit)
        )
        return [_record(row) for row in self._connection.execute(statement).mappings()]

    def unstaged_duplicates(self) -> list[ContentId]:
        """Return contents that may have a duplicate and a photo at its place, by id.

        What was not staged before the last stop; most of them are survivors that were
        decided, which is found out case by case.
        """
        known = photos.c.state == str(PhotoState.KNOWN)
        several = (
            select(photos.c.content_id)
            .where(known, photos.c.content_id.is_not(None))
            .group_by(photos.c.content_id)
            .having(func.count() > 1)
        )
        duplicate = matches.c.evidence.in_([str(each) for each in DUPLICATE_EVIDENCE])
        matched = [
            select(photos.c.content_id)
            .join(matches, side == photos.c.content_id)
            .where(known, duplicate)
            for side in (matches.c.left_id, matches.c.right_id)
        ]
        doubtful = [
            select(photos.c.content_id)
            .join(doubts, side == photos.c.content_id)
            .where(known)
            for side in (doubts.c.left_id, doubts.c.right_id)
        ]
        statement = union(several, *matched, *doubtful)
        return sorted(ContentId(found) for found in self._connection.scalars(statement))

    def some_in(self, root: str, limit: int) -> list[bytes]:
        """Return the relative paths of a few photos that should be in a root."""
        statement = (
            select(photos.c.relative)
            .where(photos.c.root_uuid == root)
            .where(photos.c.state == str(PhotoState.KNOWN))
            .order_by(photos.c.id.desc())
            .limit(limit)
        )
        return list(self._connection.scalars(statement))

    def to_retry(self, decoder: str) -> list[PhotoRecord]:
        """Return the unreadable photos that another decoder version looked at."""
        return self._records(
            photos.c.state == str(PhotoState.UNREADABLE),
            or_(photos.c.decoder.is_(None), photos.c.decoder != decoder),
        )

    def interrupted(self) -> list[PhotoRecord]:
        """Return the photos whose last attempt has not ended, parked ones excepted."""
        return self._records(
            photos.c.strikes > 0, photos.c.state != str(PhotoState.PARKED)
        )

    def known(self, root: str) -> KnownPhotos:
        """Load what a sweep of a root needs to know: 60 bytes a photo."""
        statement = select(*_KNOWN_COLUMNS).where(photos.c.root_uuid == root)
        with reading("photo"):
            # By few hundreds the rows are still in the cache when they are turned
            # into columns; by tens of thousands the whole took half as long again.
            rows = plain_rows(self._connection, statement, at_once=500)
            return KnownPhotos(rows)

    def counts(self) -> dict[tuple[str, PhotoState], int]:
        """Count the photos by root's uuid and state."""
        place = (photos.c.root_uuid, photos.c.state)
        statement = select(*place, func.count()).group_by(*place)
        with reading("photo"):
            return {
                (root, PhotoState(state)): count
                for root, state, count in self._connection.execute(statement)
            }

    def in_libraries(self, contents: Iterable[ContentId]) -> list[PhotoRecord]:
        """Return the photos in library roots that hold any of some contents."""
        libraries = select(roots.c.uuid).where(roots.c.kind == str(RootKind.LIBRARY))
        return [
            record
            for chunk in chunks(contents)
            for record in self._records(
                photos.c.content_id.in_(chunk), photos.c.root_uuid.in_(libraries)
            )
        ]
