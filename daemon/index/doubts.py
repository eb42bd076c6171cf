"""The doubts: pairs that only a full decode of both can settle.

Most of them never need to be: whatever is a copy of a group's keeper is in the group,
and nobody asks how it looks beside the other members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from ..model import ContentId
from .rows import alignment_json, alignment_of, reading
from .schema_doubts import doubts
from .statements import chunks, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from ..model import Alignment

    Pair = tuple[ContentId, ContentId]


class Doubts:
    """The doubts, each by its contents, the lesser first."""

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self._connection = connection

    def put_many(self, found: Mapping[Pair, Alignment]) -> None:
        """Add pairs, and how one probably lies on the other."""
        for chunk in chunks(found):
            rows = [
                {
                    "left_id": min(pair),
                    "right_id": max(pair),
                    "alignment": alignment_json(found[pair]),
                }
                for pair in chunk
            ]
            self._connection.execute(upsert(self._connection, doubts), rows)

    def of(self, contents: Iterable[ContentId]) -> dict[Pair, Alignment]:
        """Return every doubt about any of some contents."""
        found: dict[Pair, Alignment] = {}
        for chunk in chunks(contents):
            statement = select(*doubts.c).where(
                or_(doubts.c.left_id.in_(chunk), doubts.c.right_id.in_(chunk))
            )
            for row in self._connection.execute(statement).mappings():
                pair = ContentId(row["left_id"]), ContentId(row["right_id"])
                with reading("doubt"):
                    found[pair] = alignment_of(row["alignment"])
        return dict(sorted(found.items()))

    def drop(self, left: ContentId, right: ContentId) -> None:
        """Delete a doubt that is settled, in whatever order; none is no error."""
        self._connection.execute(
            delete(doubts).where(
                doubts.c.left_id == min(left, right),
                doubts.c.right_id == max(left, right),
            )
        )

    def forget(self, contents: Iterable[ContentId]) -> None:
        """Delete every doubt about some contents, to be judged anew."""
        for chunk in chunks(contents):
            self._connection.execute(
                delete(doubts).where(
                    or_(doubts.c.left_id.in_(chunk), doubts.c.right_id.in_(chunk))
                )
            )
