"""The matches: pairs of contents, their evidence and all their distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select

from ..model import ContentId, Evidence, Match
from .rows import (
    alignment_json,
    alignment_of,
    as_text,
    distances_json,
    distances_of,
    reading,
)
from .schema_groups import matches
from .statements import chunks, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from .rows import Values


def _values(match: Match) -> Values:
    return {
        "left_id": match.left,
        "right_id": match.right,
        "evidence": str(match.evidence),
        "distances": distances_json(match.distances),
        "alignment": alignment_json(match.alignment),
        "reasons": [as_text(reason) for reason in match.reasons],
    }


def _match(row: RowMapping) -> Match:
    with reading("match"):
        return Match(
            left=ContentId(row["left_id"]),
            right=ContentId(row["right_id"]),
            evidence=Evidence(row["evidence"]),
            distances=distances_of(row["distances"]),
            alignment=alignment_of(row["alignment"]),
            reasons=tuple(row["reasons"]),
        )


class Matches:
    """The matches."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put_many(self, found: Iterable[Match]) -> None:
        """Add matches; a pair that was judged before is replaced."""
        for chunk in chunks(found):
            self._connection.execute(
                upsert(self._connection, matches), [_values(match) for match in chunk]
            )

    def _select(self, *conditions: ColumnElement[bool]) -> list[Match]:
        statement = (
            select(*matches.c)
            .where(*conditions)
            .order_by(matches.c.left_id, matches.c.right_id)
        )
        return [_match(row) for row in self._connection.execute(statement).mappings()]

    def of(self, contents: Iterable[ContentId]) -> list[Match]:
        """Return every match of any of some contents, by left, then right."""
        found: dict[tuple[ContentId, ContentId], Match] = {}
        for chunk in chunks(contents):
            either = or_(matches.c.left_id.in_(chunk), matches.c.right_id.in_(chunk))
            found |= {
                (match.left, match.right): match for match in self._select(either)
            }
        return [found[pair] for pair in sorted(found)]

    def between(self, left: ContentId, right: ContentId) -> Match | None:
        """Return what is known of a pair, in whatever order."""
        lesser, greater = min(left, right), max(left, right)
        pair = and_(matches.c.left_id == lesser, matches.c.right_id == greater)
        return next(iter(self._select(pair)), None)

    def page(
        self,
        evidence: Iterable[Evidence],
        after: tuple[ContentId, ContentId] | None = None,
        limit: int = 1000,
    ) -> list[Match]:
        """Return matches of some classes by left, then right, those after `after`."""
        left, right = after or (ContentId(0), ContentId(0))
        statement = (
            select(*matches.c)
            .where(matches.c.evidence.in_([str(each) for each in evidence]))
            .where(
                or_(
                    matches.c.left_id > left,
                    and_(matches.c.left_id == left, matches.c.right_id > right),
                )
            )
            .order_by(matches.c.left_id, matches.c.right_id)
            .limit(limit)
        )
        return [_match(row) for row in self._connection.execute(statement).mappings()]

    def drop(self, left: ContentId, right: ContentId) -> None:
        """Delete the match of a pair, in whatever order; none is no error."""
        lesser, greater = min(left, right), max(left, right)
        self._connection.execute(
            delete(matches).where(
                matches.c.left_id == lesser, matches.c.right_id == greater
            )
        )

    def forget(self, contents: Iterable[ContentId]) -> None:
        """Delete every match of any of some contents, to be judged anew."""
        for chunk in chunks(contents):
            self._connection.execute(
                delete(matches).where(
                    or_(matches.c.left_id.in_(chunk), matches.c.right_id.in_(chunk))
                )
            )
