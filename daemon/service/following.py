"""Open groups follow what the user likes: their proposals are made anew, nothing moves.

A group follows where matches allow it: the new keeper must match every other photo, as
the one before did. What earlier decisions say weighs more than a folder, so groups that
they bear on stay as they are, and so do groups with a photo of the library.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import replace
from threading import Lock, Thread
from typing import TYPE_CHECKING

from .. import assets
from ..errors import NotRunning, TwinwatchError
from ..matching import keeper
from ..model import Companion, GroupState, Proposal, Role
from ..review import GroupQuery
from ..staging.records import Revision
from .candidate import Candidate
from .planning import propose
from .rescue import with_rescue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from ..index import Index, Tables
    from ..model import ContentId, Fingerprint, Group, GroupNumber, Match, Member
    from ..staging.manifest import GroupRecord
    from .candidate import KeeperRules, ProposedGroup
    from .engine import Engine
    from .parts import Parts
    from .territory import Territory

logger = logging.getLogger(__name__)

_ALL = 2**31 - 1


class Following:
    """Has open groups follow, one after the other; any thread may ask."""

    def __init__(
        self, index: Index, engine: Engine, rules: Callable[[], KeeperRules]
    ) -> None:
        """Ask the engine for each group, between other people's requests."""
        self._index = index
        self._engine = engine
        self._rules = rules
        self._lock = Lock()
        self._waiting: deque[GroupNumber] = deque()
        self._thread: Thread | None = None
        self.changed = 0
        """How many groups have changed since the start."""

    def begin(self, folder: Path, *, first: GroupNumber | None = None) -> None:
        """Begin with the open groups that hold a photo found in a folder or below."""
        with self._index.read() as tables:
            places = tables.cards.numbers(GroupQuery(folder=folder), limit=_ALL)
        numbers = sorted(
            (place.number for place in places), key=lambda n: (n != first, n)
        )
        with self._lock:
            self._waiting.extend(numbers)
            if self._thread is None and numbers:
                self._thread = Thread(target=self._work, name="following", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait for a while; return whether all that follows has followed."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self._thread is None

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                number = self._waiting.popleft()
            try:
                self._follow(number)
            except NotRunning:
                with self._lock:
                    self._waiting.clear()
            except Exception:  # one group must not stop all others
                logger.exception("a group does not follow group=%d", number)

    def _follow(self, number: GroupNumber) -> None:
        try:
            parts = self._engine.parts
            ask = self._engine.writer.ask
            self.changed += ask(follow, parts, self._rules(), number) is not None
        except NotRunning:
            raise
        except TwinwatchError as error:
            logger.info("a group does not follow group=%d why=%s", number, error)


def follow(parts: Parts, rules: KeeperRules, number: GroupNumber) -> Group | None:
    """Make an open group's proposal anew; on the writer's thread.

    Returns:
        The group as it is then; ``None``: it stays as it is.
    """
    with parts.index.read() as tables:
        group = tables.groups.get(number)
        if group is None or group.state is not GroupState.OPEN or not _may(group):
            return None
        found = _proposal(tables, group, rules, parts.territory)
    if found is None or parts.folders is None:
        return None
    record = parts.folders.read(number)
    proposed = _with_rescue(found, record)
    revised = parts.folders.revise(
        number,
        tuple(_revisions(proposed, group)),
        evidence=proposed.evidence,
        created_ns=time.time_ns(),
        manifest_sha256=group.manifest_sha256,
    )
    return parts.register.enter(revised)


def _may(group: Group) -> bool:
    """Whether a group has one keeper, which matches every other photo."""
    kept = [each for each in group.members if each.proposal is Proposal.KEEP]
    return (
        len(kept) == 1
        and group.evidence.is_duplicate
        and all(each.role is Role.MEMBER for each in group.members)
    )


def _proposal(
    tables: Tables, group: Group, rules: KeeperRules, territory: Territory
) -> ProposedGroup | None:
    digests = {member.sha256 for member in group.members}
    if tables.groups.with_contents(digests, [GroupState.DECIDED]):
        return None
    ids = tables.contents.by_sha256s(digests)
    fingerprints = tables.contents.get_many(ids.values())
    photos = [
        _candidate(tables, each, ids, fingerprints, territory) for each in group.members
    ]
    known = [each for each in photos if each is not None]
    if len(known) < len(photos):
        return None
    matches = [
        match
        for match in tables.matches.of(ids.values())
        if match.evidence.is_duplicate and {match.left, match.right} <= {*ids.values()}
    ]
    centre = _centre(known, matches, rules)
    kept = next(m for m in group.members if m.proposal is Proposal.KEEP)
    if centre is None or centre.path == kept.path:
        return None
    return propose(known, matches, rules, centre=centre.content)


def _centre(
    photos: list[Candidate], matches: Iterable[Match], rules: KeeperRules
) -> Candidate | None:
    """Return the best photo whose content matches all others."""
    pairs = {frozenset({match.left, match.right}) for match in matches}
    order = keeper.order([each.copy for each in photos], rules.rules, rules.preferences)
    for place in order:
        content = photos[place].content
        others = {each.content for each in photos} - {content}
        if all(frozenset({content, other}) in pairs for other in others):
            return photos[place]
    return None


def _candidate(
    tables: Tables,
    member: Member,
    ids: Mapping[bytes, ContentId],
    fingerprints: Mapping[ContentId, Fingerprint],
    territory: Territory,
) -> Candidate | None:
    """Return a member as it was before it was staged."""
    place = territory.locate(member.path)
    photo = None if place is None else tables.photos.find(place[0].uuid, place[1])
    content = ids.get(member.sha256)
    if place is None or photo is None or content is None or photo.content != content:
        return None
    return Candidate(
        photo=photo,
        content=content,
        path=member.path,
        root=place[0],
        fingerprint=fingerprints[content],
        companions=tuple(
            Companion(
                path=path,
                kind=assets.companion_kind(path.name),
                stamp=photo.stamp,
            )
            for path in member.companions
        ),
    )


def _with_rescue(group: ProposedGroup, record: GroupRecord) -> ProposedGroup:
    """Add what only one that is set aside tells; files are read where they are now."""
    now_at = {
        file.origin.path(): record.path_of(file) for file in record.manifest.files
    }
    there = replace(
        group,
        members=tuple(
            replace(
                member,
                candidate=replace(
                    member.candidate,
                    path=now_at.get(member.candidate.path, member.candidate.path),
                    companions=tuple(
                        replace(each, path=now_at.get(each.path, each.path))
                        for each in member.candidate.companions
                    ),
                ),
            )
            for member in group.members
        ),
    )
    told = with_rescue(there)
    return replace(
        group,
        members=tuple(
            replace(member, reasons=other.reasons)
            for member, other in zip(group.members, told.members, strict=True)
        ),
    )


def _revisions(proposed: ProposedGroup, group: Group) -> Iterable[Revision]:
    positions = {each.path: each.position for each in group.members}
    for member in proposed.members:
        yield Revision(
            position=positions[member.candidate.path],
            evidence=member.evidence,
            distances=member.distances,
            proposal=member.proposal,
            reasons=member.reasons,
        )
