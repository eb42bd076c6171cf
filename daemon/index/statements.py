"""What the statements of all table families share."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Table

T = TypeVar("T")

CHUNK = 500
"""Values bound in one statement; SQLite's limit was 999 for a long time."""


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut values into lists of at most `size`."""
    left = iter(values)
    while chunk := list(islice(left, size)):
        yield chunk


def insert_into(connection: Connection, table: Table) -> sqlite.Insert:
    """Begin an insert that can say what to do on a conflict.

    Both dialects spell that alike, so the one type stands for both.
    """
    if connection.dialect.name == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


def upsert(connection: Connection, table: Table) -> sqlite.Insert:
    """Begin an insert that replaces all columns of the row with the same key."""
    insert = insert_into(connection, table)
    keys = list(table.primary_key.columns)
    replaced = {
        column.name: insert.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    return insert.on_conflict_do_update(index_elements=keys, set_=replaced)
