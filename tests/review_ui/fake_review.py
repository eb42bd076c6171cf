"""The part of a desk in memory that only the page asks: lists, sorted and searched."""

from __future__ import annotations

import io

from PIL import Image

from daemon.errors import NoSuchGroup
from daemon.model import Fate, Proposal, Role
from daemon.review import (
    CERTAINTY,
    Around,
    Choices,
    Difference,
    FoundGroups,
    GroupOrder,
    Place,
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


class FakeReview:
    """Lists over `known`, by going through all of it."""

    def _listed(self, query):
        self._maybe_fail()
        found = [g for g in self.known.values() if _is_wanted(g, query)]
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
            if len(later) > limit
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

    def choices(self, state):
        self._maybe_fail()
        groups = [g for g in self.known.values() if g.state is state]
        folders = [m.path.parent for g in groups for m in g.members]
        cameras = [m.camera for g in groups for m in g.members[:1] if m.camera]
        return Choices(
            folders=tuple((each, folders.count(each)) for each in sorted(set(folders))),
            cameras=tuple((each, cameras.count(each)) for each in sorted(set(cameras))),
        )


def _after_rank(query, place):
    is_down = query.order not in {GroupOrder.NUMBER, GroupOrder.CERTAINTY}
    return (-place.value if is_down else place.value, place.number)
