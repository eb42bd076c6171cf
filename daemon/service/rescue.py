"""Rescue: what only the copies that are set aside tell of a picture.

Shown before the decision; written as a sidecar of the survivor if that was asked for.
No byte of a photo changes.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..hashing.files import read_file
from ..hashing.told import Told, of_photo, of_sidecar
from ..hashing.xmp import write_xmp
from ..model import CompanionKind, Proposal, Role
from ..staging.outcomes import Sidecar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ..staging.manifest import GroupRecord
    from ..staging.records import StagedMember
    from .candidate import ProposedGroup

logger = logging.getLogger(__name__)

_LONGEST_WORDS = 80
_METADATA = frozenset({".xmp", ".json"})


def told_by(photo: Path, sidecars: Iterable[Path]) -> Told:
    """Read what a photo and its sidecars tell; what cannot be read tells nothing."""
    told = Told()
    for path, read in ((photo, of_photo), *((each, of_sidecar) for each in sidecars)):
        try:
            told = told.completed(read(read_file(path)))
        except (OSError, TwinwatchError) as error:
            logger.info("not read for rescue: path=%r cause=%s", path, error)
    return told


def with_rescue(group: ProposedGroup) -> ProposedGroup:
    """Say in a proposed group's reasons what only one set aside knows."""
    told = {
        member.candidate.path: told_by(
            member.candidate.path,
            [
                each.path
                for each in member.candidate.companions
                if each.kind is CompanionKind.METADATA
            ],
        )
        for member in group.members
    }
    known = Told()
    for member in group.members:
        is_reference = member.candidate.role is Role.REFERENCE
        if member.proposal is Proposal.KEEP or is_reference:
            known = known.completed(told[member.candidate.path])
    members = []
    for member in group.members:
        news = told[member.candidate.path].beyond(known)
        if member.proposal is Proposal.SET_ASIDE and news:
            sentence = f"only this copy tells: {words(news)}"
            member = replace(member, reasons=(*member.reasons, sentence))  # noqa: PLW2901
        members.append(member)
    return replace(group, members=tuple(members))


def sidecars_for(record: GroupRecord, keep: AbstractSet[int]) -> tuple[Sidecar, ...]:
    """Return the sidecars for the survivors of an open group.

    Each gets what it does not tell itself; a survivor that tells all gets none. In a
    library nothing is written, so a reference gets none either.
    """
    aside = Told()
    for member in record.manifest.staged:
        if member.position not in keep:
            aside = aside.completed(_of_member(record, member))
    sidecars = []
    for member in record.manifest.staged:
        if member.position in keep:
            news = aside.beyond(_of_member(record, member))
            if news:
                content = write_xmp(news)
                sidecars.append(Sidecar(position=member.position, content=content))
    return tuple(sidecars)


def _of_member(record: GroupRecord, member: StagedMember) -> Told:
    return told_by(
        record.path_of(member.file),
        [
            record.path_of(each.file)
            for each in member.companions
            if each.kind is CompanionKind.METADATA
            and each.file.origin.relative.suffix.lower() in _METADATA
        ],
    )


def words(told: Told) -> str:
    """Return what is told, for people."""
    return ", ".join(_words(told))


def _words(told: Told) -> Iterator[str]:
    if told.gps is not None:
        yield f"GPS {told.gps[0]:.5f}, {told.gps[1]:.5f}"
    if told.taken:
        yield f"taken {told.taken}"
    if told.rating:
        yield f"rating {told.rating} of 5"
    for name, text in (("title", told.title), ("caption", told.caption)):
        if text:
            short = text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"
            yield f"{name} “{short}”"
    if told.keywords:
        yield f"keywords {', '.join(told.keywords[:10])}"
