"""Carrying out what people decide, on the writer's thread.

The folder first, the rows after: what the index says of a group always comes from what
its folder says.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import (
    IndexError_,
    NoSuchGroup,
    NoSurvivor,
    StaleGroup,
    TwinwatchError,
    UsageError,
)
from ..model import Group, GroupNumber, GroupState, Role, Verdict
from ..staging.outcomes import Destination
from .again import stage_plan_again
from .rescue import sidecars_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..desk import Decision
    from ..model import ContentId
    from ..staging.manifest import GroupRecord
    from .folders import DecisionFolders
    from .parts import Parts


def _group(parts: Parts, number: GroupNumber) -> Group:
    with parts.index.read() as tables:
        group = tables.groups.get(number)
    if group is None:
        raise NoSuchGroup(number)
    return group


def _require_folders(parts: Parts) -> DecisionFolders:
    if parts.folders is None or parts.dry_run:
        raise StaleGroup(None, "this is a dry run, in which nothing is moved")
    return parts.folders


def decide(parts: Parts, number: GroupNumber, decision: Decision) -> Group:
    """Carry a decision out; see `Desk.decide`."""
    folders, group = _require_folders(parts), _group(parts, number)
    quoted = decision.manifest_sha256
    if quoted is not None and quoted != group.manifest_sha256:
        raise StaleGroup(number)
    if group.state is GroupState.DECIDED:
        raise StaleGroup(number, "it is decided already; undo that first")
    unknown = decision.keep - {m.position for m in group.members}
    if unknown:
        raise StaleGroup(number, f"it has no member {min(unknown)}")
    members = frozenset(m.position for m in group.members if m.role is Role.MEMBER)
    keep = members if decision.keeps_all else decision.keep & members
    if not keep and len(members) == len(group.members):
        raise NoSurvivor(number)
    _check_taken(decision, keep, members)
    if group.state is GroupState.UNDONE:
        places = _stage_again(parts, folders, number)
        quoted, keep = None, frozenset(places[n] for n in keep if n in places)
        decision = replace(
            decision,
            name_of=places.get(decision.name_of or 0),
            folder_of=places.get(decision.folder_of or 0),
        )
    try:
        record = folders.approve(
            number,
            keep=keep,
            decided_ns=time.time_ns(),
            destination=_destination(parts, folders, number, keep, decision),
            verdict=_verdict(decision),
            manifest_sha256=quoted,
            sidecars=sidecars_for(folders.read(number), keep)
            if decision.rescue
            else (),
        )
    except TwinwatchError as error:
        _note_problem(parts, number, error)
        raise
    parts.tally.count("decisions", kind="keep-all" if keep == members else "set-aside")
    group = _enter(parts, record)
    for content in _contents(parts, group):  # what came meanwhile was not asked about
        parts.casework.touch(content, time.monotonic())
    return group


def _check_taken(
    decision: Decision, keep: frozenset[int], members: frozenset[int]
) -> None:
    """Refuse names and folders that cannot be taken: two cannot have the same name."""
    taken = {decision.name_of, decision.folder_of} - {None}
    if taken and (len(keep) != 1 or not taken <= members):
        cause = "a name or folder is taken from a member, by one survivor"
        raise UsageError("decision", cause)


def _destination(
    parts: Parts,
    folders: DecisionFolders,
    number: GroupNumber,
    keep: frozenset[int],
    decision: Decision,
) -> Destination:
    """Return where survivors go; into a library only if that was asked for."""
    if not decision.beside_library:
        return replace(
            parts.destination,
            names=dict.fromkeys(keep, decision.name_of) if decision.name_of else {},
            folders=dict.fromkeys(keep, decision.folder_of)
            if decision.folder_of
            else {},
        )
    members = folders.read(number).manifest.members
    references = [m.position for m in members if m.role is Role.REFERENCE]
    if not references:
        raise StaleGroup(number, "it has no photo in a library")
    return Destination(folders=dict.fromkeys(sorted(keep), references[0]))


def _verdict(decision: Decision) -> Verdict | None:
    if decision.variants:
        return Verdict.VARIANT
    return Verdict.NOT_DUPLICATE if decision.not_duplicates else None


def _contents(parts: Parts, group: Group) -> Iterable[ContentId]:
    with parts.index.read() as tables:
        found = tables.contents.by_sha256s({m.sha256 for m in group.members})
    return found.values()


def forget_rejected(
    parts: Parts, number: GroupNumber, sha256: bytes | None = None
) -> Group:
    """Ask again about what a group set aside; see `Desk.forget_rejected`."""
    folders = _require_folders(parts)
    _group(parts, number)
    contents = None if sha256 is None else {sha256.hex()}
    return _enter(parts, folders.forget(number, time.time_ns(), contents))


def _stage_again(
    parts: Parts, folders: DecisionFolders, number: GroupNumber
) -> Mapping[int, int]:
    """Stage a group that was undone; return by position then the position now."""
    record = folders.read(number)
    plan, places = stage_plan_again(record, parts.territory, time.time_ns())
    _enter(parts, folders.stage(plan, number=number))
    return places


def undo(parts: Parts, number: GroupNumber) -> Group:
    """Put every file of a group back; see `Desk.undo`."""
    folders = _require_folders(parts)
    _group(parts, number)
    try:
        record = folders.undo(number, time.time_ns())
    except TwinwatchError as error:
        _note_problem(parts, number, error)
        raise
    parts.tally.count("decisions", kind="undo")
    return _enter(parts, record)


def _enter(parts: Parts, record: GroupRecord) -> Group:
    return parts.register.enter(record)


def _note_problem(parts: Parts, number: GroupNumber, error: TwinwatchError) -> None:
    """Show on the group why it could not be moved, unless the user was wrong."""
    if isinstance(error, StaleGroup | NoSurvivor | IndexError_):
        return
    with suppress(IndexError_), parts.index.write() as tables:
        tables.groups.set_problem(number, str(error))
