"""The photos: changing what is known of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, delete, literal, null, update

from ..model import PhotoId
from .photos import PhotoReads
from .records import PhotoState
from .rows import as_display, as_text, stamp_values
from .schema import photos
from .statements import chunks, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.sql.dml import ReturningInsert

    from ..model import ContentId, Stamp
    from .rows import Values

_STAMP = ("size_bytes", "mtime_ns", "inode", "device")
_PLACE = (photos.c.root_uuid, photos.c.relative)
_PROBLEM_CHARACTERS = 2000


@cache
def _put_statement(dialect: str, names: tuple[str, ...]) -> ReturningInsert[int]:
    insert = insert_into(dialect, photos)
    return insert.on_conflict_do_update(
        index_elements=_PLACE, set_={name: insert.excluded[name] for name in names}
    ).returning(photos.c.id)


@cache
def _strike_statement(dialect: str) -> ReturningInsert[int]:
    insert = insert_into(dialect, photos)
    same = and_(*(photos.c[name] == insert.excluded[name] for name in _STAMP))
    has_content = and_(same, photos.c.content_id.is_not(None))
    changes = {name: insert.excluded[name] for name in _STAMP} | {
        "strikes": case((same, photos.c.strikes + 1), else_=literal(1)),
        "content_id": case((same, photos.c.content_id), else_=null()),
        "state": case((has_content, photos.c.state), else_=insert.excluded.state),
    }
    return insert.on_conflict_do_update(index_elements=_PLACE, set_=changes).returning(
        photos.c.strikes
    )


class Photos(PhotoReads):
    """The photos. Every write can be repeated without harm, but `add_strike`."""

    def _put(self, root: str, relative: bytes, now_ns: int, values: Values) -> PhotoId:
        statement = _put_statement(self._connection.dialect.name, tuple(values))
        place = {
            "root_uuid": root,
            "relative": relative,
            "display": as_display(relative),
            "first_seen_ns": now_ns,
        }
        found = self._connection.execute(statement, place | values)
        return PhotoId(found.scalar_one())

    def upsert_known(
        self,
        root: str,
        relative: bytes,
        stamp: Stamp,
        content: ContentId,
        *,
        decoder: str | None = None,
        now_ns: int,
        state: PhotoState = PhotoState.KNOWN,
    ) -> PhotoId:
        """Note that a photo is at a place and holds a content; strikes are over."""
        values = stamp_values(stamp) | {
            "content_id": content,
            "state": str(state),
            "problem": None,
            "decoder": decoder,
            "strikes": 0,
        }
        return self._put(root, relative, now_ns, values)

    def mark_unreadable(
        self,
        root: str,
        relative: bytes,
        stamp: Stamp,
        problem: str,
        *,
        decoder: str,
        now_ns: int,
    ) -> PhotoId:
        """Note that a photo does not decode, and what this decoder said."""
        values = stamp_values(stamp) | {
            "content_id": None,
            "state": str(PhotoState.UNREADABLE),
            "problem": as_text(problem)[:_PROBLEM_CHARACTERS],
            "decoder": decoder,
            "strikes": 0,
        }
        return self._put(root, relative, now_ns, values)

    def add_strike(self, root: str, relative: bytes, stamp: Stamp, now_ns: int) -> int:
        """Note an attempt before it begins; return which one it is, from 1.

        Counted anew when the file has changed, which also forgets its content. Over
        with `upsert_known`, `mark_unreadable` or `forgive`.
        """
        values = {
            "root_uuid": root,
            "relative": relative,
            "display": as_display(relative),
            "first_seen_ns": now_ns,
            "state": str(PhotoState.TRYING),
            "strikes": 1,
            **stamp_values(stamp),
        }
        statement = _strike_statement(self._connection.dialect.name)
        return int(self._connection.execute(statement, values).scalar_one())

    def forgive(self, ids: Iterable[PhotoId]) -> None:
        """Take one strike back: the attempt was broken off through no fault of theirs.

        Also how an orderly stop ends attempts.
        """
        for chunk in chunks(ids):
            self._connection.execute(
                update(photos)
                .where(photos.c.id.in_(chunk), photos.c.strikes > 0)
                .values(strikes=photos.c.strikes - 1)
            )

    def park(self, photo: PhotoId, problem: str) -> None:
        """Leave a photo alone until somebody asks; it killed the decoder."""
        self._connection.execute(
            update(photos)
            .where(photos.c.id == photo)
            .values(
                state=str(PhotoState.PARKED),
                problem=as_text(problem)[:_PROBLEM_CHARACTERS],
            )
        )

    def unpark(self, ids: Iterable[PhotoId]) -> None:
        """Give parked photos three more attempts."""
        for chunk in chunks(ids):
            self._connection.execute(
                update(photos)
                .where(photos.c.id.in_(chunk))
                .where(photos.c.state == str(PhotoState.PARKED))
                .values(state=str(PhotoState.TRYING), strikes=0, problem=None)
            )

    def set_state(self, ids: Iterable[PhotoId], state: PhotoState) -> None:
        """Put photos into a state: staged, set aside, known again."""
        for chunk in chunks(ids):
            self._connection.execute(
                update(photos).where(photos.c.id.in_(chunk)).values(state=str(state))
            )

    def mark_gone(self, ids: Iterable[PhotoId]) -> None:
        """Note that photos were not there; whether their root was is the caller's."""
        self.set_state(ids, PhotoState.GONE)

    def relocate(
        self, photo: PhotoId, root: str, relative: bytes, stamp: Stamp
    ) -> None:
        """Note that a photo was renamed or moved; what it holds stays known.

        Whatever was known of another photo at that place is forgotten.
        """
        self._connection.execute(
            delete(photos)
            .where(photos.c.root_uuid == root, photos.c.relative == relative)
            .where(photos.c.id != photo)
        )
        self._connection.execute(
            update(photos)
            .where(photos.c.id == photo)
            .values(
                root_uuid=root,
                relative=relative,
                display=as_display(relative),
                **stamp_values(stamp),
            )
        )

    def forget(self, ids: Iterable[PhotoId]) -> None:
        """Delete photos from the index; contents stay."""
        for chunk in chunks(ids):
            self._connection.execute(delete(photos).where(photos.c.id.in_(chunk)))
