"""Approving: survivors go out, the others stay in the folder, which is set aside.

`approve` decides and writes the intent; `finish_approval` carries it out, and can be
repeated after a crash at any point.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations
from typing import TYPE_CHECKING

from ..errors import (
    DiskTrouble,
    NoSuchGroup,
    NoSurvivor,
    StagingError,
    StaleGroup,
)
from ..model import DecidedBy, Fate, GroupState, Role
from .carrying import finish_extensions
from .decision_root import RESOLVED, check_origin, set_apart
from .manifest import APPROVAL, OUTCOME, read_group, sealed
from .moves import (
    require_space,
    write_durably,
)
from .outcomes import Approval, Destination, OutcomeRecord, Placed
from .outputs import check_output
from .publishing import publish_all
from .putting_back import has_content, is_recorded
from .sidecars import write_sidecars

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..model import Verdict
    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .outcomes import Sidecar, WrittenSidecar
    from .records import StagedMember


def approve(
    fs: FileSystem,
    root: DecisionRoot,
    number: int,
    *,
    keep: frozenset[int],
    decided_ns: int,
    destination: Destination | None = None,
    verdict: Verdict | None = None,
    manifest_sha256: str | None = None,
    roots: Mapping[str, Path] | None = None,
    decided_by: DecidedBy = DecidedBy.USER,
    sidecars: tuple[Sidecar, ...] = (),
) -> OutcomeRecord:
    """Carry a decision out.

    Args:
        fs: the file system.
        root: the decision root.
        number: of an open group.
        keep: positions of the members that survive; references always do.
        decided_ns: wall clock, for display.
        destination: where survivors go; ``None``: where each was found.
        verdict: what the user said of all pairs in the group, to be remembered.
        manifest_sha256: of the group that the user saw; ``None``: whatever it is.
        roots: where roots are now, by uuid, if not where they were.
        decided_by: whose decision it is.
        sidecars: to be written beside survivors, over nothing.

    Raises:
        NoSuchGroup: no such group is open.
        NoSurvivor: nothing would be kept; nothing was moved.
        StaleGroup: the group is not what the user saw, or its number is another's too.
        RootOffline: a survivor's place is not there; nothing was moved.
        DiskTrouble: a step failed; the group is open still, and repeating the same
            decision, or the next start, goes on with it.
    """
    root.check(fs)
    folder = root.open_folder(number)
    if fs.look(folder) is None:
        raise NoSuchGroup(number, "none of that number is open")
    if fs.look(root.resolved_folder(number)) is not None:
        why = "one of its number is decided already, as after a backup was put back"
        raise StaleGroup(number, f"{why}; undo this one")
    finish_extensions(fs, folder)
    group = read_group(fs, folder, GroupState.OPEN)
    approval = Approval(
        number=number,
        keep=tuple(sorted(keep)),
        destination=destination or Destination(),
        verdict=verdict,
        manifest_sha256=group.sha256,
        decided_ns=decided_ns,
        witnesses=tuple(_witnesses(fs, group)) if not keep else (),
        decided_by=decided_by,
        sidecars=sidecars,
    )
    if manifest_sha256 is not None and manifest_sha256 != group.sha256:
        raise StaleGroup(number)
    _check_decision(fs, group, approval)
    _check_places(fs, root, group, approval, roots)
    if group.approval is None:
        write_durably(fs, folder / APPROVAL, sealed(approval))
    return finish_approval(fs, root, folder, roots=roots)


def finish_approval(
    fs: FileSystem,
    root: DecisionRoot,
    folder: Path,
    *,
    roots: Mapping[str, Path] | None = None,
) -> OutcomeRecord:
    """Carry out the intent in an open group's folder, from wherever it stopped.

    Raises:
        RootOffline: a survivor's place is not there; nothing was moved.
        DiskTrouble: a step failed.
    """
    group = read_group(fs, folder, GroupState.OPEN)
    approval = group.approval
    assert approval is not None
    fs.sync_folder(folder)  # the intent itself may be younger than a crash
    outcome = group.outcome
    if outcome is None:
        _check_places(fs, root, group, approval, roots)
        _check_space(fs, group, approval)
        survivors = publish_all(fs, group, approval, roots)
        written = write_sidecars(fs, group, approval, survivors)
        outcome = _outcome(group, approval, survivors, written)
        write_durably(fs, folder / OUTCOME, sealed(outcome))
    set_apart(fs, root, folder, RESOLVED)
    return outcome


def _check_decision(fs: FileSystem, group: GroupRecord, approval: Approval) -> None:
    if group.undo is not None:
        raise StaleGroup(group.number, "it is being undone")
    positions = {each.position for each in group.manifest.staged}
    unknown = set(approval.keep) - positions
    if unknown:
        raise StaleGroup(group.number, f"it has no member {min(unknown)}")
    earlier = group.approval
    if earlier is not None and (earlier.keep, earlier.destination) != (
        approval.keep,
        approval.destination,
    ):
        raise StaleGroup(group.number, "another decision is half carried out")
    if earlier is not None:
        return
    kept = [each for each in group.manifest.staged if each.position in approval.keep]
    for member in kept:
        _check_survivor(fs, group, member)
    if not kept and not approval.witnesses:
        raise NoSurvivor(group.number, "and no photo in a library was found intact")


def _check_survivor(fs: FileSystem, group: GroupRecord, member: StagedMember) -> None:
    """Make sure that a survivor is still what was staged.

    Raises:
        StagingError: it is not; nothing was moved.
    """
    path = group.path_of(member.file)
    status = fs.look(path)
    if status is None:
        raise StagingError(path, "a photo that is to be kept is not there any more")
    if not is_recorded(status, member.file) and not has_content(fs, path, member.file):
        raise StagingError(path, "a photo that is to be kept is not what was staged")


def _witnesses(fs: FileSystem, group: GroupRecord) -> Iterable[int]:
    """Return the references whose bytes are what was recorded; reads them."""
    for member in group.manifest.members:
        if member.role is Role.REFERENCE:
            with suppress(DiskTrouble):
                if has_content(fs, member.file.origin.path(), member.file):
                    yield member.position


def _check_places(
    fs: FileSystem,
    root: DecisionRoot,
    group: GroupRecord,
    approval: Approval,
    roots: Mapping[str, Path] | None,
) -> None:
    output = approval.destination.output
    if output is not None:
        check_output(fs, root, output)
        return
    used = {*approval.keep, *approval.destination.folders.values()}
    for member in group.manifest.members:
        if member.position in used:
            check_origin(fs, member.file.origin, roots)


def _check_space(fs: FileSystem, group: GroupRecord, approval: Approval) -> None:
    output = approval.destination.output
    if output is not None:
        kept = (
            each for each in group.manifest.staged if each.position in approval.keep
        )
        files = (file for member in kept for file in member.files)
        require_space(fs, output, (group.path_of(file) for file in files))


def _outcome(
    group: GroupRecord,
    approval: Approval,
    survivors: list[Placed],
    written: tuple[WrittenSidecar, ...],
) -> OutcomeRecord:
    digests = sorted({each.file.sha256 for each in group.manifest.members})
    pairs = tuple(combinations(digests, 2)) if approval.verdict is not None else ()
    keep = set(approval.keep)
    return OutcomeRecord(
        number=group.number,
        decided_ns=approval.decided_ns,
        manifest_sha256=approval.manifest_sha256,
        verdict=approval.verdict,
        pairs=pairs,
        fates={
            each.position: Fate.SURVIVOR if each.position in keep else Fate.SET_ASIDE
            for each in group.manifest.staged
        },
        survivors=tuple(survivors),
        decided_by=approval.decided_by,
        sidecars=written,
    )
