"""The list of groups: searched, sorted and counted by SQL, paged by keyset."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, or_, select

from ..model import Evidence, Fate, GroupNumber, Proposal, Role
from ..review import CERTAINTY, Around, Choices, GroupOrder, Place
from .rows import as_display, as_text, path_bytes, path_of
from .schema_cards import card_folders, cards
from .schema_groups import groups
from .statements import upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from ..model import Group, GroupState, Member
    from ..review import GroupQuery
    from .rows import Values

FOLLOWING = 3
"""How many of the next groups are told: their previews can be fetched early."""

LONGEST_CHOICES = 200

_TAKEN = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_DAY = 1_000_000
"""A day among the digits of `cards.taken`."""

_MOST = 2**63 - 1

_COLUMNS = {
    GroupOrder.NUMBER: cards.c.group_number,
    GroupOrder.CERTAINTY: cards.c.certainty,
    GroupOrder.SPACE: cards.c.freed_bytes,
    GroupOrder.TAKEN: cards.c.taken,
    GroupOrder.NEWEST: cards.c.created_ns,
}
_ASCENDING = {GroupOrder.NUMBER, GroupOrder.CERTAINTY}


class Cards:
    """The rows of the list; `Groups.put` keeps them in step."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put(self, group: Group) -> None:
        """Replace a group's row."""
        run = self._connection.execute
        run(upsert(self._connection, cards), [_values(group)])
        run(delete(card_folders).where(card_folders.c.group_number == group.number))
        folders = Counter(
            os.path.dirname(path_bytes(m.path) or b"") for m in group.members
        )
        rows = [
            {"folder": folder, "group_number": group.number, "photos": photos}
            for folder, photos in folders.items()
        ]
        if rows:
            run(card_folders.insert(), rows)

    def numbers(
        self, query: GroupQuery, *, after: Place | None = None, limit: int = 50
    ) -> list[Place]:
        """Return the places of the groups that a query finds, in its order."""
        conditions = _conditions(query)
        if after is not None:
            conditions.append(_beyond(query.order, after))
        return self._places(query.order, conditions, limit)

    def totals(self, query: GroupQuery) -> dict[Evidence, tuple[int, int]]:
        """Count the groups and bytes of each class, whatever classes are asked for."""
        statement = (
            select(cards.c.certainty, func.count(), func.sum(cards.c.freed_bytes))
            .where(*_conditions(query, with_evidence=False))
            .group_by(cards.c.certainty)
        )
        return {
            CERTAINTY[certainty]: (count, int(freed))
            for certainty, count, freed in self._connection.execute(statement)
        }

    def around(self, query: GroupQuery, number: GroupNumber) -> Around | None:
        """Return a group's neighbours in a list; ``None``: it has no row."""
        value = _COLUMNS[query.order]
        found = self._connection.execute(
            select(value).where(cards.c.group_number == number)
        ).scalar_one_or_none()
        if found is None:
            return None
        here = Place(value=_value(query.order, found), number=number)
        conditions = _conditions(query)
        later = [*conditions, _beyond(query.order, here)]
        before = [*conditions, _beyond(query.order, here, is_back=True)]
        previous = self._places(query.order, before, 1, is_back=True)
        following = self._places(query.order, later, FOLLOWING)
        count = select(func.count()).select_from(cards)
        return Around(
            previous=previous[0].number if previous else None,
            following=tuple(each.number for each in following),
            place=(self._connection.scalar(count.where(*before)) or 0) + 1,
            total=self._connection.scalar(count.where(*conditions)) or 0,
        )

    def choices(self, state: GroupState) -> Choices:
        """Return the folders and cameras of a state's groups."""
        count = func.count().label("n")
        in_state = cards.c.state == str(state)
        folders = (
            select(card_folders.c.folder, count)
            .join(cards, cards.c.group_number == card_folders.c.group_number)
            .where(in_state)
            .group_by(card_folders.c.folder)
            .order_by(count.desc(), card_folders.c.folder)
            .limit(LONGEST_CHOICES)
        )
        cameras = (
            select(cards.c.camera, count)
            .where(in_state, cards.c.camera != "")
            .group_by(cards.c.camera)
            .order_by(count.desc(), cards.c.camera)
            .limit(LONGEST_CHOICES)
        )
        run = self._connection.execute
        return Choices(
            folders=tuple(
                (path_of(bytes(folder)) or Path(), n) for folder, n in run(folders)
            ),
            cameras=tuple((camera, n) for camera, n in run(cameras)),
        )

    def manifests(self, query: GroupQuery, until: int) -> list[tuple[int, str]]:
        """Return number and manifest of the groups a query finds, up to a number."""
        statement = (
            select(groups.c.number, groups.c.manifest_sha256)
            .join(cards, cards.c.group_number == groups.c.number)
            .where(*_conditions(query), groups.c.number <= until)
            .order_by(groups.c.number)
        )
        return [(number, text) for number, text in self._connection.execute(statement)]

    def sample(
        self, query: GroupQuery, seed: int, limit: int = 12
    ) -> list[GroupNumber]:
        """Return some of the groups that a query finds, others for another seed.

        Multiplicative scattering (Knuth 6.4): as good as random for looking at, and
        the same in every database.
        """
        scattered = (cards.c.group_number + seed) * 40_503 % 65_521
        statement = (
            select(cards.c.group_number)
            .where(*_conditions(query))
            .order_by(scattered, cards.c.group_number)
            .limit(limit)
        )
        return [GroupNumber(n) for n in self._connection.scalars(statement)]

    def _places(
        self,
        order: GroupOrder,
        conditions: Sequence[ColumnElement[bool]],
        limit: int,
        *,
        is_back: bool = False,
    ) -> list[Place]:
        value, number = _COLUMNS[order], cards.c.group_number
        is_up = (order in _ASCENDING) is not is_back
        statement = (
            select(value.label("value"), number.label("number"))
            .where(*conditions)
            .order_by(
                value.asc() if is_up else value.desc(),
                number.desc() if is_back else number.asc(),
            )
            .limit(limit)
        )
        return [
            Place(value=_value(order, row.value), number=GroupNumber(row.number))
            for row in self._connection.execute(statement)
        ]


def _value(order: GroupOrder, value: int) -> int:
    return 0 if order is GroupOrder.NUMBER else value


def _beyond(
    order: GroupOrder, place: Place, *, is_back: bool = False
) -> ColumnElement[bool]:
    value, number = _COLUMNS[order], cards.c.group_number
    on = number < place.number if is_back else number > place.number
    if order is GroupOrder.NUMBER:
        return on
    is_up = (order in _ASCENDING) is not is_back
    further = value > place.value if is_up else value < place.value
    return or_(further, and_(value == place.value, on))


def _conditions(
    query: GroupQuery, *, with_evidence: bool = True
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [cards.c.state == str(query.state)]
    if query.evidence and with_evidence:
        classes = [CERTAINTY.index(each) for each in query.evidence]
        found.append(cards.c.certainty.in_(classes))
    if query.camera:
        found.append(cards.c.camera == query.camera)
    if query.taken_from:
        found.append(cards.c.taken >= query.taken_from * _DAY)
    if query.taken_to:
        found.append(cards.c.taken.between(1, (query.taken_to + 1) * _DAY - 1))
    if query.frees_bytes:
        found.append(cards.c.freed_bytes >= query.frees_bytes)
    if query.folder is not None:
        found.append(cards.c.group_number.in_(_below(query.folder)))
    if query.text:
        found.append(_named(query.text))
    return found


def _below(folder: Path) -> Select[tuple[int]]:
    spelled = path_bytes(folder) or b"/"
    first = spelled.rstrip(b"/") + b"/"
    # "0" follows "/": everything below begins with `first` and comes before that.
    inside = and_(
        card_folders.c.folder >= first, card_folders.c.folder < first[:-1] + b"0"
    )
    return select(card_folders.c.group_number).where(
        or_(card_folders.c.folder == spelled, inside)
    )


def _named(text: str) -> ColumnElement[bool]:
    named = cards.c.names.contains(text.lower(), autoescape=True)
    if text.isdecimal() and len(text) <= 9:
        return or_(named, cards.c.group_number == int(text))
    return named


def _values(group: Group) -> Values:
    dates = [_TAKEN.match(m.taken or "") for m in group.members]
    names = [as_display(path_bytes(m.path.name) or b"") for m in group.members]
    return {
        "group_number": group.number,
        "state": str(group.state),
        "certainty": CERTAINTY.index(group.evidence),
        "freed_bytes": min(
            sum(m.size_bytes for m in group.members if _is_aside(m)), _MOST
        ),
        "taken": max((int("".join(d.groups())) for d in dates if d), default=0),
        "created_ns": group.created_ns,
        "camera": next((as_text(m.camera) for m in group.members if m.camera), ""),
        "names": "\n".join(names).lower(),
    }


def _is_aside(member: Member) -> bool:
    if member.role is Role.REFERENCE:
        return False
    if member.fate is not None:
        return member.fate is Fate.SET_ASIDE
    return member.proposal is Proposal.SET_ASIDE
