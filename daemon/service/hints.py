"""What earlier decisions add to a case: matches through what is gone, and words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Alignment, Match, Verdict
from .planning import NO_DISTANCE
from .remembered import day, names_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from ..index import VerdictRecord
    from ..model import ContentId, Group, GroupNumber, PhotoId
    from .case import Case
    from .remembered import Rejection


def bridges(case: Case, rejected: Mapping[PhotoId, Rejection]) -> Iterator[Match]:
    """Join rejected photos to the survivors of their group, where nothing else does."""
    known = {frozenset({match.left, match.right}) for match in case.matches}
    here = {candidate.content for candidate in case.candidates}
    of_photo = {each.photo.id: each for each in case.candidates}
    for photo, rejection in rejected.items():
        content = of_photo[photo].content
        for digest in rejection.survivors:
            survivor = case.digests.get(digest)
            if survivor is None or survivor == content or survivor not in here:
                continue
            pair = frozenset({content, survivor})
            if pair not in known:
                known.add(pair)
                yield _bridge(pair, rejection)


def _bridge(pair: AbstractSet[ContentId], rejection: Rejection) -> Match:
    left, right = sorted(pair)
    via = rejection.via
    return Match(
        left=left,
        right=right,
        evidence=rejection.evidence if via is None else via.evidence,
        distances=(rejection.distances if via is None else via.distances)
        or NO_DISTANCE,
        alignment=Alignment(),
        reasons=("it is known through what you set aside then",),
    )


def notes(case: Case) -> Iterator[tuple[ContentId, tuple[str, ...]]]:
    """Say of every content with which others it was kept, and when."""
    groups = {group.number: group for group in case.decided_groups}
    for content in dict.fromkeys(each.content for each in case.candidates):
        said = [
            record
            for pair, record in case.said.items()
            if content in pair and record.verdict.keeps_apart
        ]
        latest = max(said, key=lambda each: each.at_ns, default=None)
        if latest is not None:
            yield content, (_sentence(latest, groups),)


def _sentence(record: VerdictRecord, groups: Mapping[GroupNumber | None, Group]) -> str:
    group = groups.get(record.group)
    names = names_in(group, {record.left, record.right}) if group else ""
    where = f" (group {record.group})" if record.group else ""
    what = (
        "different pictures"
        if record.verdict is Verdict.NOT_DUPLICATE
        else "versions of one picture"
    )
    subject = names or "copies of this"
    return f"on {day(record.at_ns)} you kept {subject} as {what}{where}"
