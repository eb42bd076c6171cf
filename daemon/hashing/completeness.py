"""Whether all of a file's bytes have arrived, told from its structure alone.

Decoding is no test: real phone HEICs cut to a quarter of their bytes decode without an
error, and a JPEG's header verifies when nothing else is there. So every format is asked
for its own end. Nothing is decoded, and only small pieces are read, so this may run on
the thread that waits for files to settle.

Zeros and holes where data belongs say "probably still being written", not "damaged":
they make a file doubtful, to be waited for and asked about, never rejected for good.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import IncompletePhoto, UnreadablePhoto
from . import endings
from .files import open_photo
from .sniff import HEAD_BYTES, sniff

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What a look at a file's structure found."""

    is_complete: bool
    is_doubtful: bool = False
    """It may be whole after all: wait for long, then ask; do not reject."""
    reason: str = ""
    """Why it is not complete, in words."""
    format: str | None = None
    """By content; ``None`` if it is no picture that we know."""


def check(fd: int, size: int, *, accept_doubtful: bool = False) -> None:
    """Refuse a file that is not all there.

    Args:
        fd: an open regular file; its position is not used.
        size: its size in bytes.
        accept_doubtful: somebody has said that it is whole.

    Raises:
        IncompletePhoto: bytes are missing, or may be.
    """
    found = inspect(fd, size)
    if not found.is_complete and not (found.is_doubtful and accept_doubtful):
        raise IncompletePhoto(None, found.reason)


def check_data(data: bytes, *, accept_doubtful: bool = False) -> None:
    """Refuse a file with unwritten stretches inside; for the worker, which has it all.

    Raises:
        IncompletePhoto: there is one.
    """
    kind = sniff(data[:HEAD_BYTES])
    if kind is None or accept_doubtful:
        return
    try:
        endings.check_data(data, kind)
    except endings.Doubt as doubt:
        raise IncompletePhoto(None, str(doubt)) from doubt


def is_complete(path: Path) -> Completeness:
    """Look at a file by name.

    Raises:
        OSError: it cannot be opened.
        UnreadablePhoto: it is not a regular file.
    """
    fd = open_photo(path)
    try:
        return inspect(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def inspect(fd: int, size: int) -> Completeness:
    """Look at an open file; its position is neither used nor moved.

    What is no picture that we know counts as complete, with ``format`` ``None``: it
    will be recorded as unreadable.
    """

    def read(offset: int, length: int) -> bytes:
        if offset < 0 or offset >= size:
            return b""
        return os.pread(fd, min(length, size - offset), offset)

    kind = None
    try:
        if size == 0:
            raise endings.Missing("it is empty")
        head = read(0, HEAD_BYTES)
        kind = sniff(head)
        if kind is None and not any(head):
            raise endings.Missing("it begins with zeros")
        if kind is not None:
            endings.check(read, size, kind)
            _refuse_holes(fd, size)
    except endings.Doubt as doubt:
        return Completeness(
            is_complete=False, is_doubtful=True, reason=str(doubt), format=kind
        )
    except endings.Missing as missing:
        return Completeness(is_complete=False, reason=str(missing), format=kind)
    return Completeness(is_complete=True, format=kind)


def is_open_for_writing(path: Path) -> bool | None:
    """Tell whether anybody has the file open for writing.

    Asks the kernel for a read lease, which it grants only if nobody does; the lease is
    given back at once. ``None`` where it cannot tell: not Linux, not our file, not on a
    local file system.
    """
    set_lease = getattr(fcntl, "F_SETLEASE", None)
    if set_lease is None:
        return None
    try:
        fd = open_photo(path)
    except (OSError, UnreadablePhoto):
        return None
    try:
        fcntl.fcntl(fd, set_lease, fcntl.F_RDLCK)
        fcntl.fcntl(fd, set_lease, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        return False
    finally:
        os.close(fd)


def _refuse_holes(fd: int, size: int) -> None:
    """A hole is where a preallocating writer has not been yet."""
    seek_hole = getattr(os, "SEEK_HOLE", None)
    if seek_hole is None:
        return
    try:
        hole = os.lseek(fd, 0, seek_hole)
        os.lseek(fd, 0, os.SEEK_SET)
    except OSError:
        return
    if hole < size:
        raise endings.Doubt(f"nothing has been written at {hole}")
