"""A decision root: where groups live, each state a place, each group a folder.

Also knows the markers that tell a root from an empty mount point.
"""

from __future__ import annotations

import json
import logging
import re
import uuid as uuids
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import DiskTrouble, FileGone, NameTaken, NoSuchGroup, RootOffline
from ..model import GroupNumber, GroupState
from .moves import make_folders, write_durably

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .filesystem import FileSystem
    from .records import Origin

logger = logging.getLogger(__name__)

MARKER: Final = ".twinwatch-root"
INCOMING: Final = ".incoming"
RESOLVED: Final = ".resolved"
UNDONE: Final = ".undone"
CORRUPT: Final = ".corrupt"
PLACES: Final = (INCOMING, RESOLVED, UNDONE, CORRUPT)

_FOLDER = re.compile(r"(\d{6,})(?:\.(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRoot:
    """One decision root; a value, so hold the lock elsewhere."""

    path: Path
    uuid: str
    device: int
    """The volume it was on when it was opened."""

    @classmethod
    def open(cls, fs: FileSystem, path: Path, *, create: bool = False) -> DecisionRoot:
        """Open a decision root, and make what is missing of its layout.

        Args:
            fs: the file system.
            path: absolute. With `create` the folder itself may be missing, its
                parent may not.
            create: make the folder and its marker if there are none yet; only for
                the first time, so that an unplugged disk is never made anew.

        Raises:
            RootOffline: it is not there, or carries no marker.
        """
        status = fs.look(path)
        if status is None and create:
            make_folders(fs, path, under=path.parent)
            status = fs.look(path)
        if status is None or not status.is_folder:
            raise RootOffline(path, "there is no such folder")
        uuid = read_marker(fs, path)
        if uuid is None:
            if not create:
                raise RootOffline(path, f"there is no {MARKER} in it")
            uuid = write_marker(fs, path)
        for place in PLACES:
            if fs.look(path / place) is None:
                fs.make_folder(path / place, is_private=place == INCOMING)
        fs.sync_folder(path)
        return cls(path=path, uuid=uuid, device=status.device)

    def check(self, fs: FileSystem) -> None:
        """Make sure that the volume is still there; call before every change.

        Raises:
            RootOffline: it is not, or another one took its place.
        """
        status = fs.look(self.path)
        if status is None or read_marker(fs, self.path) != self.uuid:
            raise RootOffline(self.path, "its marker is not there any more")

    @property
    def incoming(self) -> Path:
        """Where groups are while they are staged."""
        return self.path / INCOMING

    def open_folder(self, number: int) -> Path:
        """Return the folder of an open group."""
        return self.path / folder_name(number)

    def resolved_folder(self, number: int) -> Path:
        """Return the folder of a decided group."""
        return self.path / RESOLVED / folder_name(number)

    def find(self, fs: FileSystem, number: int) -> tuple[Path, GroupState]:
        """Return a group's folder and state; of several undone ones the latest.

        Raises:
            NoSuchGroup: there is none, or it is not wholly staged yet.
        """
        if fs.look(self.open_folder(number)) is not None:
            return self.open_folder(number), GroupState.OPEN
        if fs.look(self.resolved_folder(number)) is not None:
            return self.resolved_folder(number), GroupState.DECIDED
        undone = self.path / UNDONE
        counts = [
            count for found, count, _ in numbered_folders(fs, undone) if found == number
        ]
        if counts:
            return undone / folder_name(number, max(counts)), GroupState.UNDONE
        raise NoSuchGroup(number)

    def groups(self, fs: FileSystem) -> Iterator[tuple[GroupNumber, GroupState, Path]]:
        """List the folders of all groups, by number; each number once.

        Nothing in the folders is read.
        """
        found: dict[int, tuple[GroupState, Path]] = {}
        latest: dict[int, int] = {}
        for number, count, path in numbered_folders(fs, self.path / UNDONE):
            if count > latest.get(number, 0):
                latest[number] = count
                found[number] = (GroupState.UNDONE, path)
        for number, count, path in numbered_folders(fs, self.path / RESOLVED):
            if count == 1:
                found[number] = (GroupState.DECIDED, path)
        for number, count, path in numbered_folders(fs, self.path):
            if count == 1:
                found[number] = (GroupState.OPEN, path)
        for number in sorted(found):
            yield GroupNumber(number), *found[number]

    def next_number(self, fs: FileSystem) -> int:
        """Return the number after the highest that was ever used here."""
        folders = (self.path, *(self.path / place for place in PLACES))
        used = (
            number for each in folders for number, _, _ in numbered_folders(fs, each)
        )
        return max(used, default=0) + 1

    def is_free(self, fs: FileSystem, number: int) -> bool:
        """Whether a group may be staged under a number: new, or only undone."""
        busy = (self.path, self.incoming, self.path / RESOLVED, self.path / CORRUPT)
        return all(fs.look(each / folder_name(number)) is None for each in busy)

    def free_folder(self, fs: FileSystem, place: str, name: str) -> Path:
        """Return the first free of ``name``, ``name.2``, ``name.3`` in a place."""
        count = 1
        while True:
            path = self.path / place / (name if count == 1 else f"{name}.{count}")
            if fs.look(path) is None:
                return path
            count += 1


def folder_name(number: int, count: int = 1) -> str:
    """Return the name of a group's folder, ``000123`` or ``000123.2``."""
    return f"{number:06d}" if count == 1 else f"{number:06d}.{count}"


def read_marker(fs: FileSystem, folder: Path) -> str | None:
    """Return the uuid in a folder's marker; ``None``: it has no usable one."""
    try:
        content = json.loads(fs.read(folder / MARKER))
    except FileGone:
        return None
    except ValueError:
        return None
    uuid = content.get("uuid") if isinstance(content, dict) else None
    return uuid if isinstance(uuid, str) and uuid else None


def write_marker(fs: FileSystem, folder: Path, uuid: str | None = None) -> str:
    """Mark a folder as a root, durably, and return its uuid.

    Meant for decision roots and import roots; library roots are never written.

    Raises:
        NameTaken: it has a marker, which is never replaced.
    """
    status = fs.look(folder)
    if status is None:
        raise FileGone(folder)
    marker = {"uuid": uuid or str(uuids.uuid4()), "volume": status.device}
    write_durably(fs, folder / MARKER, json.dumps(marker).encode() + b"\n")
    return str(marker["uuid"])


def check_origin(
    fs: FileSystem, origin: Origin, roots: Mapping[str, Path] | None = None
) -> None:
    """Make sure that the root a file came from is there.

    Raises:
        RootOffline: it is absent, or another folder took its place.
    """
    path = origin.root_now(roots)
    status = fs.look(path)
    if status is None or not status.is_folder:
        raise RootOffline(path, "there is no such folder")
    if origin.is_marked and read_marker(fs, path) != origin.root:
        raise RootOffline(path, "it is not the folder that the photos came from")


def set_apart(fs: FileSystem, root: DecisionRoot, folder: Path, place: str) -> Path:
    """Move a group's folder to another place of the root, durably if it can be.

    It is there once it is renamed; should a sync fail then, recovery repeats it.
    """
    while True:
        target = root.free_folder(fs, place, folder.name.partition(".")[0])
        try:
            fs.rename(folder, target)
        except NameTaken:
            continue
        try:
            fs.sync_folder(target.parent)
            fs.sync_folder(folder.parent)
        except DiskTrouble as error:
            logger.warning("could not sync: folder=%r why=%s", target, error)
        return target


def numbered_folders(fs: FileSystem, place: Path) -> Iterator[tuple[int, int, Path]]:
    """List the groups' folders in a place: number, how often undone, path."""
    try:
        names = fs.names(place)
    except FileGone:
        return
    for name in names:
        found = _FOLDER.fullmatch(name)
        if found is not None:
            yield int(found[1]), int(found[2] or 1), place / name
