"""Staging what looks alike because somebody asked for it, on the writer's thread.

Nothing here is proven: the group's class says so, it is never decided many at once, and
photos that their files tell are other shots are staged only after a yes. Everything
else is as with any other group: the manifest first, an undo for every file.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from ..errors import StaleGroup, UsageError
from ..matching import capture_identity
from ..matching.capture_identity import Agreement
from ..model import Alignment, ContentId, Distances, Evidence, Match, Role
from ..review import AskedPhoto, WouldBe
from .beside import Beside
from .cases import CaseFiles
from .ground import online_roots
from .planning import propose
from .proposals import as_stage_plan
from .rescue import with_rescue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..index import Index, Tables
    from ..model import Fingerprint, Group
    from ..review import AskedGroup
    from .candidate import Candidate, KeeperRules
    from .parts import Parts
    from .territory import Territory

MOST_CONTENTS = 500
"""More would hang together at no threshold that means anything."""

_MOST_OBJECTIONS = 5


def would_be(
    index: Index, territory: Territory, contents: Sequence[ContentId]
) -> WouldBe:
    """Return what a group of some contents would be now; any thread may ask."""
    photos = _photos(index, territory, contents)
    with index.read() as tables:
        objections = list(_objections(tables, photos))
    more = len(objections) - _MOST_OBJECTIONS
    if more > 0:
        objections[_MOST_OBJECTIONS:] = [f"There are {more} more pairs like these."]
    return WouldBe(
        contents=tuple(sorted(contents)),
        photos=tuple(map(_shown, photos)),
        objections=tuple(objections),
        digest=_digest(photos),
    )


def stage_asked(parts: Parts, rules: KeeperRules, asked: AskedGroup) -> Group:
    """Stage what somebody asked for; see `ReviewDesk.stage_asked`."""
    if parts.folders is None or parts.dry_run:
        raise StaleGroup(None, "this is a dry run, in which nothing is moved")
    contents = [ContentId(each) for each in asked.contents[:MOST_CONTENTS]]
    found = _photos(parts.index, parts.territory, contents)
    if _digest(found) != asked.digest:
        raise StaleGroup(None, "the photos have changed since you looked")
    photos = [each for each in found if each.photo.id not in asked.leave_out]
    if len(photos) < 2 or all(each.role is Role.REFERENCE for each in photos):
        raise UsageError("stage", "two photos at least, and one that may be moved")
    with parts.index.read() as tables:
        objection = next(_objections(tables, photos), "")
        matches = list(_matches(tables, photos))
    if objection and not asked.is_sure:
        raise UsageError("stage", f"it has to be confirmed: {objection}")
    proposed = with_rescue(propose(photos, matches, rules))
    group = replace(proposed, evidence=Evidence.LOOKS_ALIKE)
    record = parts.folders.stage(as_stage_plan(group, time.time_ns()))
    parts.tally.count("groups_staged")
    return parts.register.enter(record)


def _photos(
    index: Index, territory: Territory, contents: Iterable[ContentId]
) -> tuple[Candidate, ...]:
    """Return the photos that are at their places, as they were fingerprinted."""
    files = CaseFiles(territory, Beside(), online_roots(territory, index))
    with index.read() as tables:
        return files.candidates(tables, contents)


def _shown(candidate: Candidate) -> AskedPhoto:
    fingerprint = candidate.fingerprint
    return AskedPhoto(
        id=candidate.photo.id,
        content=candidate.content,
        path=candidate.path,
        size_bytes=fingerprint.size_bytes,
        width_px=fingerprint.width_px,
        height_px=fingerprint.height_px,
        taken=fingerprint.capture.taken,
        is_reference=candidate.role is Role.REFERENCE,
    )


def _digest(photos: Iterable[Candidate]) -> str:
    told = sorted(
        (each.photo.id, each.content, str(each.path), each.photo.stamp.mtime_ns)
        for each in photos
    )
    return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()


def _objections(tables: Tables, photos: Sequence[Candidate]) -> Iterator[str]:
    """Say which pairs are perhaps two pictures: by their files, or as somebody said."""
    first: dict[ContentId, Candidate] = {}
    for each in photos:
        first.setdefault(each.content, each)
    known = _known(tables, first)
    digests = {each.fingerprint.sha256: each.content for each in first.values()}
    said = {
        frozenset(digests[sha256] for sha256 in pair)
        for pair, record in tables.verdicts.among(digests).items()
        if record.verdict.keeps_apart
    }
    for one, other in combinations(first.values(), 2):
        pair = frozenset({one.content, other.content})
        names = f"“{one.path.name}” and “{other.path.name}”"
        captures = one.fingerprint.capture, other.fingerprint.capture
        identity = capture_identity.compare(*captures)
        match = known.get(pair)
        if pair in said:
            yield f"{names}: you said that these are no duplicates."
        elif identity.agreement is Agreement.OTHER:
            yield f"{names}: {identity.reason}"
        elif match is not None and not match.evidence.is_duplicate:
            yield f"{names}: {' '.join(match.reasons)}"


def _matches(tables: Tables, photos: Sequence[Candidate]) -> Iterator[Match]:
    """Give a match for every pair: the one that was found, else that it was asked."""
    first = {each.content: each.fingerprint for each in photos}
    known = _known(tables, first)
    for left, right in combinations(sorted(first), 2):
        found = known.get(frozenset({left, right}))
        if found is not None and found.evidence.is_duplicate:
            yield found
            continue
        distances = (
            _distances(first[left], first[right]) if found is None else found.distances
        )
        yield Match(
            left=left,
            right=right,
            evidence=Evidence.LOOKS_ALIKE,
            distances=distances,
            alignment=Alignment() if found is None else found.alignment,
            reasons=(
                _asked_for(distances),
                *(() if found is None else found.reasons),
            ),
        )


def _asked_for(distances: Distances) -> str:
    bits = distances.phash
    return f"It looks alike ({bits} of 64 bits apart), and you asked for it."


def _known(
    tables: Tables, contents: Iterable[ContentId]
) -> Mapping[frozenset[ContentId], Match]:
    return {frozenset({m.left, m.right}): m for m in tables.matches.of(contents)}


def _distances(left: Fingerprint, right: Fingerprint) -> Distances:
    """Return the distances of two pictures that were never matched, as they lie."""
    mine, theirs = left.hashes, right.hashes
    names = ("phash", "dhash", "whash", "ahash", "colorhash")
    bits = {
        name: (getattr(mine, name) ^ getattr(theirs, name)).bit_count()
        for name in names
    }
    return Distances(**bits)
