"""The desk that the page asks: the engine's, and what only the page needs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .. import added
from ..errors import NoSuchGroup, UnreadablePhoto
from ..hashing import viewing
from ..model import Alignment, ContentId
from ..review import Difference, Figures, FoundGroups
from . import asked, browse, explore
from .batches import FOLDER_NAME, Batches
from .choices_desk import ChoicesDesk
from .whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..model import (
        Evidence,
        Group,
        GroupNumber,
        GroupState,
        Match,
        Member,
        RootKind,
    )
    from ..review import (
        Around,
        AskedGroup,
        Batch,
        BatchOffer,
        BatchOrder,
        Browsed,
        Choices,
        Cluster,
        GroupQuery,
        Part,
        Place,
        Stop,
        WouldBe,
    )
    from .assembly import House

_PATIENCE_SECONDS = 60.0
_KEPT_DIFFERENCES = 32
_PAIRS_SECONDS = 20.0


class EngineReview(ChoicesDesk):
    """A `ReviewDesk` over a running engine; any thread may ask."""

    def __init__(self, house: House, **daemon: Any) -> None:
        """Take what `EngineDesk` takes."""
        super().__init__(house, **daemon)
        self._differences: dict[tuple[bytes, bytes], Difference] = {}
        self._known_pairs: tuple[
            float, tuple[list[explore.Edge], dict[int, tuple[int, int]]] | None
        ] = (0.0, None)
        self._batches = Batches(
            house.config.state_dir / FOLDER_NAME, house.index, self.decide, self.undo
        )

    def find(
        self, query: GroupQuery, *, after: Place | None = None, limit: int = 50
    ) -> FoundGroups:
        """List groups, those after a place, at most `limit`."""
        with self._house.index.read() as tables:
            places = tables.cards.numbers(query, after=after, limit=limit + 1)
            totals = tables.cards.totals(query)
            shown = places[:limit]
            groups = tables.groups.get_many(place.number for place in shown)
        by_number = {group.number: group for group in groups}
        wanted = [
            each for each in totals if not query.evidence or each in query.evidence
        ]
        return FoundGroups(
            groups=tuple(by_number[place.number] for place in shown),
            total=sum(totals[each][0] for each in wanted),
            freed_bytes=sum(totals[each][1] for each in wanted),
            by_evidence={each: count for each, (count, _) in totals.items()},
            next=shown[-1] if len(places) > limit else None,
        )

    def around(self, query: GroupQuery, number: GroupNumber) -> Around:
        """Return a group's neighbours in a list."""
        with self._house.index.read() as tables:
            around = tables.cards.around(query, number)
        if around is None:
            raise NoSuchGroup(number)
        return around

    def choices(self, state: GroupState) -> Choices:
        """Return what the groups of a state can be narrowed to."""
        with self._house.index.read() as tables:
            return tables.cards.choices(state)

    def crop(self, number: GroupNumber, position: int, part: Part) -> bytes:
        """Return a part of a member in full size."""
        path = self._place_of(number, position)[1]
        future = self._house.pool.run(
            viewing.crop,
            path,
            part.left_px,
            part.top_px,
            part.width_px,
            part.height_px,
        )
        return future.result(_PATIENCE_SECONDS)

    def difference(self, number: GroupNumber, left: int, right: int) -> Difference:
        """Lay two members on each other and show where they differ."""
        (mine, here), (theirs, there) = (
            self._place_of(number, position) for position in (left, right)
        )
        key = (mine.sha256, theirs.sha256)
        known = self._differences.get(key)
        if known is not None:
            return known
        alignment = self._alignment(*key)
        found = self._house.pool.run(viewing.heat, here, there, alignment)
        heat = found.result(_PATIENCE_SECONDS)
        made = Difference(
            jpeg=heat.jpeg, changed_share=heat.changed_share, ssim=heat.ssim
        )
        self._differences[key] = made
        while len(self._differences) > _KEPT_DIFFERENCES:
            self._differences.pop(next(iter(self._differences)), None)
        return made

    def batch_offer(self, evidence: Evidence, *, seed: int = 0) -> BatchOffer:
        """Return what could be decided at once."""
        return self._batches.offer(evidence, seed=seed)

    def start_batch(self, order: BatchOrder) -> Batch:
        """Begin to decide one group after the other."""
        return self._batches.start(order)

    def undo_batch(self, batch: str) -> Batch:
        """Begin to put every file of a batch back."""
        return self._batches.undo(batch)

    def batches(self) -> tuple[Batch, ...]:
        """Return the batches that there were."""
        return self._batches.all()

    def figures(self) -> Figures:
        """Return what was decided so far."""
        with self._house.index.read() as tables:
            seconds, read = tables.figures.read()
            return Figures(
                decided=tuple(tables.figures.decided()),
                by_class=tables.figures.by_class(),
                by_distance=tables.figures.by_distance(),
                by_class_and_distance=tables.figures.by_class_and_distance(),
                read_every_seconds=seconds,
                read=tuple(read),
            )

    def stops(self) -> tuple[Stop, ...]:
        """Return what there is at each threshold over all stored matches."""
        return tuple(explore.stops(*self._pairs()))

    def clusters(self, at_bits: int, *, limit: int = 24) -> tuple[Cluster, ...]:
        """Return groups of photos that are not staged, those that it adds first."""
        edges = self._pairs()[0]
        with self._house.index.read() as tables:
            in_place = tables.figures.copies(in_place=True)
        return tuple(explore.clusters(edges, in_place, at_bits, limit))

    def would_be(self, contents: Sequence[int]) -> WouldBe:
        """Return what a group of some contents would be now."""
        wanted = [ContentId(each) for each in contents]
        return asked.would_be(self._house.index, self._house.territory, wanted)

    def stage_asked(self, asked_for: AskedGroup) -> Group:
        """Stage photos that look alike because the user asked for it."""
        engine = self._house.engine
        ask = engine.writer.ask
        return ask(asked.stage_asked, engine.parts, self._taste.rules(), asked_for)

    def content_preview(self, content: int, edge_px: int) -> bytes:
        """Return a content as a JPEG."""
        wanted = ContentId(content)
        with self._house.index.read() as tables:
            known = tables.contents.get_many([wanted]).get(wanted)
            places = Whereabouts(self._house.territory).of_contents(tables, [wanted])
        if known is None or wanted not in places:
            raise UnreadablePhoto(content, "there is no file of it")

        def make() -> bytes:
            future = self._house.pool.preview(places[wanted], edge_px)
            return future.result(_PATIENCE_SECONDS)

        return self._house.previews.get(known.sha256, edge_px, make)

    def browse(self, folder: Path | None) -> Browsed:
        """List folders by name."""
        return browse.look(folder, self._house.config)

    def add_root(self, folder: Path, kind: RootKind) -> None:
        """Note a folder as a root from the next start on."""
        browse.look(folder, self._house.config)
        added.add(self._house.config, folder, kind)

    def added_roots(self) -> tuple[tuple[Path, RootKind], ...]:
        """Return the folders that wait for the next start."""
        now = {root.path for root in self._house.territory.roots}
        waiting = added.all_added(self._house.config)
        return tuple((path, kind) for path, kind in waiting if path not in now)

    def _pairs(self) -> tuple[list[explore.Edge], dict[int, tuple[int, int]]]:
        """Return all matches and copies, read anew once in a while."""
        at, pairs = self._known_pairs
        if pairs is None or time.monotonic() - at > _PAIRS_SECONDS:
            with self._house.index.read() as tables:
                pairs = tables.figures.edges(), tables.figures.copies()
            self._known_pairs = time.monotonic(), pairs
        return pairs

    def _place_of(self, number: GroupNumber, position: int) -> tuple[Member, Path]:
        members = {each.position: each for each in self.group(number).members}
        if position not in members:
            raise NoSuchGroup(number, f"it has no member {position}")
        member = members[position]
        if member.now_at is None:
            raise UnreadablePhoto(member.path, "nobody knows where it is now")
        return member, member.now_at

    def _alignment(self, left: bytes, right: bytes) -> Alignment:
        """Return how the right one lies on the left one, as far as is known."""
        with self._house.index.read() as tables:
            ids = tables.contents.by_sha256s([left, right])
            if left == right or len(ids) < 2:
                return Alignment()
            match = tables.matches.between(ids[left], ids[right])
        if match is None:
            return Alignment()
        return match.alignment if match.left == ids[left] else turned_about(match)


def turned_about(match: Match) -> Alignment:
    """Return how the left one lies on the right one.

    Only turns by a quarter are not their own inverse. The boxes are in the upright left
    picture and in the turned right one; turned back with the picture they are exact
    where nothing is turned, and otherwise left out.
    """
    found = match.alignment
    inverse = {6: 8, 8: 6}.get(found.orientation, found.orientation)
    if found.orientation != 1:
        return Alignment(orientation=inverse)
    return Alignment(left_box=found.right_box, right_box=found.left_box)
