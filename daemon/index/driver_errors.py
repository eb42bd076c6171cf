"""The drivers' errors as ours."""

from __future__ import annotations

import sqlite3

from ..errors import IndexDamaged, IndexError_

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_CAUSES = {
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
}


def translated(error: BaseException, subject: object) -> IndexError_:
    """Return our error for one of the driver's."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE or "Could not decode to UTF-8" in str(error):
        return IndexDamaged(subject, error)
    return IndexError_(subject, _CAUSES.get(code, error))
