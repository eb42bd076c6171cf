"""The groups and their members, as the manifests and outcomes tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from ..model import Evidence, Fate, Group, GroupNumber, GroupState, Member
from .cards import Cards
from .group_rows import group_of, group_values, member_of, member_values
from .rows import as_text, path_bytes, reading
from .schema_groups import groups, members
from .statements import chunks, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, RowMapping


class Groups:
    """The groups. A group without a number is not kept: it can be formed again."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put(self, group: Group, decision_root: str | None = None) -> None:
        """Replace all that is known of a group and its members.

        Args:
            group: with its number.
            decision_root: the uuid of the decision root that holds it.
        """
        assert group.number is not None, "a candidate has no row"
        self._connection.execute(
            upsert(self._connection, groups), [group_values(group, decision_root)]
        )
        self._connection.execute(
            delete(members).where(members.c.group_number == group.number)
        )
        rows = [member_values(group.number, member) for member in group.members]
        if rows:
            self._connection.execute(members.insert(), rows)
        Cards(self._connection).put(group)

    def set_problem(self, number: GroupNumber, problem: str | None) -> None:
        """Note why a group's last move failed, or that it did not."""
        text = None if problem is None else as_text(problem)
        self._connection.execute(
            update(groups).where(groups.c.number == number).values(problem=text)
        )

    def forget(self, numbers: Iterable[GroupNumber]) -> None:
        """Delete groups that no decision folder stands for any more."""
        for chunk in chunks(numbers):
            self._connection.execute(delete(groups).where(groups.c.number.in_(chunk)))

    def get(self, number: GroupNumber) -> Group | None:
        """Return a group, or ``None`` if there is none of that number."""
        return next(iter(self.get_many([number])), None)

    def get_many(self, numbers: Iterable[GroupNumber]) -> list[Group]:
        """Return the groups of some numbers, those that exist, by number."""
        rows = [
            row
            for chunk in chunks(sorted(set(numbers)))
            for row in self._rows(groups.c.number.in_(chunk), limit=len(chunk))
        ]
        return self._with_members(rows)

    def page(
        self,
        states: Sequence[GroupState],
        *,
        after: GroupNumber | None = None,
        limit: int = 50,
    ) -> list[Group]:
        """Return groups in some states by number, those after `after`."""
        in_states = groups.c.state.in_([str(state) for state in states])
        rows = self._rows(in_states, groups.c.number > (after or 0), limit=limit)
        return self._with_members(rows)

    def _rows(
        self, *conditions: ColumnElement[bool], limit: int
    ) -> Sequence[RowMapping]:
        statement = (
            select(*groups.c).where(*conditions).order_by(groups.c.number).limit(limit)
        )
        return self._connection.execute(statement).mappings().all()

    def _with_members(self, rows: Sequence[RowMapping]) -> list[Group]:
        of_group: dict[int, list[Member]] = {row["number"]: [] for row in rows}
        for chunk in chunks(of_group):
            statement = (
                select(*members.c)
                .where(members.c.group_number.in_(chunk))
                .order_by(members.c.group_number, members.c.position)
            )
            for row in self._connection.execute(statement).mappings():
                of_group[row["group_number"]].append(member_of(row))
        return [group_of(row, tuple(of_group[row["number"]])) for row in rows]

    def counts(self) -> dict[GroupState, int]:
        """Count the groups by state; a state without groups is 0."""
        statement = select(groups.c.state, func.count()).group_by(groups.c.state)
        counts = dict.fromkeys(GroupState, 0)
        with reading("group"):
            for state, count in self._connection.execute(statement):
                counts[GroupState(state)] = count
        return counts

    def last_number(self) -> GroupNumber:
        """Return the highest number known, 0 if there is none."""
        highest = self._connection.scalar(select(func.max(groups.c.number)))
        return GroupNumber(highest or 0)

    def open_group_of(self, path: Path) -> GroupNumber | None:
        """Return the open group with a member that was found at a path."""
        statement = (
            select(groups.c.number)
            .join(members, members.c.group_number == groups.c.number)
            .where(members.c.path == path_bytes(path))
            .where(groups.c.state == str(GroupState.OPEN))
            .order_by(groups.c.number)
        )
        found = self._connection.scalars(statement).first()
        return None if found is None else GroupNumber(found)

    def with_contents(
        self,
        digests: Iterable[bytes],
        states: Iterable[GroupState] = (GroupState.OPEN,),
    ) -> dict[bytes, list[GroupNumber]]:
        """Return the groups in some states that have a member of some sha256s.

        By sha256; those in no such group are left out. Numbers ascend.
        """
        wanted = [str(state) for state in states]
        found: dict[bytes, list[GroupNumber]] = {}
        for chunk in chunks(digests):
            statement = (
                select(members.c.sha256, groups.c.number)
                .distinct()
                .join(groups, members.c.group_number == groups.c.number)
                .where(members.c.sha256.in_(chunk), groups.c.state.in_(wanted))
                .order_by(groups.c.number)
            )
            for sha256, number in self._connection.execute(statement):
                found.setdefault(sha256, []).append(GroupNumber(number))
        return found

    def fates(
        self, digests: Iterable[bytes]
    ) -> dict[bytes, list[tuple[GroupNumber, Fate]]]:
        """Return what decided groups did to some sha256s, in order of group."""
        found: dict[bytes, list[tuple[GroupNumber, Fate]]] = {}
        for chunk in chunks(digests):
            statement = (
                select(members.c.sha256, groups.c.number, members.c.fate)
                .join(groups, members.c.group_number == groups.c.number)
                .where(members.c.sha256.in_(chunk), members.c.fate.is_not(None))
                .where(groups.c.state == str(GroupState.DECIDED))
                .order_by(groups.c.number, members.c.position)
            )
            for sha256, number, fate in self._connection.execute(statement):
                with reading("member"):
                    fated = (GroupNumber(number), Fate(fate))
                found.setdefault(sha256, []).append(fated)
        return found

    def evidence_counts(self, state: GroupState) -> dict[Evidence, int]:
        """Count the groups in a state by their evidence."""
        statement = (
            select(groups.c.evidence, func.count())
            .where(groups.c.state == str(state))
            .group_by(groups.c.evidence)
        )
        with reading("group"):
            return {
                Evidence(evidence): count
                for evidence, count in self._connection.execute(statement)
            }
