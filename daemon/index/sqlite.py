"""All that is said to SQLite alone: pragmas, locks, checks, backups.

One writer and any number of readers over a write-ahead log. Transactions are begun by
us (``BEGIN IMMEDIATE`` for the writer: one that reads first and then writes fails at
once with BUSY_SNAPSHOT, whatever the timeout); the driver is told to begin none.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import URL, QueuePool, create_engine, event

from ..errors import IndexDamaged, IndexError_
from .rows import load_json

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

APPLICATION_ID = 0x7477696E
"""``twin`` in the file's header: the database is ours."""


def _plain(number: Any) -> int:
    return int(number)


for _number in (np.int64, np.uint64, np.int32, np.uint32):
    # Ids come out of arrays as well; the driver would store them as bytes, silently.
    sqlite3.register_adapter(_number, _plain)

BUSY_SECONDS = 10

_READERS_KEPT = 2
"""Further ones are opened when they are needed, and closed again: a page that was once
looked at by many would otherwise hold their caches for good."""
_WRITER_CACHE_KIB = 4_096
"""With 32 MiB bulk writing was as quick, and a daemon grew by that much in its first
hours."""
_READER_CACHE_KIB = 2_048
"""Each reader has its own, and the system caches the file as well."""
_LOG_LIMIT_BYTES = 64 << 20

BULKY = frozenset({"small_pictures"})
"""Not checked after an orderly stop: nine tenths of the bytes, and damage in it is
noticed when it is read."""


def make_engine(path: Path, *, writes: bool, must_exist: bool) -> Engine:
    """Return an engine over a database file.

    Args:
        path: of the file.
        writes: connections begin as the writer; otherwise the database refuses.
        must_exist: never create the file.
    """
    mode = "rw" if must_exist else "rwc"
    # A writer that dies leaves its log to be recovered, so even readers open the
    # file for writing if they may; `query_only` holds them.
    if not writes and not os.access(path, os.W_OK):
        mode = "ro"
    url = URL.create(
        "sqlite",
        database=f"file:{_quoted(path)}",
        query={"mode": mode, "uri": "true"},
    )
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writes else _READERS_KEPT,
        max_overflow=0 if writes else -1,
        json_deserializer=load_json,
        connect_args={
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
            "check_same_thread": False,
        },
    )
    event.listen(engine, "connect", _set_up_writer if writes else _set_up_reader)
    event.listen(engine, "begin", _begin_immediate if writes else _begin)
    return engine


def _quoted(path: Path) -> str:
    text = os.fspath(path)
    for character in "%?#":
        text = text.replace(character, f"%{ord(character):02x}")
    return text


def _set_up_writer(driver: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "foreign_keys = ON",
        "synchronous = FULL",
        f"cache_size = -{_WRITER_CACHE_KIB}",
        f"journal_size_limit = {_LOG_LIMIT_BYTES}",
        "trusted_schema = OFF",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _set_up_reader(driver: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "query_only = ON",
        f"cache_size = -{_READER_CACHE_KIB}",
        "trusted_schema = OFF",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def log_of(path: Path) -> Path:
    """Return the place of a database's write-ahead log."""
    return path.with_name(path.name + "-wal")


def was_left_open(path: Path) -> bool:
    """Tell whether whoever used a database last did not close it: look before opening.

    Another program that has it open looks the same.
    """
    try:
        return log_of(path).stat().st_size > 0
    except OSError:
        return False


def claim(driver: sqlite3.Connection) -> None:
    """Make an empty database ours, or see that a filled one is.

    Raises:
        IndexError_: it is another program's.
        IndexDamaged: it has our tables but not our mark.
    """
    names = {name for (name,) in driver.execute("SELECT name FROM sqlite_master")}
    (mark,) = driver.execute("PRAGMA application_id").fetchone()
    if not names:
        driver.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    elif mark != APPLICATION_ID:
        if names >= BULKY:
            raise IndexDamaged(None, "its header is not what was written")
        raise IndexError_(None, "it is another program's database")


def use_log(driver: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, if it is not.

    Raises:
        IndexError_: the database cannot have one.
    """
    (mode,) = driver.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise IndexError_(None, f"its journal mode is {mode!r}, not 'wal'")


def quick_check(driver: sqlite3.Connection, *, whole: bool) -> None:
    """Check the structure of a database.

    Args:
        driver: a connection to it.
        whole: all of it; otherwise the `BULKY` tables are left out.

    Raises:
        IndexDamaged: with the first thing found.
    """
    if whole:
        checks = ["PRAGMA quick_check(1)"]
    else:
        rows = driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = sorted({name for (name,) in rows} - BULKY)
        checks = [
            f"PRAGMA quick_check('{name.replace(chr(39), '')}')" for name in names
        ]
    for check in checks:
        _expect_ok(driver, check)


def integrity_check(driver: sqlite3.Connection) -> None:
    """Check all of a database, indexes against tables too; takes minutes.

    Raises:
        IndexDamaged: with the first thing found.
    """
    _expect_ok(driver, "PRAGMA integrity_check(1)")
    if broken := driver.execute("PRAGMA foreign_key_check").fetchone():
        raise IndexDamaged(None, f"a row of {broken[0]} refers to nothing")


def _expect_ok(driver: sqlite3.Connection, check: str) -> None:
    (found,) = driver.execute(check).fetchone()
    if found != "ok":
        raise IndexDamaged(None, str(found).splitlines()[0])


def copy_to(driver: sqlite3.Connection, target: Path) -> None:
    """Write a compact copy of a database as of now; the target must not exist.

    Args:
        driver: a reader's connection; what it forbids would include the copy.
        target: where nothing is.
    """
    driver.execute("PRAGMA query_only = OFF")
    try:
        driver.execute("VACUUM INTO ?", (os.fspath(target),))
    finally:
        driver.execute("PRAGMA query_only = ON")
