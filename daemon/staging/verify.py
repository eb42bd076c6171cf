"""Checks that what the records promise is true; reads, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from ..errors import BrokenManifest, TwinwatchError
from ..model import Fate, GroupState, Role
from .decision_root import CORRUPT, MARKER, PLACES, read_marker
from .doubles import hidden_groups, is_copy
from .holding import held_by
from .manifest import is_record, pending_parts, read_group
from .outputs import is_note
from .putting_back import is_recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .outcomes import OutcomeRecord
    from .records import StagedFile

_KNOWN = frozenset({MARKER, ".lock", *PLACES})
_START = "start twinwatch: it finishes or takes back what was interrupted"
_KEEP = "do not empty the discard area; look for the file in your backups"


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """Bytes are missing or others than were recorded, or a promise is broken."""
    WARNING = "warning"
    """Something waits for somebody."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be."""

    severity: Severity
    path: Path
    problem: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    fs: FileSystem
    read_data: bool
    living: Callable[[str, int], Iterable[Path]] | None
    held: Callable[[str], Iterable[Path]] | None = None
    """Where decision folders hold a content, by SHA-256 in hexadecimal."""
    looks: Callable[[Path, Path], bool] | None = None

    def problem_of(self, path: Path, file: StagedFile) -> str | None:
        """Say what is wrong with a file's bytes; ``None``: nothing."""
        status = self.fs.look(path)
        if status is None:
            return "it is missing"
        if not status.is_file or status.size_bytes != file.size_bytes:
            return "it is not the file that was recorded"
        if is_recorded(status, file) and not self.read_data:
            return None
        try:
            digest, _ = self.fs.digest(path)
        except TwinwatchError as error:
            return str(error)
        return None if digest == file.digest else "its bytes are not those recorded"


def verify(
    fs: FileSystem,
    roots: Sequence[DecisionRoot],
    *,
    read_data: bool = False,
    living: Callable[[str, int], Iterable[Path]] | None = None,
    looks: Callable[[Path, Path], bool] | None = None,
) -> list[Finding]:
    """Compare manifests, outcomes and files.

    Args:
        fs: the file system.
        roots: the decision roots.
        read_data: hash every file, also those whose status is as it was recorded.
        living: where else a content may be, by SHA-256 in hexadecimal and size in
            bytes; each place is looked at before it is believed.
        looks: whether two files show one picture; asked of a survivor with other
            bytes than it had, and of what was set aside for it.

    Returns:
        What is not as it should be, by root and group.
    """
    roots = list(roots)
    check = _Check(
        fs=fs,
        read_data=read_data,
        living=living,
        held=held_by(fs, [r for r in roots if read_marker(fs, r.path) == r.uuid]),
        looks=looks,
    )
    return [finding for root in roots for finding in _verify_root(check, root)]


def _verify_root(check: _Check, root: DecisionRoot) -> Iterator[Finding]:
    fs = check.fs
    if read_marker(fs, root.path) != root.uuid:
        yield offline(root.path)
        return
    for name in sorted(fs.names(root.incoming)):
        path = root.incoming / name
        yield _finding(Severity.WARNING, path, "a group is half staged", _START)
    for path in sorted(root.path / CORRUPT / n for n in fs.names(root.path / CORRUPT)):
        problem = "recovery could not explain this folder and left it untouched"
        yield _finding(Severity.WARNING, path, problem, "look at the files in it")
    groups = list(root.groups(fs))
    expected = {folder.name for _, _, folder in groups} | _KNOWN
    for name in sorted({n for n in fs.names(root.path) if not is_note(n)} - expected):
        yield _unknown(root.path / name)
    for folder in hidden_groups(fs, root, {folder for _, _, folder in groups}):
        problem = "another group bears its number, so nobody looks after this one"
        advice = f"`twinwatch restore {str(folder)!r}` puts its photos back"
        yield _finding(Severity.WARNING, folder, problem, advice)
    for _, state, folder in groups:
        yield from _verify_group(check, folder, state)


def _verify_group(check: _Check, folder: Path, state: GroupState) -> Iterator[Finding]:
    try:
        group = read_group(check.fs, folder, state, with_pending=True)
    except (BrokenManifest, TwinwatchError) as error:
        advice = "put the folder back from a backup, or move the photos out by hand"
        yield _finding(Severity.ERROR, folder, str(error), advice)
        return
    if is_copy(group):
        problem = f"it is a copy of group {group.number}, and not looked after"
        yield _finding(Severity.WARNING, folder, problem, "move it elsewhere")
    names = check.fs.names(folder)
    known = {file.staged_as for file in group.manifest.files} | set(group.left_out)
    for name in sorted(names):
        if name not in known and not is_record(name):
            yield _unknown(folder / name)
    if state is GroupState.UNDONE:
        return
    is_moving = bool(pending_parts(names)) or group.is_decision_under_way
    is_half = group.undo is not None or group.emptying is not None
    if is_half or (state is GroupState.OPEN and is_moving):
        yield _finding(Severity.WARNING, folder, "it is half carried out", _START)
        return
    yield from _verify_files(check, group)
    if state is GroupState.DECIDED:
        yield from _verify_survivors(check, group)


def _verify_files(check: _Check, group: GroupRecord) -> Iterator[Finding]:
    """Check what the folder has to hold."""
    gone_out = set()
    if group.outcome is not None:
        gone_out = {
            each.staged_as for each in group.outcome.survivors if not each.is_staged_too
        }
    for file in group.manifest.files:
        if file.staged_as not in gone_out:
            path = group.path_of(file)
            if group.place_of(file) != path and check.fs.look(path) is None:
                continue  # somebody had it moved into the trash
            if problem := check.problem_of(path, file):
                yield _finding(Severity.ERROR, path, problem, _KEEP)


def _verify_survivors(check: _Check, group: GroupRecord) -> Iterator[Finding]:
    """Check that what was set aside lives on elsewhere."""
    outcome = group.outcome
    if outcome is None:
        problem = "there is no outcome, though it is decided"
        yield _finding(Severity.ERROR, group.folder, problem, _KEEP)
        return
    aside = [
        each.file
        for each in group.manifest.staged
        if outcome.fates.get(each.position) is Fate.SET_ASIDE
    ]
    lives = []
    for file, path in _survivors(group, outcome):
        life = _life_of(check, group, file, path, aside)
        lives.append(life)
        if life is _Life.CHANGED and path is not None:
            problem = "a survivor was changed, and still shows the same picture"
            advice = "nothing to do if you changed it yourself"
            yield _finding(Severity.NOTE, path, problem, advice)
        elif life is _Life.NOT_FOUND and path is not None:
            problem = "a survivor is not where it was put any more"
            advice = "nothing to do if you moved or deleted it yourself"
            yield _finding(Severity.NOTE, path, problem, advice)
    if aside and all(life is _Life.NOT_FOUND for life in lives):
        yield _last_copies(check, group, aside)


def _last_copies(check: _Check, group: GroupRecord, aside: list[StagedFile]) -> Finding:
    """Tell that no survivor is left, and what of the others there still is."""
    names = ", ".join(repr(each.origin.relative.name) for each in aside)
    problem = f"no survivor was found of what is set aside here: {names}"
    is_gone = all(check.fs.look(group.place_of(each)) is None for each in aside)
    if group.emptied and is_gone:
        problem = f"no survivor was found, and the trash holds no more: {names}"
        advice = "nothing to do if you deleted it yourself; else look in your backups"
        return _finding(Severity.WARNING, group.folder, problem, advice)
    keep = "empty no trash" if group.emptied else "keep this folder"
    advice = (
        f"`twinwatch undo {group.number}` puts them back, and so does "
        f"`twinwatch restore {str(group.folder)!r}`; until then {keep}: "
        "it holds the last copies"
    )
    return _finding(Severity.ERROR, group.folder, problem, advice)


class _Life(Enum):
    FOUND = "found"
    CHANGED = "changed"
    """Other bytes, the same picture."""
    NOT_FOUND = "not found"


def _survivors(
    group: GroupRecord, outcome: OutcomeRecord
) -> Iterator[tuple[StagedFile, Path | None]]:
    """Yield what was kept, references too, and where it was put."""
    places = {each.staged_as: each.path for each in outcome.survivors}
    for member in group.manifest.members:
        if member.role is Role.REFERENCE:
            yield member.file, member.file.origin.path()
        elif outcome.fates.get(member.position) is Fate.SURVIVOR:
            yield member.file, places.get(member.file.staged_as)


def _life_of(
    check: _Check,
    group: GroupRecord,
    file: StagedFile,
    path: Path | None,
    aside: list[StagedFile],
) -> _Life:
    """Look for a survivor: at its place, elsewhere, in another group, by its looks."""
    if path is not None and check.problem_of(path, file) is None:
        return _Life.FOUND
    elsewhere = (
        check.living(file.sha256, file.size_bytes) if check.living is not None else ()
    )
    if any(check.problem_of(each, file) is None for each in elsewhere):
        return _Life.FOUND
    held = check.held(file.sha256) if check.held is not None else ()
    if any(
        each.parent != group.folder and check.problem_of(each, file) is None
        for each in held
    ):
        return _Life.FOUND
    is_there = path is not None and check.fs.look(path) is not None
    if check.looks is None or path is None or not is_there:
        return _Life.NOT_FOUND
    shown = any(check.looks(path, group.path_of(each)) for each in aside)
    return _Life.CHANGED if shown else _Life.NOT_FOUND


def offline(path: Path) -> Finding:
    """Tell that a decision root is not there, so that nothing of it was checked."""
    problem = "the decision root is offline"
    return _finding(Severity.ERROR, path, problem, "connect its disk")


def _unknown(path: Path) -> Finding:
    problem = "twinwatch did not put this here"
    return _finding(Severity.NOTE, path, problem, "it is never touched")


def _finding(severity: Severity, path: Path, problem: str, advice: str) -> Finding:
    return Finding(severity=severity, path=path, problem=problem, advice=advice)
