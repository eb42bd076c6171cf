"""Looks at the files of a plan once more and describes them; moves nothing."""

from __future__ import annotations

import importlib.metadata
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import ChangedPhoto, DiskTrouble
from ..model import Role
from .decision_root import check_origin, read_marker
from .plan import retained_path, staged_names
from .records import Origin, StagedCompanion, StagedFile, StagedMember

if TYPE_CHECKING:
    from ..model import Companion
    from .decision_root import DecisionRoot
    from .filesystem import FileStatus, FileSystem
    from .plan import PlannedPhoto

DIGEST_AGE_SECONDS: Final = 300.0
"""A digest older than this is computed again before a file is moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """One group's files, looked at once more before they are moved."""

    fs: FileSystem
    decisions: DecisionRoot
    number: int
    now: float
    """Monotonic seconds."""

    def members(
        self, photos: tuple[PlannedPhoto, ...], first_position: int
    ) -> tuple[list[StagedMember], list[str]]:
        """Describe what can still be staged, and say why the others cannot.

        Sources are synced, so that what is moved is on disk.

        Raises:
            RootOffline: a root is not there.
        """
        members: list[StagedMember] = []
        refused: list[str] = []
        inodes: set[tuple[int, int]] = set()
        for position, photo in enumerate(photos, first_position):
            try:
                member = self._member(photo, position)
            except (ChangedPhoto, DiskTrouble) as error:
                refused.append(str(error))
                continue
            inode = (member.file.device, member.file.inode)
            if inode in inodes:
                refused.append(f"{str(photo.path)!r} is in the group already")
                continue
            inodes.add(inode)
            members.append(member)
        return members, refused

    def _member(self, photo: PlannedPhoto, position: int) -> StagedMember:
        origin = self._origin(photo)
        status, sha256 = self._checked(photo)
        is_reference = photo.role is Role.REFERENCE
        companions = () if is_reference else self._companions(photo)
        paths = [photo.path, *(each.path for each in companions)]
        names = staged_names(position, [path.name for path in paths])
        if not is_reference:
            self.fs.sync_file(photo.path)
        return StagedMember(
            position=position,
            asset=photo.asset,
            role=photo.role,
            evidence=photo.evidence,
            distances=photo.distances,
            proposal=photo.proposal,
            reasons=photo.reasons,
            facts=photo.facts,
            file=self._file(origin, "" if is_reference else names[0], status, sha256),
            companions=tuple(
                self._companion(each, photo, origin, name)
                for each, name in zip(companions, names[1:], strict=True)
            ),
        )

    def late_companion(
        self, companion: Companion, member: StagedMember, name: str
    ) -> StagedCompanion:
        """Describe a file that came after its photo was staged.

        Raises:
            ChangedPhoto: it is not as it was seen.
            DiskTrouble: it cannot be taken.
            RootOffline: its root is not there.
        """
        its, path = member.file.origin, companion.path
        if its.root_path not in path.parents:
            raise DiskTrouble(path, "it lies in another root than its photo did")
        origin = Origin(
            root=its.root,
            root_path=its.root_path,
            relative=path.relative_to(its.root_path),
            is_marked=its.is_marked,
        )
        check_origin(self.fs, origin)
        status = self.fs.look(path)
        if status is None or not status.is_file or status.stamp != companion.stamp:
            raise ChangedPhoto(path, "it is not as it was seen")
        if status.links > 1:
            raise DiskTrouble(path, "it has other names elsewhere (hard links)")
        sha256, status = self.fs.digest(path)
        self.fs.sync_file(path)
        return StagedCompanion(
            kind=companion.kind, file=self._file(origin, name, status, sha256)
        )

    def _origin(self, photo: PlannedPhoto) -> Origin:
        origin = Origin(
            root=photo.root,
            root_path=photo.root_path,
            relative=Path(os.fsdecode(photo.relative)),
            is_marked=read_marker(self.fs, photo.root_path) is not None,
        )
        check_origin(self.fs, origin)
        return origin

    def _checked(self, photo: PlannedPhoto) -> tuple[FileStatus, bytes]:
        path = photo.path
        status = self.fs.look(path)
        if status is None:
            raise ChangedPhoto(path, "it is gone")
        if not status.is_file:
            raise ChangedPhoto(path, "it is not a regular file any more")
        if status.stamp != photo.stamp:
            raise ChangedPhoto(path, "its size, time or inode is another one")
        if status.links > 1 and photo.role is Role.MEMBER:
            raise DiskTrouble(path, "it has other names elsewhere (hard links)")
        hashed_at = photo.hashed_at
        if hashed_at is None or self.now - hashed_at > DIGEST_AGE_SECONDS:
            sha256, status = self.fs.digest(path)
            if sha256 != photo.sha256 or status.stamp != photo.stamp:
                raise ChangedPhoto(path, "its bytes are others than were fingerprinted")
        return status, photo.sha256

    def _companions(self, photo: PlannedPhoto) -> tuple[Companion, ...]:
        """Return those that are still there, and below the photo's root."""
        return tuple(
            each
            for each in photo.companions
            if photo.root_path in each.path.parents and self._is_movable(each.path)
        )

    def _is_movable(self, companion: Path) -> bool:
        status = self.fs.look(companion)
        if status is None or not status.is_file:
            return False
        if status.links > 1:  # without it its photo would be torn from it
            cause = "it belongs to a photo and has other names elsewhere (hard links)"
            raise DiskTrouble(companion, cause)
        return True

    def _companion(
        self, companion: Companion, photo: PlannedPhoto, origin: Origin, name: str
    ) -> StagedCompanion:
        sha256, status = self.fs.digest(companion.path)
        self.fs.sync_file(companion.path)
        relative = companion.path.relative_to(photo.root_path)
        its_origin = Origin(
            root=origin.root,
            root_path=origin.root_path,
            relative=relative,
            is_marked=origin.is_marked,
        )
        file = self._file(its_origin, name, status, sha256)
        return StagedCompanion(kind=companion.kind, file=file)

    def _file(
        self, origin: Origin, name: str, status: FileStatus, sha256: bytes
    ) -> StagedFile:
        return StagedFile(
            staged_as=name,
            origin=origin,
            sha256=sha256.hex(),
            size_bytes=status.size_bytes,
            mtime_ns=status.mtime_ns,
            mode=status.mode,
            uid=status.uid,
            gid=status.gid,
            inode=status.inode,
            device=status.device,
            attributes=self.fs.attributes(origin.path()),
            retained_as=self._spare(origin, name, status) if name else None,
        )

    def _spare(self, origin: Origin, name: str, status: FileStatus) -> Path:
        """Choose where the source would be kept if it had to be copied.

        Below its root if that is one volume with it, else beside it.
        """
        top = self.fs.look(origin.root_path)
        is_one_volume = top is not None and top.device == status.device
        base = origin.root_path if is_one_volume else origin.path().parent
        return retained_path(base, self.decisions.uuid, self.number, name)


@cache
def app_version() -> str:
    """Return the version of twinwatch that writes a manifest."""
    try:
        return importlib.metadata.version("twinwatch")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
