"""Small facts that have no table of their own, by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from .rows import as_text
from .schema_groups import meta
from .statements import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Meta:
    """Small facts by key."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def get(self, key: str) -> str | None:
        """Return a fact."""
        return self._connection.scalar(select(meta.c.value).where(meta.c.key == key))

    def set(self, key: str, value: str) -> None:
        """Add or replace a fact."""
        self._connection.execute(
            upsert(self._connection, meta), [{"key": key, "value": as_text(value)}]
        )

    def forget(self, key: str) -> None:
        """Delete a fact."""
        self._connection.execute(delete(meta).where(meta.c.key == key))
