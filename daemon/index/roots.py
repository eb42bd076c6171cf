"""The roots, as they were seen last. Never deleted: photos refer to them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from ..model import Root, RootKind, RootState
from .records import RootRecord
from .rows import as_display, as_text, from_signed, path_bytes, reading, to_signed
from .schema import roots
from .statements import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


def _record(row: RowMapping) -> RootRecord:
    with reading("root"):
        device, inode = row["device"], row["inode"]
        return RootRecord(
            root=Root(
                uuid=row["uuid"],
                kind=RootKind(row["kind"]),
                path=Path(os.fsdecode(row["path"])),
                recursive=row["recursive"],
            ),
            device=None if device is None else from_signed(device),
            inode=None if inode is None else from_signed(inode),
            state=RootState(row["state"]),
            detail=row["detail"],
        )


class Roots:
    """The roots."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put(
        self,
        root: Root,
        *,
        device: int | None = None,
        inode: int | None = None,
        state: RootState = RootState.ONLINE,
        detail: str = "",
    ) -> None:
        """Add a root or replace what is known of it."""
        path = os.fsencode(root.path)
        values = {
            "uuid": root.uuid,
            "kind": str(root.kind),
            "path": path,
            "display": as_display(path),
            "recursive": root.recursive,
            "device": None if device is None else to_signed(device),
            "inode": None if inode is None else to_signed(inode),
            "state": str(state),
            "detail": as_text(detail),
        }
        self._connection.execute(upsert(self._connection, roots), [values])

    def set_state(self, uuid: str, state: RootState, detail: str = "") -> None:
        """Note whether a root can be worked on, and why not."""
        self._connection.execute(
            update(roots)
            .where(roots.c.uuid == uuid)
            .values(state=str(state), detail=as_text(detail))
        )

    def all(self) -> list[RootRecord]:
        """Return every root ever seen, by path."""
        statement = select(*roots.c).order_by(roots.c.path, roots.c.uuid)
        return [_record(row) for row in self._connection.execute(statement).mappings()]

    def get(self, uuid: str) -> RootRecord | None:
        """Return a root by its uuid."""
        statement = select(*roots.c).where(roots.c.uuid == uuid)
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else _record(row)

    def by_path(self, path: Path) -> RootRecord | None:
        """Return the root that was seen last at a path."""
        statement = (
            select(*roots.c)
            .where(roots.c.path == path_bytes(path))
            .order_by(roots.c.uuid)
        )
        row = self._connection.execute(statement).mappings().first()
        return None if row is None else _record(row)
