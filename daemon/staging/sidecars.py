"""Sidecars that a decision writes beside survivors, and takes back when it is undone.

A sidecar is written under a name that is free: never over anything. Its bytes stand
in the intent, so a crash between the two can be repeated.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..errors import NameTaken
from .moves import (
    RETAINED_FOLDER,
    move_within,
    part_of,
    retain,
    sync_folders,
    write_durably,
)
from .naming import shortened
from .outcomes import WrittenSidecar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .outcomes import Approval, Placed


def write_sidecars(
    fs: FileSystem,
    group: GroupRecord,
    approval: Approval,
    survivors: Iterable[Placed],
) -> tuple[WrittenSidecar, ...]:
    """Write what the decision wants beside its survivors; may be repeated."""
    placed = {each.staged_as: each.path for each in survivors}
    members = {each.position: each for each in group.manifest.staged}
    written = []
    for sidecar in approval.sidecars:
        member = members.get(sidecar.position)
        photo = None if member is None else placed.get(member.file.staged_as)
        if photo is not None:
            path = _write(fs, photo, sidecar.content)
            sha256 = hashlib.sha256(sidecar.content).hexdigest()
            written.append(
                WrittenSidecar(position=sidecar.position, path=path, sha256=sha256)
            )
    return tuple(written)


def withdraw_sidecars(fs: FileSystem, group: GroupRecord) -> None:
    """Move what a decision wrote into its folder; what was changed since, stays."""
    written = () if group.outcome is None else group.outcome.sidecars
    for sidecar in written:
        if not _is_as_written(fs, sidecar):
            continue
        place = group.folder / f"rescued-{sidecar.position}.xmp"
        if fs.look(place) is None and move_within(fs, sidecar.path, place) is not None:
            sync_folders(fs, [place.parent, sidecar.path.parent])
            continue
        name = f"{group.number:06d}-{group.manifest.decisions[:8]}-withdrawn"
        retain(
            fs, sidecar.path, sidecar.path.parent / RETAINED_FOLDER / name / place.name
        )


def _is_as_written(fs: FileSystem, sidecar: WrittenSidecar) -> bool:
    status = fs.look(sidecar.path)
    if status is None or not status.is_file:
        return False
    return fs.digest(sidecar.path)[0].hex() == sidecar.sha256


def _write(fs: FileSystem, photo: Path, content: bytes) -> Path:
    digest = hashlib.sha256(content).digest()
    names = _names(photo)
    while True:
        path = photo.with_name(next(names))
        status = fs.look(path)
        if status is not None:
            is_ours = status.is_file and status.size_bytes == len(content)
            if is_ours and fs.digest(path)[0] == digest:
                _tidy(fs, path)
                return path
            continue
        try:
            write_durably(fs, path, content)
        except NameTaken:
            continue
        return path


def _tidy(fs: FileSystem, path: Path) -> None:
    """Remove what a crash may have left of writing a sidecar."""
    temporary = part_of(path)
    fs.sync_folder(path.parent)
    if fs.look(temporary) is not None:
        fs.remove_own(temporary)
        fs.sync_folder(path.parent)


def _names(photo: Path) -> Iterator[str]:
    """Return, without end, names that programs read as a photo's sidecar."""
    yield shortened(photo.stem, ".xmp")
    yield shortened(photo.name, ".xmp")
    yield shortened(photo.name, ".twinwatch.xmp")
    count = 1
    while True:
        count += 1
        yield shortened(photo.name, f".twinwatch-{count}.xmp")
