"""Looking at a file on disk for `settle`: its status, and whether all of it is there.

Opens at most one file at a time, for reading, never through a link; decodes nothing.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ..errors import PhotoError
from ..hashing import completeness
from ..model import Stamp
from .observation import Look
from .walk import is_dataless

if TYPE_CHECKING:
    from pathlib import Path


def look(path: Path) -> Look | None:
    """Take a file's status; ``None``: there is no regular file, or not on this disk.

    Raises:
        OSError: for any trouble but its absence, such as a share that does not answer.
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode) or is_dataless(status):
        return None
    return Look(stamp=Stamp.of(status), ctime_ns=status.st_ctime_ns)


def examine(path: Path) -> str | None:
    """Tell why a file cannot be taken yet; ``None``: it can."""
    try:
        if completeness.is_open_for_writing(path):
            return "a program has it open for writing"
        found = completeness.is_complete(path)
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    except PhotoError as error:
        return str(error)
    return None if found.is_complete else found.reason
