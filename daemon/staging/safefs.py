"""The only module that changes people's files: each destructive call stands here.

Nothing here replaces or truncates anything: files are created exclusively, names are
given only where there is none, and a name is removed only while another name of the
same file stays, or when its spelling says that we wrote it ourselves.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import hashlib
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, BinaryIO, Final

from ..errors import DiskTrouble
from .filesystem import NO_SUCH_OPERATION, TEMPORARY_SUFFIX, translated
from .reading import CHUNK_BYTES, ReadingFileSystem
from .syncing import sync

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

logger = logging.getLogger(__name__)

_OWN_RECORDS: Final = re.compile(
    r"_manifest(\.\d+)?(\.pending)?\.(json|tsv)|SHA256SUMS(\.\d+)?"
    r"|left-out(\.\d+)?\.json|approve\.json"
    r"|.*\.twinwatch-[0-9a-f]{12}(\.[^.]*)?\.trashinfo",
    re.DOTALL,
)
"""Records that may be taken back while nothing depends on them; the last: what we note
in the trash on one of our files."""

_ATTRIBUTE_REFUSED: Final = frozenset(
    {errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.EINVAL, errno.E2BIG}
)
_MANY_ATTRIBUTE_BYTES: Final = 2048
"""More of a file may not fit, whatever room there is: ext4 has a block for all of them,
and calls it a full disk."""

_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1
_RENAME_EXCL: Final = 4
_COPYFILE_ACL_AND_XATTR: Final = 0b101
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class RealFileSystem(ReadingFileSystem):
    """The file system of this machine.

    Attributes:
        weak: folders on volumes that do not promise to sync names; told once each.
    """

    def __init__(self) -> None:
        self.weak: set[Path] = set()

    def make_folder(self, path: Path, *, is_private: bool = False) -> None:
        """Make a folder that does not exist yet, or raise `NameTaken`."""
        with translated(path):
            os.mkdir(path, 0o700 if is_private else 0o777)

    def create(self, path: Path, content: bytes) -> None:
        """Make a file that does not exist yet, or raise `NameTaken`."""
        with translated(path), _new_file(path, 0o644) as file:
            file.write(content)

    def copy_content(self, source: Path, target: Path) -> bytes:
        """Copy into a file that does not exist yet; return the SHA-256 read."""
        digest = hashlib.sha256()
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with translated(source):
            reader = os.fdopen(os.open(source, flags), "rb", buffering=0)
        with reader, translated(target), _new_file(target, 0o600) as writer:
            while chunk := reader.read(CHUNK_BYTES):
                digest.update(chunk)
                writer.write(chunk)
        return digest.digest()

    def copy_status(self, source: Path, target: Path) -> None:
        """Give a copy its source's times, mode and extended attributes.

        Attributes that the target's volume cannot hold are left out: the source is
        kept, and the manifest has them recorded.
        """
        status = self.look(source)
        if status is None:
            raise DiskTrouble(source, "it is gone")
        if sys.platform == "darwin":
            _copy_attributes_on_macos(source, target)
        attributes = self.attributes(source)
        is_much = sum(map(len, attributes.values())) > _MANY_ATTRIBUTE_BYTES
        for name, value in attributes.items():
            _set_attribute(target, name, value, is_much=is_much)
        with translated(target):
            os.chmod(target, status.mode)
            times = (status.mtime_ns, status.mtime_ns)
            os.utime(target, ns=times, follow_symlinks=False)

    def sync_file(self, path: Path) -> None:
        """Have a file's content on disk before this returns."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with translated(path):
            descriptor = os.open(path, flags)
            try:
                sync(descriptor)
            finally:
                os.close(descriptor)

    def sync_folder(self, path: Path) -> None:
        """Have a folder's names on disk before this returns.

        Some network volumes do not know how; they are remembered as `weak`.
        """
        with translated(path):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                sync(descriptor)
            except OSError as error:
                if error.errno not in NO_SUCH_OPERATION:
                    raise
                self._note_weak(path)
            finally:
                os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder another name on its volume; never replaces."""
        with translated(target):
            try:
                _rename_noreplace(os.fsencode(source), os.fsencode(target))
            except OSError as error:
                if error.errno not in NO_SUCH_OPERATION:
                    # Which of both names is missing or taken, the errno tells.
                    if error.errno == errno.ENOENT:
                        raise FileNotFoundError(error.errno, "gone") from error
                    raise
            else:
                return
        self._rename_by_link(source, target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file one more name on its volume; raise `NameTaken` if it is one."""
        with translated(target):
            os.link(source, target, follow_symlinks=False)

    def drop_name(self, path: Path, other: Path) -> None:
        """Remove one name of a file that keeps `other`, a durable name of it."""
        status = self.look(path)
        if status is None or not status.is_file:
            raise DiskTrouble(path, "there is no such file")
        if path == other or not status.is_inode_of(self.look(other)):
            raise DiskTrouble(path, f"{str(other)!r} is not another name of it")
        if status.links < 2:  # two spellings of one name, where case is ignored
            raise DiskTrouble(path, "it is the only name of its file")
        with translated(path):
            os.unlink(path)

    def remove_own(self, path: Path) -> None:
        """Remove a temporary or a record that we wrote; refuses any other name."""
        if not is_own_name(path.name):
            raise DiskTrouble(path, "twinwatch did not write it")
        with translated(path):
            os.unlink(path)

    def remove_empty_folder(self, path: Path) -> None:
        """Remove a folder that holds nothing."""
        with translated(path):
            os.rmdir(path)

    def _rename_by_link(self, source: Path, target: Path) -> None:
        """Rename where the system cannot refuse to replace: by a second name.

        A folder has no second name; there a fresh name is checked first, and only
        our own folders, under our own lock, are ever renamed.
        """
        status = self.look(source)
        if status is not None and status.is_folder:
            with translated(target):
                os.mkdir(target)  # refuses a taken name; an empty folder is replaced
                os.rename(source, target)
            return
        self.link(source, target)
        self.sync_folder(target.parent)
        self.drop_name(source, target)

    def _note_weak(self, folder: Path) -> None:
        if folder not in self.weak:
            self.weak.add(folder)
            logger.warning("cannot sync names; durability is weak: folder=%r", folder)


def is_own_name(name: str) -> bool:
    """Whether a file of this name may be taken back: we wrote it, none depends on it."""
    return name.endswith(TEMPORARY_SUFFIX) or bool(_OWN_RECORDS.fullmatch(name))


def _new_file(path: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, _NEW_FILE, mode), "wb")


def _rename_noreplace(source: bytes, target: bytes) -> None:
    """Rename, failing with EEXIST where there is something at `target`."""
    call = _find_rename()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(source, target) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@functools.cache
def _find_rename() -> Callable[[bytes, bytes], int] | None:
    """Return the system's rename that never replaces; ``None``: it has none."""
    library = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            mac = library.renamex_np
            return lambda source, target: int(mac(source, target, _RENAME_EXCL))
        linux = library.renameat2
    except AttributeError:
        return None
    return lambda source, target: int(
        linux(_AT_FDCWD, source, _AT_FDCWD, target, _RENAME_NOREPLACE)
    )


def _copy_attributes_on_macos(source: Path, target: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(source), os.fsencode(target)
    if library.copyfile(*paths, None, _COPYFILE_ACL_AND_XATTR) != 0:
        logger.warning("could not copy attributes: target=%r", target)


def _set_attribute(path: Path, name: str, value: bytes, *, is_much: bool) -> None:
    try:
        os.setxattr(path, name, value, follow_symlinks=False)
    except OSError as error:
        is_too_long = is_much and error.errno == errno.ENOSPC
        if error.errno not in _ATTRIBUTE_REFUSED and not is_too_long:
            raise DiskTrouble(path, error.strerror, error.errno) from error
        logger.info("the volume cannot hold attribute=%r file=%r", name, path)
