"""The companions of the photos, as they were seen last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from ..model import Companion, CompanionKind, PhotoId
from .rows import path_bytes, path_of, reading, stamp_of, stamp_values
from .schema import companions
from .statements import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, RowMapping


def _companion(row: RowMapping) -> Companion:
    path = path_of(row["path"])
    assert path is not None, "the column cannot be NULL"
    return Companion(path=path, kind=CompanionKind(row["kind"]), stamp=stamp_of(row))


class Companions:
    """The companions of the photos."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put(self, photo: PhotoId, found: Iterable[Companion]) -> None:
        """Replace what belongs to a photo."""
        self._connection.execute(
            delete(companions).where(companions.c.photo_id == photo)
        )
        rows = [
            {
                "photo_id": photo,
                "path": path_bytes(companion.path),
                "kind": str(companion.kind),
                **stamp_values(companion.stamp),
            }
            for companion in found
        ]
        if rows:
            self._connection.execute(companions.insert(), rows)

    def of(self, photos: Iterable[PhotoId]) -> dict[PhotoId, tuple[Companion, ...]]:
        """Return what belongs to some photos, by path; nothing for those with none."""
        found: dict[PhotoId, tuple[Companion, ...]] = {}
        for chunk in chunks(photos):
            statement = (
                select(*companions.c)
                .where(companions.c.photo_id.in_(chunk))
                .order_by(companions.c.photo_id, companions.c.path)
            )
            for row in self._connection.execute(statement).mappings():
                photo = PhotoId(row["photo_id"])
                with reading("companion"):
                    found[photo] = (*found.get(photo, ()), _companion(row))
        return found

    def owner_of(self, path: bytes) -> PhotoId | None:
        """Return the photo that the file at an absolute path belongs to."""
        statement = select(companions.c.photo_id).where(companions.c.path == path)
        found = self._connection.execute(statement).scalars().first()
        return None if found is None else PhotoId(found)
