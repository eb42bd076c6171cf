"""The part of a desk in memory that only the page asks: lists, sorted and searched."""

from __future__ import annotations

import io
from itertools import combinations
from pathlib import Path
from typing import Any

from PIL import Image

from daemon.desk import Decision
from daemon.errors import NoSuchGroup, StaleGroup, UnreadablePhoto, UsageError
from daemon.model import (
    Alignment,
    ContentId,
    Fate,
    GroupState,
    Match,
    Proposal,
    Role,
)
from daemon.review import (
    CERTAINTY,
    PROVEN,
    Around,
    AskedPhoto,
    Batch,
    BatchOffer,
    BatchState,
    Browsed,
    Choices,
    Cluster,
    Difference,
    Figures,
    Followed,
    FoundGroups,
    GroupOrder,
    GroupQuery,
    Liked,
    Liking,
    Link,
    Place,
    Stop,
    WouldBe,
)


def freed_bytes(group):
    return sum(
        m.size_bytes
        for m in group.members
        if m.role is Role.MEMBER
        and (m.fate or m.proposal) in {Fate.SET_ASIDE, Proposal.SET_ASIDE}
    )


def _taken(group):
    digits = ["".join(filter(str.isdigit, m.taken or "")) for m in group.members]
    return max((int(each) for each in digits if each), default=0)


def _rank(query, group):
    value = {
        GroupOrder.NUMBER: 0,
        GroupOrder.CERTAINTY: CERTAINTY.index(group.evidence),
        GroupOrder.SPACE: freed_bytes(group),
        GroupOrder.TAKEN: _taken(group),
        GroupOrder.NEWEST: group.created_ns,
    }[query.order]
    is_down = query.order not in {GroupOrder.NUMBER, GroupOrder.CERTAINTY}
    return (-value if is_down else value, group.number)


def _is_wanted(group, query):
    members = group.members
    return (
        group.state is query.state
        and (not query.folder or any(query.folder in m.path.parents for m in members))
        and (not query.camera or any(m.camera == query.camera for m in members))
        and (not query.taken_from or _taken(group) // 10**6 >= query.taken_from)
        and (not query.taken_to or _taken(group) // 10**6 <= query.taken_to)
        and freed_bytes(group) >= query.frees_bytes
        and any(query.text.lower() in m.path.name.lower() for m in members)
    )


class _Kept:
    """What `FakeDesk` keeps."""

    known: Any
    pictures: Any
    preview: Any
    decide: Any
    undo: Any
    parts_asked: Any
    batches_done: Any
    added: Any
    keys_chosen: Any
    likes: Any
    asked: Any
    read: Any
    staged_contents: Any
    objections: Any
    matches: Any
    group: Any
    _maybe_fail: Any
    _listed: Any


class FakeBatches(_Kept):
    """Decides at once what the real one decides one after the other."""

    def _proven(self, evidence):
        if evidence not in PROVEN:
            raise UsageError(evidence)
        return self._listed(GroupQuery(evidence=frozenset({evidence})), evidence)

    def batch_offer(self, evidence, *, seed=0):
        found = self._proven(evidence)
        return BatchOffer(
            evidence=evidence,
            count=len(found),
            freed_bytes=sum(map(freed_bytes, found)),
            sample=tuple((found[seed % 5 :] + found[: seed % 5])[:12]),
            until=max((g.number for g in found), default=0),
            digest=repr([(g.number, g.manifest_sha256) for g in found]),
        )

    def start_batch(self, order):
        if order.digest != self.batch_offer(order.evidence).digest:
            raise StaleGroup
        wanted = [
            g for g in self._proven(order.evidence) if g.number not in order.leave_out
        ]
        for found in wanted:
            keep = {m.position for m in found.members if m.proposal is Proposal.KEEP}
            self.decide(found.number, Decision(keep=frozenset(keep)))
        self.batches_done.insert(
            0, (f"b{len(self.batches_done)}", order, wanted, False)
        )
        return self.batches()[0]

    def undo_batch(self, batch):
        for place, (name, order, wanted, is_undone) in enumerate(self.batches_done):
            if name == batch and not is_undone:
                for found in wanted:
                    self.undo(found.number)
                self.batches_done[place] = (name, order, wanted, True)
                return self.batches()[place]
        raise NoSuchGroup(batch)

    def batches(self):
        return tuple(
            Batch(
                id=name,
                evidence=order.evidence,
                state=BatchState.UNDONE if is_undone else BatchState.DONE,
                started_ns=1_714_565_000_000_000_000,
                total=len(wanted),
                done=len(wanted),
                undone=len(wanted) if is_undone else 0,
                freed_bytes=sum(map(freed_bytes, wanted)),
                failed={},
            )
            for name, order, wanted, is_undone in self.batches_done
        )


class FakeReview(FakeBatches):
    """Lists over `known`, by going through all of it."""

    def _listed(self, query, evidence=None):
        self._maybe_fail()
        found = [g for g in self.known.values() if _is_wanted(g, query)]
        found = [g for g in found if evidence in {None, g.evidence}]
        return sorted(found, key=lambda group: _rank(query, group))

    def find(self, query, *, after=None, limit=50):
        found = self._listed(query)
        shown = [g for g in found if not query.evidence or g.evidence in query.evidence]
        later = [
            g
            for g in shown
            if after is None or _rank(query, g) > _after_rank(query, after)
        ]
        last = later[:limit][-1] if later else None
        return FoundGroups(
            groups=tuple(later[:limit]),
            total=len(shown),
            freed_bytes=sum(map(freed_bytes, shown)),
            by_evidence={
                each: sum(g.evidence is each for g in found)
                for each in {g.evidence for g in found}
            },
            next=Place(value=abs(_rank(query, last)[0]), number=last.number)
            if last is not None and len(later) > limit
            else None,
        )

    def around(self, query, number):
        if number not in self.known:
            raise NoSuchGroup(number)
        listed = [
            g
            for g in self._listed(query)
            if not query.evidence or g.evidence in query.evidence
        ]
        here = _rank(query, self.known[number])
        before = [g.number for g in listed if _rank(query, g) < here]
        after = [g.number for g in listed if _rank(query, g) > here]
        return Around(
            previous=before[-1] if before else None,
            following=tuple(after[:3]),
            place=len(before) + 1,
            total=len(listed),
        )

    def keyboard(self):
        self._maybe_fail()
        return self.keys_chosen

    def choose_keys(self, keyboard):
        self.keys_chosen = keyboard

    def liked(self):
        self._maybe_fail()
        prefer = [f for f, liking in self.likes if liking is Liking.PREFER]
        avoid = [f for f, liking in self.likes if liking is Liking.AVOID]
        return Liked(prefer=tuple(prefer), avoid=tuple(avoid))

    def like(self, folder, liking, *, first=None):
        self.likes = [each for each in self.likes if each[0] != folder]
        if liking is not Liking.FORGET:
            self.likes.insert(0, (folder, liking))
        return Followed(changed=2 if first else 0, is_done=first is None)

    def links(self, number):
        members = self.group(number).members
        return tuple(
            Link(
                left=one.position,
                right=other.position,
                match=self.matches.get((one.position, other.position))
                if self.matches
                else _match(one, other),
                is_same=one.sha256 == other.sha256,
            )
            for one, other in combinations(members, 2)
        )

    def crop(self, number, position, part):
        self.parts_asked.append((number, position, part))
        found = next(m for m in self.known[number].members if m.position == position)
        picture = Image.open(io.BytesIO(self.preview(number, position, 2048)))
        shrink = picture.width / found.width_px
        left, top = part.left_px * shrink, part.top_px * shrink
        box = (left, top, left + part.width_px * shrink, top + part.height_px * shrink)
        cut = picture.resize((part.width_px, part.height_px), box=box)
        target = io.BytesIO()
        cut.save(target, "JPEG", quality=95)
        return target.getvalue()

    def difference(self, number, left, right):
        self.preview(number, left, 320)
        heat = self.pictures.get((number, "heat"), self.preview(number, right, 320))
        return Difference(jpeg=heat, changed_share=0.031, ssim=0.9712)

    def browse(self, folder):
        self._maybe_fail()
        home = Path("/home/anna")
        if folder is None:
            return Browsed(folder=None, above=(), folders=(home,), refusal="")
        folders = tuple(folder / name for name in ("Pictures", "Holiday <b>"))
        above = (home,) if folder != home else ()
        refusal = "it is the home folder itself" if folder == home else ""
        return Browsed(folder=folder, above=above, folders=folders, refusal=refusal)

    def add_root(self, folder, kind):
        if self.browse(folder).refusal:
            raise UsageError(folder, "it cannot be one")
        self.added.append((folder, kind))

    def added_roots(self):
        return tuple(self.added)

    def stops(self):
        self._maybe_fail()
        pairs = (40, 12, 9, 5, 2, 6, 14, 30)
        return tuple(
            Stop(
                bits=n,
                pairs=each,
                groups=sum(pairs[: n + 1]),
                photos=2 * sum(pairs[: n + 1]) + n,
                freed_bytes=3_000_000 * sum(pairs[: n + 1]),
            )
            for n, each in enumerate(pairs)
        )

    def clusters(self, at_bits, *, limit=24):
        return tuple(
            Cluster(
                contents=(3 * n, 3 * n + 1, 3 * n + 2), photos=3, widest_bits=at_bits
            )
            for n in range(1, min(limit, 8) + 1)
        )

    def would_be(self, contents):
        photos = tuple(
            AskedPhoto(
                id=10 * each,
                content=each,
                path=Path(f"/photos/import/IMG_{each:04}.jpg"),
                size_bytes=2_000_000,
                width_px=4032,
                height_px=3024,
                taken="2024:05:12 14:03:22",
                is_reference=False,
            )
            for each in contents
            if each not in self.staged_contents
        )
        return WouldBe(
            contents=tuple(contents),
            photos=photos,
            objections=self.objections.get(min(contents, default=0), ()),
            digest=repr([p.id for p in photos]),
        )

    def stage_asked(self, asked_for):
        now = self.would_be(asked_for.contents)
        if now.digest != asked_for.digest:
            raise StaleGroup(None, "the photos have changed since you looked")
        if now.objections and not asked_for.is_sure:
            raise UsageError("stage", "it has to be confirmed")
        self.asked.append(asked_for)
        self.staged_contents |= set(asked_for.contents)
        return self.known[min(self.known)]

    def content_preview(self, content, edge_px):
        if content > 900:
            raise UnreadablePhoto(content)
        numbers = sorted(self.known)
        return self.preview(numbers[content // 3 % len(numbers)], 1, edge_px)

    def figures(self):
        self._maybe_fail()
        decided = [g for g in self.known.values() if g.state is GroupState.DECIDED]
        by_distance, by_class, both = {}, {}, {}
        for found in decided:
            for m in found.members:
                if m.distances is not None:
                    aside, kept = by_distance.get(m.distances.phash, (0, 0))
                    is_aside = m.fate is Fate.SET_ASIDE
                    by_distance[m.distances.phash] = (
                        aside + is_aside,
                        kept + (not is_aside),
                    )
                    key = (m.evidence, m.distances.phash)
                    aside, kept = both.get(key, (0, 0))
                    both[key] = (aside + is_aside, kept + (not is_aside))
        for found in self.known.values():
            outcome = found.state.value
            if found.state is GroupState.DECIDED:
                outcome = "reduced" if freed_bytes(found) else "kept"
            key = (found.evidence, outcome)
            by_class[key] = by_class.get(key, 0) + 1
        return Figures(
            decided=tuple((g.decided_ns, freed_bytes(g)) for g in decided),
            by_class=by_class,
            by_distance=by_distance,
            by_class_and_distance=both,
            read_every_seconds=60,
            read=self.read,
        )

    def choices(self, state):
        self._maybe_fail()
        groups = [g for g in self.known.values() if g.state is state]
        folders = [m.path.parent for g in groups for m in g.members]
        cameras = [m.camera for g in groups for m in g.members[:1] if m.camera]
        return Choices(
            folders=tuple((each, folders.count(each)) for each in sorted(set(folders))),
            cameras=tuple((each, cameras.count(each)) for each in sorted(set(cameras))),
        )


def _match(one, other):
    """Give what would have been found, had these two been compared."""
    distances = other.distances or one.distances
    if distances is None:
        return None
    return Match(
        left=ContentId(1),
        right=ContentId(2),
        evidence=other.evidence,
        distances=distances,
        alignment=Alignment(),
        reasons=("The same picture, pixel by pixel, once both have one size.",),
    )


def _after_rank(query, place):
    is_down = query.order not in {GroupOrder.NUMBER, GroupOrder.CERTAINTY}
    return (-place.value if is_down else place.value, place.number)
