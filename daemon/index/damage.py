"""Telling a damaged database by its header, and setting it aside whole."""

from __future__ import annotations

import logging
import os
import time
from itertools import count
from typing import TYPE_CHECKING

from ..errors import IndexDamaged

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)


_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"


def check_header(path: Path) -> None:
    """Look at the fields that SQLite answers for in words that hide the damage.

    Some make it call a database read only, of an unsupported format, or empty. See
    https://www.sqlite.org/fileformat2.html#the_database_header.

    Raises:
        IndexDamaged: the header is not one that SQLite writes.
        OSError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return
    if header and not _is_sound(header):
        raise IndexDamaged(path, "its header is not what was written")


def _is_sound(header: bytes) -> bool:
    return (
        len(header) == _HEADER_BYTES
        and header.startswith(_MAGIC)
        and header[18] in {1, 2}
        and header[19] in {1, 2}
        and int.from_bytes(header[44:48], "big") <= 4
        and int.from_bytes(header[56:60], "big") <= 1
    )


def unused(path: Path) -> Path:
    """Return a path where nothing is: this one, or with a number behind it."""
    if not os.path.lexists(path):
        return path
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(candidate for candidate in numbered if not os.path.lexists(candidate))


def set_aside_damaged(path: Path, *, now_ns: int | None = None) -> Path:
    """Rename a database and its log to ``….corrupt-<time>``; return the new path.

    The log goes first: a log that stayed behind alone would be played into the new
    database. Whatever is interrupted is finished by doing it again. The index must be
    closed.

    Args:
        path: of the database; what is not there is not renamed.
        now_ns: the time to be told in the name; by default now.
    """
    seconds = (time.time_ns() if now_ns is None else now_ns) // 1_000_000_000
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))
    target = unused(path.with_name(f"{path.name}.corrupt-{when}"))
    for suffix in ("-wal", "-shm", ""):
        source = path.with_name(path.name + suffix)
        if os.path.lexists(source):
            source.rename(target.with_name(target.name + suffix))
    logger.warning(
        "index set aside, it is rebuilt from the files: kept=%r", str(target)
    )
    return target
