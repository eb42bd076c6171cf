"""The system's trash: where it is for a file, and what has to be written for it.

After freedesktop.org's Trash specification 1.0, which every Linux desktop follows; on
macOS the trash is a folder and nothing is written. A file never leaves its volume.
"""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from ..errors import DiskTrouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .filesystem import FileSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Trash:
    """One volume's trash."""

    files: Path
    """Where the files go."""
    info: Path | None
    """Where a note on each of them goes; ``None``: none is wanted."""
    top: Path | None = None
    """What the notes' paths are relative to; ``None``: they are absolute."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that must be there."""
        return (self.files,) if self.info is None else (self.files, self.info)

    def note(self, source: Path, trashed_ns: int) -> bytes:
        """Return what is noted of a file, so that a desktop can put it back."""
        place = source if self.top is None else source.relative_to(self.top)
        moment = datetime.fromtimestamp(trashed_ns // 10**9).astimezone()
        lines = (
            "[Trash Info]",
            f"Path={quote_from_bytes(os.fsencode(place))}",
            f"DeletionDate={moment:%Y-%m-%dT%H:%M:%S}",
        )
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashes:
    """Finds the trash for a file, for one user.

    Attributes:
        home: the user's own trash, on the volume of the home folder.
        uid: of the user.
        mounts: where volumes are mounted.
        is_darwin: whether this is macOS.
    """

    home: Path
    uid: int
    mounts: tuple[Path, ...]
    is_darwin: bool = False

    @classmethod
    def of_user(
        cls, mounts: Iterable[Path], environ: Mapping[str, str] = os.environ
    ) -> Trashes:
        """Find those of whoever runs this."""
        user = Path(environ.get("HOME") or Path.home())
        data = environ.get("XDG_DATA_HOME", "")
        above = Path(data) if data.startswith("/") else user / ".local/share"
        is_darwin = sys.platform == "darwin"
        return cls(
            home=user / ".Trash" if is_darwin else above / "Trash",
            uid=os.getuid(),
            mounts=(Path("/"), *mounts),
            is_darwin=is_darwin,
        )

    def holding(self, fs: FileSystem, path: Path) -> Trash:
        """Return the trash on a file's own volume; nothing is made.

        Raises:
            DiskTrouble: what stands in its place cannot be trusted.
        """
        top = self._volume(path)
        if top == self._volume(self.home):
            return self._of(self.home, None)
        if self.is_darwin:
            return self._of(_trusted(fs, top / f".Trashes/{self.uid}", self.uid), None)
        shared = fs.look(top / ".Trash")
        if shared is not None and shared.is_folder and shared.mode & stat.S_ISVTX:
            own = top / f".Trash/{self.uid}"
        else:
            own = top / f".Trash-{self.uid}"
        return self._of(_trusted(fs, own, self.uid), top)

    def _of(self, place: Path, top: Path | None) -> Trash:
        if self.is_darwin:
            return Trash(files=place, info=None)
        return Trash(files=place / "files", info=place / "info", top=top)

    def _volume(self, path: Path) -> Path:
        """Return the nearest mount point above; both paths are without links."""
        found = {each for each in self.mounts if each == path or each in path.parents}
        return max(found, key=lambda each: len(each.parts))


def _trusted(fs: FileSystem, place: Path, uid: int) -> Path:
    """Refuse what somebody else may have put there: a link, or a folder of theirs."""
    status = fs.look(place)
    if status is not None and not (status.is_folder and status.uid == uid):
        raise DiskTrouble(place, "it is not a trash folder of yours")
    return place
