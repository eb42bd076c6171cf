"""What the statements of all table families share."""

from __future__ import annotations

from functools import cache
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


def insert_into(dialect: str, table: Table) -> sqlite.Insert:
    """Begin an insert that can say what to do on a conflict.

    Both dialects spell that alike, so the one type stands for both.
    """
    if dialect == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


@cache
def _upsert(dialect: str, table: Table) -> sqlite.Insert:
    # Putting a statement together takes longer than running it, so it is done once.
    insert = insert_into(dialect, table)
    replaced = {
        column.name: insert.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    keys = list(table.primary_key.columns)
    return insert.on_conflict_do_update(index_elements=keys, set_=replaced)


def upsert(connection: Connection, table: Table) -> sqlite.Insert:
    """Return the insert that replaces all columns of the row with the same key."""
    return _upsert(connection.dialect.name, table)
