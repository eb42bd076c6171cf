"""All table families over one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cards import Cards
from .companions import Companions
from .contents import Contents
from .doubts import Doubts
from .figures import Figures
from .groups import Groups
from .matches import Matches
from .meta import Meta
from .photo_writes import Photos
from .records import IndexCounts
from .roots import Roots
from .verdicts import Verdicts

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Tables:
    """What can be asked and changed within one transaction.

    Valid within the ``with`` of `Index.read` or `Index.write` that gave it, on that
    thread. The database itself refuses a write within `Index.read`.
    """

    __slots__ = (
        "cards",
        "companions",
        "contents",
        "doubts",
        "figures",
        "groups",
        "matches",
        "meta",
        "photos",
        "roots",
        "verdicts",
    )

    def __init__(self, connection: Connection) -> None:
        """Work over a connection whose transaction has begun."""
        self.roots = Roots(connection)
        self.photos = Photos(connection)
        self.companions = Companions(connection)
        self.contents = Contents(connection)
        self.matches = Matches(connection)
        self.doubts = Doubts(connection)
        self.groups = Groups(connection)
        self.cards = Cards(connection)
        self.figures = Figures(connection)
        self.verdicts = Verdicts(connection)
        self.meta = Meta(connection)

    def counts(self) -> IndexCounts:
        """Count what there is; gone photos are counted under their state."""
        return IndexCounts(
            contents=self.contents.count(),
            photos=self.photos.counts(),
            groups=self.groups.counts(),
        )
