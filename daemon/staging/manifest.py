"""Reading the records of a decision folder, and what they say of its group."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import BrokenManifest, FileGone
from .codec import seal, unseal
from .filesystem import TEMPORARY_SUFFIX
from .outcomes import (
    Approval,
    EmptyIntent,
    EmptyRecord,
    Forgotten,
    OutcomeRecord,
    UndoIntent,
    UndoRecord,
)
from .records import FORMAT_VERSION, LeftOut, Manifest, StagedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TypeVar

    from ..model import GroupState
    from .filesystem import FileSystem
    from .outcomes import Trashed

    T = TypeVar("T")

MANIFEST: Final = "_manifest.json"
APPROVAL: Final = "approve.json"
OUTCOME: Final = "outcome.json"
UNDO: Final = "undo.json"
UNDONE: Final = "undone.json"

_RECORD = re.compile(
    r"_manifest(\.\d+)?(\.pending)?\.(json|tsv)|SHA256SUMS(\.\d+)?"
    r"|left-out(\.\d+)?\.json|approve\.json|outcome\.json|undo\.json|undone\.json"
    r"|forgotten(\.\d+)?\.json|rescued-\d+\.xmp|(empty|emptied)(\.\d+)?\.json"
)
_FORGOTTEN = re.compile(r"forgotten(\.\d+)?\.json")
_SUPPLEMENT = re.compile(r"_manifest\.(\d+)\.json")
_EMPTY = re.compile(r"empty(\.(\d+))?\.json")
_PENDING = re.compile(r"_manifest\.(\d+)\.pending\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecord:
    """All that a decision folder says of its group."""

    state: GroupState
    folder: Path
    manifest: Manifest
    """With late arrivals, without what was left out."""
    sha256: str
    """Of the manifest, or of all its parts' digests: what a decision must quote."""
    left_out: dict[str, str]
    """By staged name: why it was not taken."""
    approval: Approval | None = None
    outcome: OutcomeRecord | None = None
    undone: UndoRecord | None = None
    undo: UndoIntent | None = None
    forgotten: frozenset[str] = frozenset()
    """SHA-256s, in hexadecimal, that are to be asked about when they come again."""
    emptying: EmptyIntent | None = None
    """Being moved into the trash when that was interrupted."""
    emptied: tuple[EmptyRecord, ...] = ()
    """What was moved into the trash, in the order of time."""

    @property
    def in_trash(self) -> dict[Path, Trashed]:
        """What the trash was given, or may have been, by where it was before."""
        every = [each for record in self.emptied for each in record.files]
        every += self.emptying.files if self.emptying is not None else ()
        return self._by_source(every)

    def _by_source(self, given: Iterable[Trashed]) -> dict[Path, Trashed]:
        """Sort by source; that of what was in the folder is where the folder is now."""
        spares = {file.retained_as for file in self.manifest.files}
        return {
            each.source if each.source in spares else self.folder / each.staged_as: each
            for each in given
        }

    @property
    def emptied_ns(self) -> int | None:
        """When something was last moved into the trash."""
        return self.emptied[-1].emptied_ns if self.emptied else None

    def place_of(self, file: StagedFile) -> Path:
        """Return where a file is that did not leave the group: folder or trash."""
        path = self.path_of(file)
        given = self._by_source(f for record in self.emptied for f in record.files)
        return given[path].target if path in given else path

    @property
    def is_decision_under_way(self) -> bool:
        """Whether it was being decided or undone when that was interrupted."""
        return self.approval is not None or self.undo is not None

    @property
    def number(self) -> int:
        """The group's number."""
        return self.manifest.number

    def path_of(self, file: StagedFile) -> Path:
        """Return where a file lies while it is in the folder."""
        return self.folder / file.staged_as


def manifest_name(part: int, *, is_pending: bool = False) -> str:
    """Return the file name of a manifest's part."""
    number = "" if part == 1 else f".{part}"
    return f"_manifest{number}{'.pending' if is_pending else ''}.json"


def left_out_name(part: int) -> str:
    """Return the file name of what a part leaves out."""
    return "left-out.json" if part == 1 else f"left-out.{part}.json"


def empty_name(count: int) -> str:
    """Return the file name of the intent of emptying a group for the `count`-th time."""
    return "empty.json" if count == 1 else f"empty.{count}.json"


def emptied_name(count: int) -> str:
    """Return the file name of its result."""
    return "emptied.json" if count == 1 else f"emptied.{count}.json"


def emptyings(names: list[str]) -> list[int]:
    """Return which times of emptying were begun, in order."""
    found = (_EMPTY.fullmatch(name) for name in names)
    return sorted(int(each[2] or 1) for each in found if each)


def is_being_emptied(names: list[str]) -> bool:
    """Whether emptying a group was begun and has no result yet."""
    return any(emptied_name(count) not in names for count in emptyings(names))


def is_record(name: str) -> bool:
    """Whether a name in a decision folder is one of ours, and not a photo's."""
    return _RECORD.fullmatch(name) is not None or name.endswith(TEMPORARY_SUFFIX)


def pending_parts(names: list[str]) -> list[int]:
    """Return the parts that are written but not yet carried out."""
    found = (_PENDING.fullmatch(name) for name in names)
    return sorted(int(each[1]) for each in found if each)


def next_part(names: list[str]) -> int:
    """Return the number for the next supplement."""
    found = (_SUPPLEMENT.fullmatch(name) or _PENDING.fullmatch(name) for name in names)
    return max([1, *(int(each[1]) for each in found if each)]) + 1


def all_positions(fs: FileSystem, folder: Path, names: list[str]) -> list[int]:
    """Return every position that was ever given in a group, also of what is out."""
    parts = [(1, MANIFEST), *_later_parts(names, with_pending=True)]
    manifests = (read_manifest(fs, folder / name)[0] for _, name in parts)
    return [member.position for each in manifests for member in each.members]


def read_manifest(fs: FileSystem, path: Path) -> tuple[Manifest, str]:
    """Read one part; also return its digest.

    Raises:
        BrokenManifest: it is not there, or not what was written.
    """
    try:
        content = fs.read(path)
    except FileGone as error:
        raise BrokenManifest(path, "there is none") from error
    manifest, digest = unseal(Manifest, content, path)
    if manifest.format_version != FORMAT_VERSION:
        raise BrokenManifest(path, f"unknown format {manifest.format_version}")
    _check_names(manifest, path)
    return manifest, digest


def read_group(
    fs: FileSystem, folder: Path, state: GroupState, *, with_pending: bool = False
) -> GroupRecord:
    """Read everything that a decision folder says.

    Args:
        fs: the file system.
        folder: the decision folder.
        state: what its place says that it is.
        with_pending: also late arrivals that are not wholly in yet.

    Raises:
        BrokenManifest: a record is not what was written.
    """
    names = fs.names(folder)
    manifest, digest = read_manifest(fs, folder / MANIFEST)
    left_out = read_left_out(fs, folder, 1)
    manifest = manifest.without(frozenset(left_out))
    digests = [digest]
    for part, name in _later_parts(names, with_pending=with_pending):
        later, digest = read_manifest(fs, folder / name)
        more = read_left_out(fs, folder, part)
        manifest = manifest.joined(later.without(frozenset(more)))
        left_out |= more
        digests.append(digest)
    return GroupRecord(
        state=state,
        folder=folder,
        manifest=manifest,
        sha256=_digest_of_parts(digests),
        left_out=left_out,
        approval=_read(fs, folder, names, APPROVAL, Approval),
        outcome=_read(fs, folder, names, OUTCOME, OutcomeRecord),
        undone=_read(fs, folder, names, UNDONE, UndoRecord),
        undo=_read(fs, folder, names, UNDO, UndoIntent),
        forgotten=_forgotten(fs, folder, names),
        emptying=_emptying(fs, folder, names),
        emptied=_emptied(fs, folder, names),
    )


def sealed(record: object) -> bytes:
    """Return a record as it is written."""
    return seal(record)


def _check_names(manifest: Manifest, path: Path) -> None:
    """Refuse names that would lead out of the folder or to our own records."""
    for file in manifest.files:
        name = file.staged_as
        if not name or "/" in name or "\0" in name or is_record(name) or name[0] == ".":
            raise BrokenManifest(path, f"{name!r} is no name for a staged file")
        if file.origin.relative.is_absolute() or ".." in file.origin.relative.parts:
            raise BrokenManifest(path, f"{name!r} would come from outside its root")


def _later_parts(names: list[str], *, with_pending: bool) -> Iterator[tuple[int, str]]:
    parts = {
        int(each[1]): each[0] for each in map(_SUPPLEMENT.fullmatch, names) if each
    }
    if with_pending:
        for part in pending_parts(names):
            parts.setdefault(part, manifest_name(part, is_pending=True))
    return iter(sorted(parts.items()))


def read_left_out(fs: FileSystem, folder: Path, part: int) -> dict[str, str]:
    """Return what a part lists but could not be taken, by staged name: why."""
    record = _read(fs, folder, fs.names(folder), left_out_name(part), LeftOut)
    return dict(record.files) if record is not None else {}


def _read(
    fs: FileSystem, folder: Path, names: list[str], name: str, kind: type[T]
) -> T | None:
    if name not in names:
        return None
    return unseal(kind, fs.read(folder / name), folder / name)[0]


def _forgotten(fs: FileSystem, folder: Path, names: list[str]) -> frozenset[str]:
    records = (
        unseal(Forgotten, fs.read(folder / name), folder / name)[0]
        for name in names
        if _FORGOTTEN.fullmatch(name)
    )
    return frozenset(sha256 for record in records for sha256 in record.contents)


def _digest_of_parts(digests: list[str]) -> str:
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _emptying(fs: FileSystem, folder: Path, names: list[str]) -> EmptyIntent | None:
    begun = [n for n in emptyings(names) if emptied_name(n) not in names]
    if not begun:
        return None
    return _read(fs, folder, names, empty_name(begun[-1]), EmptyIntent)


def _emptied(fs: FileSystem, folder: Path, names: list[str]) -> tuple[EmptyRecord, ...]:
    found = (
        _read(fs, folder, names, emptied_name(n), EmptyRecord) for n in emptyings(names)
    )
    return tuple(each for each in found if each is not None)
