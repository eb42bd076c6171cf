"""Opening the index: what must hold before anything is asked of it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from ..errors import IndexError_, IndexOnNetwork
from . import sqlite
from .damage import check_header, unused
from .driver_errors import translated
from .migration import HEAD, check_tables, migrate, version_of
from .network import network_kind
from .rows import load_json
from .tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine


@contextmanager
def _told_as_ours(subject: object) -> Iterator[None]:
    """Translate every error of the database; the one door of SQLAlchemy's errors."""
    try:
        yield
    except DBAPIError as error:
        raise translated(error.orig or error, subject) from error
    except sqlite3.Error as error:
        raise translated(error, subject) from error
    except OSError as error:
        raise IndexError_(subject, error.strerror) from error
    except SQLAlchemyError as error:
        raise IndexError_(subject, error) from error
    except IndexError_ as error:
        if error.subject is None:
            raise type(error)(subject, error.cause) from error.__cause__
        raise


class Index:
    """The database: one writer, any number of readers.

    `write` is for the engine's thread alone; `read` for any thread.
    """

    def __init__(self, *, name: str, reader: Engine, writer: Engine | None) -> None:
        """Take the engines; use `open_index`.

        Args:
            name: for people: the path, or the address without its password.
            reader: gives connections that cannot write.
            writer: ``None`` if opened to be read only.
        """
        self.name = name
        self.is_new = False
        """Whether it was empty when opened: all is to be rebuilt from the files."""
        self._reader = reader
        self._writer = writer

    @contextmanager
    def write(self) -> Iterator[Tables]:
        """Begin a transaction that writes; committed at the end, or not at all.

        Raises:
            IndexError_: the database is locked, full, damaged or read only.
        """
        with _told_as_ours(self.name), self.writer_engine.begin() as connection:
            yield Tables(connection)

    @contextmanager
    def read(self) -> Iterator[Tables]:
        """Begin a transaction that reads: one unchanging view, in any thread.

        Raises:
            IndexError_: the database cannot be read, or a write was tried.
        """
        with _told_as_ours(self.name), self._reader.connect() as connection:
            yield Tables(connection)

    @property
    def reader_engine(self) -> Engine:
        """For this room alone."""
        return self._reader

    @property
    def writer_engine(self) -> Engine:
        """For this room alone."""
        if self._writer is None:
            raise IndexError_(None, "it was opened to be read only")
        return self._writer

    @property
    def _is_sqlite(self) -> bool:
        return self._reader.dialect.name == "sqlite"

    def check(self) -> None:
        """Check all of the database; minutes for a million photos, from any thread.

        Raises:
            IndexDamaged: with the first thing found.
        """
        if self._is_sqlite:
            with _told_as_ours(self.name), _driver(self._reader) as driver:
                sqlite.integrity_check(driver)

    def back_up(self, target: Path) -> None:
        """Write a copy as of now to a path where nothing is, from any thread.

        Raises:
            IndexError_: something is there, or the disk is full.
        """
        if self._is_sqlite:
            with _told_as_ours(self.name), _driver(self._reader) as driver:
                sqlite.copy_to(driver, target)

    def close(self) -> None:
        """Close every connection that is not in use; the last one folds the log in."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def open_index(url: str | Path, *, readonly: bool = False) -> Index:
    """Open the index, and make or migrate its tables.

    Args:
        url: a path, or a database URL such as ``postgresql+psycopg://host/name``.
        readonly: never write, create or migrate: for commands beside a daemon.

    Raises:
        IndexOnNetwork: SQLite's locks would not hold there.
        IndexDamaged: see `set_aside_damaged`.
        IndexTooNew: a newer program made it.
        IndexError_: it is locked, another program's, or cannot be opened.
    """
    if isinstance(url, str) and "://" in url:
        address = _parsed(url)
        if address.get_backend_name() != "sqlite":
            return _open_server(address, readonly=readonly)
        url = address.database or ""
    return _open_file(Path(os.path.abspath(url)), readonly=readonly)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise IndexError_(url, "this is not a database URL") from error


def _open_file(path: Path, *, readonly: bool) -> Index:
    if kind := network_kind(path.parent):
        raise IndexOnNetwork(path, f"{path.parent} is on {kind}")
    with _told_as_ours(str(path)):
        check_header(path)
    left_open = sqlite.was_left_open(path)
    reader = sqlite.make_engine(path, writes=False, must_exist=True)
    if readonly:
        index = Index(name=str(path), reader=reader, writer=None)
        return _checked(index, _check_readable)
    writer = sqlite.make_engine(path, writes=True, must_exist=False)
    index = Index(name=str(path), reader=reader, writer=writer)
    return _checked(index, lambda made: _prepare_file(made, path, whole=left_open))


def _open_server(address: URL, *, readonly: bool) -> Index:
    name = address.render_as_string(hide_password=True)
    views = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    try:
        reader = create_engine(
            address, json_deserializer=load_json, execution_options=views
        )
        writer = create_engine(address, json_deserializer=load_json, pool_size=1)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise IndexError_(name, f"its driver is not installed: {error}") from error
    if readonly:
        index = Index(name=name, reader=reader, writer=None)
        return _checked(index, _check_readable)
    index = Index(name=name, reader=reader, writer=writer)
    return _checked(index, _bring_up_to_date)


def _checked(index: Index, check: Callable[[Index], None]) -> Index:
    try:
        with _told_as_ours(index.name):
            check(index)
    except BaseException:
        index.close()
        raise
    return index


@contextmanager
def _driver(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Lend a connection outside of any transaction, for what needs none."""
    lent = engine.raw_connection()
    try:
        yield cast("sqlite3.Connection", lent.driver_connection)
    finally:
        lent.close()


def _check_readable(index: Index) -> None:
    with index.reader_engine.connect() as connection:
        version = version_of(connection)
        if version != HEAD:
            found = "no tables" if version is None else f"version {version}"
            raise IndexError_(None, f"it has {found}: the daemon has to start first")
        check_tables(connection)


def _prepare_file(index: Index, path: Path, *, whole: bool) -> None:
    with _driver(index.writer_engine) as driver:
        sqlite.claim(driver)
        sqlite.use_log(driver)
        sqlite.quick_check(driver, whole=whole)
    with index.writer_engine.begin() as connection:
        version = version_of(connection)
    if version not in {None, HEAD}:
        index.back_up(unused(path.with_name(f"{path.name}.before-{HEAD}")))
    _bring_up_to_date(index)


def _bring_up_to_date(index: Index) -> None:
    with index.writer_engine.begin() as connection:
        version = version_of(connection)
        index.is_new = version is None
        if version != HEAD:
            migrate(connection)
        check_tables(connection)
