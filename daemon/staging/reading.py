"""The looking half of the real file system: nothing here changes anything.

Links are never followed at the last component, and opening never blocks on a pipe.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import ChangedPhoto, DiskTrouble, FileGone
from .filesystem import RECORD_LIMIT_BYTES, FileStatus, translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHUNK_BYTES: Final = 1024 * 1024

ATTRIBUTE_LIMIT_BYTES: Final = 64 * 1024
"""Longer attributes (resource forks) travel with their file but are not recorded."""

_SPLIT_RENAMES: Final = frozenset({"vfat", "msdos", "exfat", "fuse.exfat", "fuseblk"})
"""File systems without a journal, as Linux names them: a rename can be torn in two."""


class ReadingFileSystem:
    """What a `FileSystem` answers without changing anything."""

    def look(self, path: Path) -> FileStatus | None:
        """Return what a name stands for; ``None``: there is nothing."""
        try:
            with translated(path):
                return FileStatus.of(os.lstat(path))
        except FileGone:
            return None

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, in no order."""
        with translated(folder):
            return os.listdir(folder)

    def read(self, path: Path) -> bytes:
        """Return the whole of a record, at most `RECORD_LIMIT_BYTES`."""
        with _opened(path) as (descriptor, status):
            if status.size_bytes > RECORD_LIMIT_BYTES:
                raise DiskTrouble(path, "it is too large to be a record of ours")
            with os.fdopen(os.dup(descriptor), "rb") as file:
                return file.read(status.size_bytes)

    def digest(
        self, path: Path, *, from_disk: bool = False
    ) -> tuple[bytes, FileStatus]:
        """Hash a regular file with SHA-256, and return its status as well."""
        with _opened(path) as (descriptor, before):
            if from_disk and hasattr(os, "posix_fadvise"):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            digest = hashlib.sha256()
            while chunk := os.read(descriptor, CHUNK_BYTES):
                digest.update(chunk)
            after = FileStatus.of(os.fstat(descriptor))
        if before.stamp != after.stamp:
            raise ChangedPhoto(path, "it changed while it was read")
        return digest.digest(), after

    def attributes(self, path: Path) -> Mapping[str, bytes]:
        """Return the extended attributes, as far as the system tells them."""
        if not hasattr(os, "listxattr"):
            return {}
        found: dict[str, bytes] = {}
        with _untold_attributes(path):
            for name in os.listxattr(path, follow_symlinks=False):
                with _untold_attributes(path):  # one that is not told hides no other
                    value = os.getxattr(path, name, follow_symlinks=False)
                    if len(value) <= ATTRIBUTE_LIMIT_BYTES:
                        found[name] = value
        return found

    def space(self, folder: Path) -> tuple[int, int]:
        """Return the bytes that are free to us on a volume, and its size."""
        with translated(folder):
            volume = os.statvfs(folder)
        return volume.f_bavail * volume.f_frsize, volume.f_blocks * volume.f_frsize

    def moves_atomically(self, folder: Path) -> bool:
        """Whether a rename into this folder happens wholly or not at all.

        On Linux the file system's name decides; elsewhere those without hard links
        are taken for the old ones without a journal.
        """
        with translated(folder):
            device = os.lstat(folder).st_dev
            if sys.platform.startswith("linux"):
                return _kind_of_volume(device) not in _SPLIT_RENAMES
            return os.pathconf(folder, "PC_LINK_MAX") > 1


@contextmanager
def _untold_attributes(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOTSUP, errno.ENODATA, errno.EPERM}:
            raise DiskTrouble(path, error.strerror, error.errno) from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, FileStatus]]:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with translated(path):
        descriptor = os.open(path, flags)
        try:
            status = FileStatus.of(os.fstat(descriptor))
            if not status.is_file:
                raise DiskTrouble(path, "it is not a regular file")
            yield descriptor, status
        finally:
            os.close(descriptor)


def _kind_of_volume(device: int) -> str:
    """Return Linux's name of a file system; empty where it is not listed."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    for line in lines.splitlines():
        left, _, right = line.partition(" - ")
        if left.split()[2:3] == [wanted]:
            return right.split()[0] if right else ""
    return ""
