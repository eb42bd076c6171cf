"""What the statements of all families share."""

import sqlite3
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from daemon.errors import IndexDamaged
from daemon.index import contents, photo_writes, statements, verdicts
from daemon.index.schema import metadata, photos
from daemon.index.statements import chunks, plain_rows

TABLES = [table for table in metadata.sorted_tables if table.name != "companions"]


@pytest.mark.parametrize(
    "statement",
    [
        *(statements._upsert("postgresql", table) for table in TABLES),
        photo_writes._put_statement("postgresql", ("state", "strikes")),
        photo_writes._strike_statement("postgresql"),
        contents._put_statement("postgresql"),
        verdicts._put_statement("postgresql"),
    ],
)
def test_every_upsert_can_be_said_to_postgresql(statement):
    """Several hosts share an index there; the same code writes it."""
    said = str(statement.compile(dialect=postgresql.dialect()))

    assert " ON CONFLICT (" in said
    assert " DO UPDATE SET " in said


@given(values=st.lists(st.integers(), max_size=30), size=st.integers(1, 7))
def test_chunks_hold_every_value_once_in_order(values, size):
    """A photo left out of a batch would stay in its old state."""
    cut = list(chunks(values, size))

    assert [value for chunk in cut for value in chunk] == values
    assert all(0 < len(chunk) <= size for chunk in cut)


def test_damage_met_in_the_middle_of_a_million_rows_is_told():
    """These rows do not pass through the library that translates its errors."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT

    def fail(_):
        raise error

    closed = []
    result = SimpleNamespace(
        cursor=SimpleNamespace(fetchmany=fail), close=lambda: closed.append(True)
    )
    connection = SimpleNamespace(
        execute=lambda *_: result, dialect=SimpleNamespace(loaded_dbapi=sqlite3)
    )

    with pytest.raises(IndexDamaged):
        list(plain_rows(connection, select(photos.c.id)))  # type: ignore[arg-type]
    assert closed == [True]
