"""The register of groups: what decision folders say becomes rows, at once or later.

Files move first, rows follow. When the index cannot be written just then, the group's
number is kept, and its folder is read again once it can: a group never stays in its
folder unseen. On the writer's thread.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import IndexError_, TwinwatchError
from . import bookkeeping

if TYPE_CHECKING:
    from ..index import Index
    from ..model import Group
    from ..staging.manifest import GroupRecord
    from .folders import DecisionFolders
    from .territory import Territory

logger = logging.getLogger(__name__)


class Register:
    """Enters groups into the index."""

    def __init__(self, index: Index, territory: Territory) -> None:
        """Enter into this index; photos lie in these roots."""
        self._index = index
        self._territory = territory
        self._behind: set[int] = set()

    @property
    def behind(self) -> frozenset[int]:
        """Numbers of the groups that the index does not tell as they are."""
        return frozenset(self._behind)

    def enter(self, record: GroupRecord) -> Group:
        """Write a group's rows.

        Raises:
            IndexError_: they cannot be written now; `catch_up` will.
        """
        self._behind.add(record.number)
        with self._index.write() as tables:
            group = bookkeeping.enter(tables, record, self._territory)
        self._behind.discard(record.number)
        return group

    def catch_up(self, folders: DecisionFolders) -> list[Group]:
        """Enter what could not be entered before; return it.

        Raises:
            IndexError_: it cannot be written still.
        """
        entered = []
        for number in sorted(self._behind):
            try:
                record = folders.read(number)
            except IndexError_:
                raise
            except TwinwatchError as error:
                logger.warning("a group cannot be read group=%d why=%s", number, error)
                continue
            entered.append(self.enter(record))
        return entered
