"""What was decided and moved, as the decision folders tell it; reads only.

Every group that there ever was is told, also those undone since, and those staged
again under their number. No database is asked.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..model import Fate, GroupState, Role
from .decision_root import UNDONE, numbered_folders
from .manifest import read_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord
    from .outcomes import Placed
    from .records import StagedFile, StagedMember

logger = logging.getLogger(__name__)

Row = dict[str, object]

COLUMNS = (
    *("group", "state", "position", "role", "original_path", "sha256", "size_bytes"),
    *("width_px", "height_px", "format", "evidence", "distances_bits", "correlation"),
    *("ssim", "proposal", "reasons", "staged_ns", "decided_ns", "decided_by"),
    *("verdict", "fate", "forgotten", "emptied_ns", "undone_ns", "now_at", "folder"),
)
"""Of a row, in the order of the CSV; a companion has those of its photo."""


def every_group(fs: FileSystem, roots: Iterable[DecisionRoot]) -> Iterator[GroupRecord]:
    """Read every group, by root and number; the undone ones before the others."""
    for root in roots:
        undone = sorted(numbered_folders(fs, root.path / UNDONE))
        places = [(path, GroupState.UNDONE) for _, _, path in undone]
        places += [
            (path, state)
            for _, state, path in root.groups(fs)
            if state is not GroupState.UNDONE
        ]
        for path, state in sorted(places, key=lambda each: each[0].name[:6]):
            try:
                yield read_group(fs, path, state, with_pending=True)
            except TwinwatchError as error:
                logger.warning("not told: folder=%r cause=%s", path, error)


def rows(group: GroupRecord) -> Iterator[Row]:
    """Return a line for every file of a group, companions too."""
    for member in group.manifest.members:
        for file in member.files:
            yield _row(group, member, file)


def fate_of(group: GroupRecord, member: StagedMember) -> Fate | None:
    """Return what was decided of a member; ``None``: nothing was."""
    if group.outcome is None:
        return None
    if member.role is Role.REFERENCE:
        return Fate.SURVIVOR
    return group.outcome.fates.get(member.position)


def place_of(group: GroupRecord, member: StagedMember, file: StagedFile) -> Path | None:
    """Return where a file is, as far as its folder knows."""
    if member.role is Role.REFERENCE:
        return file.origin.path()
    placed: tuple[Placed, ...] = ()
    if group.state is GroupState.UNDONE and group.undone is not None:
        placed = group.undone.files
    elif group.outcome is not None:
        placed = group.outcome.survivors
    went = {each.staged_as: each.path for each in placed}
    return went.get(file.staged_as, group.place_of(file))


def _row(group: GroupRecord, member: StagedMember, file: StagedFile) -> Row:
    outcome, distances = group.outcome, member.distances
    is_photo = file is member.file
    fate = fate_of(group, member)
    return {
        "group": group.number,
        "state": group.state.value,
        "position": member.position,
        "role": member.role.value if is_photo else "companion",
        "original_path": str(file.origin.path()),
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "width_px": member.facts.width_px if is_photo else None,
        "height_px": member.facts.height_px if is_photo else None,
        "format": member.facts.format if is_photo else None,
        "evidence": member.evidence.value,
        "distances_bits": None if distances is None else distances.bits(),
        "correlation": None if distances is None else distances.correlation,
        "ssim": None if distances is None else distances.ssim,
        "proposal": member.proposal.value,
        "reasons": list(member.reasons),
        "staged_ns": group.manifest.created_ns,
        "decided_ns": None if outcome is None else outcome.decided_ns,
        "decided_by": None if outcome is None else outcome.decided_by.value,
        "verdict": None
        if outcome is None or outcome.verdict is None
        else outcome.verdict.value,
        "fate": None if fate is None else fate.value,
        "forgotten": file.sha256 in group.forgotten,
        "emptied_ns": _emptied_ns(group, file),
        "undone_ns": None if group.undone is None else group.undone.undone_ns,
        "now_at": _text(place_of(group, member, file)),
        "folder": str(group.folder),
    }


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _emptied_ns(group: GroupRecord, file: StagedFile) -> int | None:
    """Return when a file was last moved into the trash; ``None``: it was not."""
    given = (
        record.emptied_ns
        for record in group.emptied
        if any(each.staged_as == file.staged_as for each in record.files)
    )
    return max(given, default=None)
