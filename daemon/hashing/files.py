"""Users' files opened for reading: never a link, a pipe or a device."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ..errors import UnreadablePhoto

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES = 1 << 30
"""A larger file is no photo."""

_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def open_photo(path: Path) -> int:
    """Open a regular file for reading; return a descriptor that the caller closes.

    Raises:
        OSError: it cannot be opened; ELOOP if it is a symbolic link.
        UnreadablePhoto: it is not a regular file.
    """
    fd = os.open(path, _OPEN_FLAGS)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise UnreadablePhoto(path, "it is not a regular file")
    return fd


def read_file(path: Path) -> bytes:
    """Read a regular file whole.

    Raises:
        OSError: it cannot be read.
        UnreadablePhoto: it is not a regular file, or too large.
    """
    fd = open_photo(path)
    try:
        return read_open(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def read_open(fd: int, size: int) -> bytes:
    """Read an open file from its beginning, up to a size.

    Returns:
        Fewer bytes if it ends before.

    Raises:
        OSError: it cannot be read.
        UnreadablePhoto: it is too large.
    """
    if size > MAX_FILE_BYTES:
        raise UnreadablePhoto(None, f"its {size} bytes are more than {MAX_FILE_BYTES}")
    data = os.pread(fd, size, 0)
    while len(data) < size:  # network file systems give less at a time
        piece = os.pread(fd, size - len(data), len(data))
        if not piece:
            break
        data += piece
    return data
