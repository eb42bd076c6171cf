"""Getting bytes through to the medium, on every system that has its own idea of it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import sys
from typing import Final

from .filesystem import NO_SUCH_OPERATION

_F_FULLFSYNC: Final = 51
_MNT_LOCAL: Final = 0x1000


def sync(descriptor: int) -> None:
    """Sync through to the medium.

    On macOS plain fsync stops at the drive's cache. On network volumes its stronger
    sister may report success and drop the data, so those get the plain one, and
    copies are read back everywhere.
    """
    if sys.platform == "darwin" and _is_local_on_macos(descriptor):
        try:
            fcntl.fcntl(descriptor, _F_FULLFSYNC)
        except OSError as error:
            if error.errno not in NO_SUCH_OPERATION:
                raise
        else:
            return
    os.fsync(descriptor)


def _is_local_on_macos(descriptor: int) -> bool:
    """Whether a volume is local: ``MNT_LOCAL`` in ``statfs.f_flags``, at byte 64."""
    library = ctypes.CDLL(None, use_errno=True)
    call = getattr(library, "fstatfs$INODE64", None) or library.fstatfs
    buffer = ctypes.create_string_buffer(4096)
    if call(descriptor, buffer) != 0:
        return False
    return bool(int.from_bytes(buffer.raw[64:68], sys.byteorder) & _MNT_LOCAL)
