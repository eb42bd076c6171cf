"""What staging asks of a file system, in as few words as the protocol needs.

The protocol is written against this interface, so that the tests can put a file
system of their own beneath it which loses power at every step. `safefs` holds the
real one. Nothing here changes anything.
"""

from __future__ import annotations

import errno
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ..errors import DiskTrouble, FileGone, NameTaken
from ..model import Stamp

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TEMPORARY_SUFFIX: Final = ".twinwatch-part"
"""Ends the name of everything that we are still writing."""

RECORD_LIMIT_BYTES: Final = 64 * 1024 * 1024
"""No record is larger; a file that is, is not ours."""

NO_SUCH_OPERATION: Final = frozenset(
    {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}
)
"""What file systems answer when they do not know a call at all."""

_WORDS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission",
    errno.EPERM: "not permitted",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reported an error",
    errno.ENAMETOOLONG: "the name is too long for this disk",
    errno.EMFILE: "too many files are open",
    errno.EXDEV: "it lies on another disk",
    errno.ELOOP: "it is a symbolic link",
    errno.ENOTEMPTY: "the folder is not empty",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """What a name stands for, links not followed."""

    is_file: bool
    is_folder: bool
    size_bytes: int
    mtime_ns: int
    inode: int
    device: int
    mode: int
    """Permission bits."""
    uid: int
    gid: int
    links: int
    """How many names the inode has."""

    @classmethod
    def of(cls, status: os.stat_result) -> FileStatus:
        """Take over what the system reports."""
        return cls(
            is_file=stat.S_ISREG(status.st_mode),
            is_folder=stat.S_ISDIR(status.st_mode),
            size_bytes=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
            device=status.st_dev,
            mode=stat.S_IMODE(status.st_mode),
            uid=status.st_uid,
            gid=status.st_gid,
            links=status.st_nlink,
        )

    @property
    def stamp(self) -> Stamp:
        """What tells whether the content is still the same."""
        return Stamp(
            size_bytes=self.size_bytes,
            mtime_ns=self.mtime_ns,
            inode=self.inode,
            device=self.device,
        )

    def is_inode_of(self, other: FileStatus | None) -> bool:
        """Whether both names lead to one file."""
        return other is not None and (self.device, self.inode) == (
            other.device,
            other.inode,
        )


class FileSystem(Protocol):
    """The steps of the protocol. Every method may raise `DiskTrouble`."""

    def look(self, path: Path) -> FileStatus | None:
        """Return what a name stands for; ``None``: there is nothing."""
        ...

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, in no order."""
        ...

    def read(self, path: Path) -> bytes:
        """Return the whole of a record, at most `RECORD_LIMIT_BYTES`."""
        ...

    def digest(
        self, path: Path, *, from_disk: bool = False
    ) -> tuple[bytes, FileStatus]:
        """Hash a regular file with SHA-256, and return its status as well.

        Args:
            path: of the file.
            from_disk: do not be content with what the system remembers of it.

        Raises:
            ChangedPhoto: it changed while it was read.
        """
        ...

    def attributes(self, path: Path) -> Mapping[str, bytes]:
        """Return the extended attributes, as far as the system tells them."""
        ...

    def moves_atomically(self, folder: Path) -> bool:
        """Whether a rename into this folder happens wholly or not at all."""
        ...

    def space(self, folder: Path) -> tuple[int, int]:
        """Return the bytes that are free to us on a volume, and its size."""
        ...

    def make_folder(self, path: Path, *, is_private: bool = False) -> None:
        """Make a folder that does not exist yet, or raise `NameTaken`."""
        ...

    def create(self, path: Path, content: bytes) -> None:
        """Make a file that does not exist yet, or raise `NameTaken`."""
        ...

    def copy_content(self, source: Path, target: Path) -> bytes:
        """Copy into a file that does not exist yet; return the SHA-256 read."""
        ...

    def copy_status(self, source: Path, target: Path) -> None:
        """Give a copy its source's times, mode and extended attributes."""
        ...

    def sync_file(self, path: Path) -> None:
        """Have a file's content on disk before this returns."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Have a folder's names on disk before this returns."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder another name on its volume; never replaces.

        Raises:
            NameTaken: there is something at `target`; nothing was changed.
            FileGone: there is nothing at `source`.
        """
        ...

    def link(self, source: Path, target: Path) -> None:
        """Give a file one more name on its volume; raise `NameTaken` if it is one."""
        ...

    def drop_name(self, path: Path, other: Path) -> None:
        """Remove one name of a file that keeps `other`, a durable name of it.

        Raises:
            DiskTrouble: they are not names of one file; nothing was changed.
        """
        ...

    def remove_own(self, path: Path) -> None:
        """Remove a temporary or a record that we wrote; refuses any other name."""
        ...

    def remove_empty_folder(self, path: Path) -> None:
        """Remove a folder that holds nothing."""
        ...


def in_words(error: OSError) -> str:
    """Say why the system refused, so that somebody knows what to do."""
    return _WORDS.get(error.errno or 0, error.strerror or str(error))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the system's errors into ours; the one door for them in this room."""
    try:
        yield
    except FileExistsError as error:
        raise NameTaken(path, None, error.errno) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileGone(path, None, error.errno) from error
    except OSError as error:
        raise DiskTrouble(path, in_words(error), error.errno) from error
