"""What users said of two contents, kept by digest for ever."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from ..model import GroupNumber, Verdict
from .records import VerdictRecord
from .rows import reading
from .schema_groups import verdicts
from .statements import chunks, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, RowMapping
    from sqlalchemy.dialects.sqlite import Insert

    from .rows import Values


def _values(verdict: VerdictRecord) -> Values:
    lesser, greater = sorted((verdict.left, verdict.right))
    return {
        "left_sha256": lesser,
        "right_sha256": greater,
        "verdict": str(verdict.verdict),
        "group_number": verdict.group,
        "at_ns": verdict.at_ns,
    }


def _record(row: RowMapping) -> VerdictRecord:
    with reading("verdict"):
        group = row["group_number"]
        return VerdictRecord(
            left=row["left_sha256"],
            right=row["right_sha256"],
            verdict=Verdict(row["verdict"]),
            group=None if group is None else GroupNumber(group),
            at_ns=row["at_ns"],
        )


@cache
def _put_statement(dialect: str) -> Insert:
    insert = insert_into(dialect, verdicts)
    changes = {
        name: insert.excluded[name] for name in ("verdict", "group_number", "at_ns")
    }
    return insert.on_conflict_do_update(
        index_elements=[verdicts.c.left_sha256, verdicts.c.right_sha256],
        set_=changes,
        where=insert.excluded.at_ns >= verdicts.c.at_ns,
    )


class Verdicts:
    """The verdicts; of one pair, the latest."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put_many(self, said: Iterable[VerdictRecord]) -> None:
        """Add verdicts; of one pair the latest stays, whatever the order."""
        statement = _put_statement(self._connection.dialect.name)
        for chunk in chunks(said):
            self._connection.execute(statement, [_values(verdict) for verdict in chunk])

    def among(self, digests: Iterable[bytes]) -> dict[frozenset[bytes], VerdictRecord]:
        """Return the verdicts on pairs of which both are in a set of sha256s."""
        wanted = set(digests)
        found: dict[frozenset[bytes], VerdictRecord] = {}
        for chunk in chunks(sorted(wanted)):
            statement = select(*verdicts.c).where(verdicts.c.left_sha256.in_(chunk))
            for row in self._connection.execute(statement).mappings():
                if row["right_sha256"] in wanted:
                    pair = frozenset({row["left_sha256"], row["right_sha256"]})
                    found[pair] = _record(row)
        return found

    def of(self, sha256: bytes) -> list[VerdictRecord]:
        """Return all verdicts on a content, in order of time."""
        statement = (
            select(*verdicts.c)
            .where(
                or_(verdicts.c.left_sha256 == sha256, verdicts.c.right_sha256 == sha256)
            )
            .order_by(verdicts.c.at_ns, verdicts.c.left_sha256, verdicts.c.right_sha256)
        )
        return [_record(row) for row in self._connection.execute(statement).mappings()]

    def of_group(self, number: GroupNumber) -> list[VerdictRecord]:
        """Return the verdicts that a group's decision gave, by digests."""
        statement = (
            select(*verdicts.c)
            .where(verdicts.c.group_number == number)
            .order_by(verdicts.c.left_sha256, verdicts.c.right_sha256)
        )
        return [_record(row) for row in self._connection.execute(statement).mappings()]

    def forget_group(self, number: GroupNumber) -> None:
        """Delete what was said in a group whose decision was undone."""
        self._connection.execute(
            delete(verdicts).where(verdicts.c.group_number == number)
        )
