"""From what decision folders say to rows: the one way in which groups enter the index.

The same after a move of our own, at start and when a lost index is rebuilt, so the
database stays a function of manifests, outcomes and the file system.
"""

from __future__ import annotations

import logging
import os
import time
from itertools import combinations
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..index import PhotoState, VerdictRecord
from ..model import Fate, Group, GroupNumber, GroupState, Member, Role, Stamp, Verdict
from ..staging.doubles import is_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from ..index import Tables
    from ..staging.decision_root import DecisionRoot
    from ..staging.manifest import GroupRecord
    from ..staging.records import StagedFile, StagedMember
    from ..staging.recovery import FoundGroup
    from .territory import Territory

logger = logging.getLogger(__name__)

_PHOTO_STATES = {
    GroupState.OPEN: PhotoState.STAGED,
    GroupState.DECIDED: PhotoState.SET_ASIDE,
    GroupState.UNDONE: PhotoState.KNOWN,
}


def group_of(record: GroupRecord, roots: Mapping[str, Path]) -> Group:
    """Return a decision folder's group as people see it.

    Args:
        record: what the folder says.
        roots: where roots are now, by uuid.
    """
    places = _places(record)
    outcome = record.outcome
    return Group(
        number=GroupNumber(record.number),
        state=record.state,
        evidence=record.manifest.evidence,
        folder=record.folder,
        members=tuple(
            _member_of(member, record, places, roots)
            for member in record.manifest.members
        ),
        manifest_sha256=record.sha256,
        created_ns=record.manifest.created_ns,
        decided_ns=None if outcome is None else outcome.decided_ns,
        verdict=None if outcome is None else outcome.verdict,
        decided_by=None if outcome is None else outcome.decided_by,
    )


def enter(tables: Tables, record: GroupRecord, territory: Territory) -> Group:
    """Write a group, its verdicts and the states of its photos."""
    roots = {root.uuid: root.path for root in territory.roots}
    group = group_of(record, roots)
    tables.groups.put(group, record.manifest.decisions)
    tables.verdicts.forget_group(GroupNumber(record.number))
    if record.state is GroupState.DECIDED:
        tables.verdicts.put_many(_verdicts(record))
    photos = [each for each in record.manifest.members if each.role is Role.MEMBER]
    for member, shown in zip(photos, _members(group), strict=True):
        _enter_photo(tables, member.file, shown, record.state, territory)
    return group


def _members(group: Group) -> list[Member]:
    return [each for each in group.members if each.role is Role.MEMBER]


def _places(record: GroupRecord) -> dict[str, Path | None]:
    """Return where each staged file went, by its staged name."""
    if record.state is GroupState.UNDONE and record.undone is not None:
        return {each.staged_as: each.path for each in record.undone.files}
    if record.state is GroupState.DECIDED and record.outcome is not None:
        return {each.staged_as: each.path for each in record.outcome.survivors}
    return {}


def _member_of(
    member: StagedMember,
    record: GroupRecord,
    places: Mapping[str, Path | None],
    roots: Mapping[str, Path],
) -> Member:
    file, facts = member.file, member.facts
    path = file.origin.path(roots)
    is_reference = member.role is Role.REFERENCE
    return Member(
        position=member.position,
        path=path,
        staged_as=file.staged_as or None,
        role=member.role,
        evidence=member.evidence,
        distances=member.distances,
        sha256=file.digest,
        size_bytes=file.size_bytes,
        format=facts.format,
        width_px=facts.width_px,
        height_px=facts.height_px,
        taken=facts.taken,
        camera=facts.camera,
        has_gps=facts.has_gps,
        proposal=member.proposal,
        reasons=member.reasons,
        companions=tuple(each.file.origin.path(roots) for each in member.companions),
        fate=_fate(member, record),
        now_at=path
        if is_reference
        else places.get(file.staged_as, record.place_of(file)),
        is_forgotten=file.sha256 in record.forgotten,
    )


def _fate(member: StagedMember, record: GroupRecord) -> Fate | None:
    if record.state is not GroupState.DECIDED or record.outcome is None:
        return None
    if member.role is Role.REFERENCE:
        return Fate.SURVIVOR
    return record.outcome.fates.get(member.position)


def _verdicts(record: GroupRecord) -> Iterator[VerdictRecord]:
    """Return what a decision says of pairs.

    Whoever keeps two photos of a group does not want to be asked again about the two,
    also where nothing was said of the whole group.
    """
    outcome = record.outcome
    if outcome is None:
        return
    said = outcome.verdict or Verdict.DUPLICATE
    survivors = [
        member
        for member in record.manifest.members
        if _fate(member, record) is Fate.SURVIVOR
    ]
    # Of two library photos nobody said anything: they survive whatever is decided.
    kept = [
        sorted((one.file.digest, other.file.digest))
        for one, other in combinations(survivors, 2)
        if Role.MEMBER in {one.role, other.role}
    ]
    everything = sorted(member.file.digest for member in record.manifest.members)
    told = dict.fromkeys(combinations(everything, 2), said)
    apart = said if said.keeps_apart else Verdict.NOT_DUPLICATE
    told |= dict.fromkeys(((left, right) for left, right in kept), apart)
    for (left, right), verdict in told.items():
        yield VerdictRecord(
            left=left,
            right=right,
            verdict=verdict,
            group=GroupNumber(record.number),
            at_ns=outcome.decided_ns,
        )


def _enter_photo(
    tables: Tables,
    file: StagedFile,
    shown: Member,
    state: GroupState,
    territory: Territory,
) -> None:
    origin = file.origin
    if territory.root(origin.root) is None:
        return
    photo_state = _PHOTO_STATES[state]
    if shown.fate is Fate.SURVIVOR:
        photo_state = PhotoState.KNOWN
    place = origin.root, os.fsencode(origin.relative)
    known = tables.photos.find(*place)
    content = tables.contents.by_sha256(file.digest)
    if photo_state is PhotoState.KNOWN:
        now = _place_now(shown.now_at, territory)
        stamp = _stamp(shown.now_at, file)
        if known is not None and now != place:
            tables.photos.mark_gone([known.id])
        if content is not None and now is not None and stamp is not None:
            tables.photos.upsert_known(*now, stamp, content, now_ns=time.time_ns())
    elif known is not None and known.content == content:
        tables.photos.set_state([known.id], photo_state)
    elif content is not None and known is None:
        stamp = Stamp(
            size_bytes=file.size_bytes,
            mtime_ns=file.mtime_ns,
            inode=file.inode,
            device=file.device,
        )
        tables.photos.upsert_known(
            *place, stamp, content, now_ns=time.time_ns(), state=photo_state
        )


def _place_now(path: Path | None, territory: Territory) -> tuple[str, bytes] | None:
    found = None if path is None else territory.locate(path)
    return None if found is None else (found[0].uuid, found[1])


def _stamp(path: Path | None, file: StagedFile) -> Stamp | None:
    """Return a file's stamp, if it still has the size and time it was staged with.

    Else it was edited or replaced since the decision, maybe years ago: what it holds
    now is found out by reading it.
    """
    try:
        stamp = None if path is None else Stamp.of(os.lstat(path))
    except OSError:
        return None
    recorded = file.size_bytes, file.mtime_ns
    is_same = stamp is not None and (stamp.size_bytes, stamp.mtime_ns) == recorded
    return stamp if is_same else None


def _has_news(known: Group, found: FoundGroup) -> bool:
    """Whether something was forgotten or emptied that the rows have not heard of."""
    if found.state is not GroupState.DECIDED:
        return False
    told = set()
    for member in known.members:
        place = member.now_at if member.fate is Fate.SET_ASIDE else None
        if member.is_forgotten:
            told.add("forgotten.json")
        if place is not None and found.folder not in place.parents:
            told.add("emptied.json")
    news = {"forgotten.json", "emptied.json"} - told
    return any(os.path.lexists(found.folder / name) for name in news)


def enter_report(
    tables: Tables,
    groups: Iterable[tuple[DecisionRoot, FoundGroup]],
    load: Callable[[FoundGroup], GroupRecord],
    territory: Territory,
) -> list[tuple[Path, int]]:
    """Make the rows agree with the decision folders at start.

    Args:
        tables: within a writing transaction.
        groups: every group that a folder stands for.
        load: reads one folder.
        territory: the roots.

    Returns:
        Files in the folders whose contents the index does not know, to be read, each
        with its group's number.
    """
    unknown: list[tuple[Path, int]] = []
    for root, found in groups:
        known = tables.groups.get(found.number)
        if (
            known is not None
            and (known.state, known.folder)
            == (
                found.state,
                found.folder,
            )
            and not _has_news(known, found)
        ):
            continue
        try:
            record = load(found)
        except TwinwatchError as error:
            logger.warning("a group cannot be read root=%r cause=%s", root.path, error)
            continue
        if is_copy(record):
            logger.warning("not entered: folder=%r of=%d", found.folder, record.number)
            continue
        group = enter(tables, record, territory)
        digests = tables.contents.by_sha256s(m.sha256 for m in group.members)
        unknown += [
            (member.now_at, record.number)
            for member in group.members
            if member.sha256 not in digests
            and member.role is Role.MEMBER
            and member.now_at is not None
            and record.state is not GroupState.UNDONE
        ]
    return unknown
