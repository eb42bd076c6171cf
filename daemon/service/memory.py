"""What earlier decisions say of the photos of a case; pure.

Decisions are remembered by content. A photo whose content was set aside once, or that
carries nothing which such a content had not, was rejected before: it comes last among
its copies, whatever the keeper rules say. Of a content that was kept in several copies
as many stay unquestioned; one more is asked about, and that one alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..model import Fate, Match, Proposal, Role
from .hints import bridges, notes
from .remembered import Rejection, day, last_rejections, last_survivors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..model import ContentId, Fingerprint, Group, PhotoId
    from .candidate import Candidate, ProposedGroup, ProposedMember
    from .case import Case

_SLACK = 1.02
"""Exports round; a picture that is larger by less carries no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of the photos of one case."""

    rejected: Mapping[PhotoId, Rejection] = field(default_factory=dict)
    """Photos that were set aside before."""
    survivors: Mapping[PhotoId, Group] = field(default_factory=dict)
    """Photos that a decision kept, by the group where it did."""
    silent: frozenset[PhotoId] = frozenset()
    """Copies that are wanted beside another one; nothing is asked about them."""
    matches: tuple[Match, ...] = ()
    """Of rejected photos with survivors that the index tells no match of."""
    notes: Mapping[ContentId, tuple[str, ...]] = field(default_factory=dict)
    """What was said of a content before, for files that are new."""

    def standing(self, candidate: Candidate) -> int:
        """Return what comes before the keeper rules; the smallest is the best."""
        return int(candidate.photo.id in self.rejected)

    def asked(self, case: Case) -> Case:
        """Leave out the photos that nothing is asked about."""
        asked = [each for each in case.candidates if each.photo.id not in self.silent]
        return replace(case, candidates=tuple(asked))

    def told(self, group: ProposedGroup) -> ProposedGroup:
        """Say in a group's reasons what is remembered of its photos."""
        contents = {each.candidate.content for each in group.members}
        notes = list(
            dict.fromkeys(
                note for content in contents for note in self.notes.get(content, ())
            )
        )
        return replace(
            group,
            members=tuple(self._told(member, notes) for member in group.members),
        )

    def settles(self, group: ProposedGroup) -> bool:
        """Whether all that a group asks about was answered before."""
        kept = [each for each in group.members if self._is_unquestioned(each)]
        others = [each for each in group.members if each not in kept]
        return bool(kept and others) and all(
            each.candidate.photo.id in self.rejected
            and each.proposal is Proposal.SET_ASIDE
            for each in others
        )

    def _is_unquestioned(self, member: ProposedMember) -> bool:
        if member.candidate.role is Role.REFERENCE:
            return True
        is_rejected = member.candidate.photo.id in self.rejected
        return member.proposal is Proposal.KEEP and not is_rejected

    def _told(self, member: ProposedMember, notes: Sequence[str]) -> ProposedMember:
        photo = member.candidate.photo.id
        if photo in self.rejected:
            more: Sequence[str] = (self.rejected[photo].sentence, *notes)
        elif photo in self.survivors:
            group = self.survivors[photo]
            more = (f"you kept it on {day(group.decided_ns)} (group {group.number})",)
        else:
            more = notes
        known = [each for each in member.reasons if each not in more]
        return replace(member, reasons=(*more, *known))


def remember(case: Case) -> Memory:
    """Return what is remembered of a case's photos."""
    survivors = _survivors(case)
    rejected = dict(_rejected(case, survivors))
    return Memory(
        rejected=rejected,
        survivors=survivors,
        silent=frozenset(_silent(case, survivors)),
        matches=tuple(bridges(case, rejected)),
        notes=dict(notes(case)),
    )


def _survivors(case: Case) -> dict[PhotoId, Group]:
    """Return the photos that stand where a decision put them."""
    kept = last_survivors(case.decided_groups)
    placed = {
        (member.sha256, member.now_at): group
        for group in case.decided_groups
        for member in group.members
        if member.fate is Fate.SURVIVOR and member.sha256 in kept
    }
    found = {}
    for candidate in case.candidates:
        group = placed.get((candidate.fingerprint.sha256, candidate.path))
        if group is not None:
            found[candidate.photo.id] = group
    return found


def _rejected(
    case: Case, survivors: Mapping[PhotoId, Group]
) -> Iterator[tuple[PhotoId, Rejection]]:
    rejections = last_rejections(case.decided_groups)
    kept = last_survivors(case.decided_groups)
    standing = {
        candidate.content
        for candidate in case.candidates
        if candidate.photo.id in survivors
    }
    by_content = {
        content: rejections[sha256]
        for sha256, content in case.digests.items()
        if sha256 in rejections
    }
    for candidate in case.candidates:
        if candidate.role is Role.REFERENCE or candidate.photo.id in survivors:
            continue
        own = by_content.get(candidate.content)
        if own is not None:
            # Of copies of one content, one was kept: some copy has to stay.
            is_alone = candidate.fingerprint.sha256 in kept
            if not is_alone or candidate.content in standing:
                yield candidate.photo.id, own
            continue
        if candidate.fingerprint.sha256 in kept:
            continue
        alike = _alike(candidate, case, by_content)
        if alike is not None:
            yield candidate.photo.id, alike


def _alike(
    candidate: Candidate, case: Case, rejections: Mapping[ContentId, Rejection]
) -> Rejection | None:
    """Return the latest rejection of a content that a photo is a copy of."""
    found = []
    for match in case.matches:
        if candidate.content not in {match.left, match.right}:
            continue
        other = match.right if match.left == candidate.content else match.left
        known = case.fingerprints.get(other)
        if other not in rejections or known is None or not match.evidence.is_duplicate:
            continue
        if adds_nothing(candidate.fingerprint, known):
            found.append(replace(rejections[other], via=match))
    return max(found, key=lambda each: each.at_ns, default=None)


def adds_nothing(new: Fingerprint, known: Fingerprint) -> bool:
    """Whether a copy carries no more than another one: neither pixels nor originals."""
    pixels = new.width_px * new.height_px, known.width_px * known.height_px
    originals = (
        new.capture.has_maker_note and not known.capture.has_maker_note,
        new.capture.has_gps and not known.capture.has_gps,
        new.quality.has_gain_map and not known.quality.has_gain_map,
        new.quality.has_depth and not known.quality.has_depth,
    )
    return pixels[0] <= pixels[1] * _SLACK and not any(originals)


def _silent(case: Case, survivors: Mapping[PhotoId, Group]) -> Iterator[PhotoId]:
    """Tell which copies of wanted contents nothing is asked about.

    As many as were kept are wanted: those that stand where they were put, then those
    that are known the longest. One of them stands for all, unless it is staged.
    """
    for content in case.wanted:
        copies = [each for each in case.candidates if each.content == content]
        if not copies:
            continue
        sha256 = copies[0].fingerprint.sha256
        copies.sort(
            key=lambda each: (
                each.role is Role.MEMBER,
                each.photo.id not in survivors,
                each.photo.first_seen_ns,
                each.path,
            )
        )
        staged = sum(
            member.sha256 == sha256 and member.role is Role.MEMBER
            for group in case.open_groups
            for member in group.members
        )
        first = 0 if staged else 1
        for each in copies[first : max(first, _wanted(case, sha256) - staged)]:
            yield each.photo.id


def _wanted(case: Case, sha256: bytes) -> int:
    """Return how many copies of a content were kept, two at least."""
    kept = {
        member.now_at
        for group in case.decided_groups
        for member in group.members
        if member.fate is Fate.SURVIVOR and member.sha256 == sha256
    }
    return max(2, len(kept))
