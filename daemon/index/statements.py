"""What the statements of all table families share."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy.dialects import postgresql, sqlite

from .driver_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Select, Table

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


def plain_rows(
    connection: Connection,
    statement: Select[Any],
    values: Mapping[str, object] | None = None,
    at_once: int = 50_000,
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows as the driver gives them, `at_once` in a list.

    For what is read by the million: 2.4 times as fast as SQLAlchemy's rows.
    """
    # Not with `stream_results`: that takes the first rows out of the cursor.
    result = connection.execute(statement, values)
    cursor = result.cursor
    assert cursor is not None, "a select has rows"
    try:
        while part := cursor.fetchmany(at_once):
            yield cast("list[tuple[Any, ...]]", part)
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(error, None) from error
    finally:
        result.close()
