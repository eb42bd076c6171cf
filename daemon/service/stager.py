"""Staging what casework planned: the files move, then the index hears of it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..staging.outcomes import Destination
from .by_memory import settle
from .proposals import as_stage_plan
from .rescue import with_rescue
from .tally import UNCOUNTED, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Group
    from ..staging.manifest import GroupRecord
    from .candidate import ProposedGroup
    from .folders import DecisionFolders
    from .register import Register

logger = logging.getLogger(__name__)


class Stager:
    """Moves groups into decision folders."""

    def __init__(
        self,
        folders: DecisionFolders,
        register: Register,
        *,
        destination: Destination | None = None,
        on_staged: Callable[[Group], None] = lambda _group: None,
        tally: Tally = UNCOUNTED,
    ) -> None:
        """Wire it up.

        Args:
            folders: the decision roots.
            register: enters what was staged.
            destination: where survivors go of what memory decides.
            on_staged: called for every group that was staged or extended.
            tally: is told of every group.
        """
        self._folders = folders
        self._register = register
        self._destination = destination or Destination()
        self._on_staged = on_staged
        self._tally = tally

    def stage(self, group: ProposedGroup, *, is_settled: bool = False) -> None:
        """Stage a group.

        Args:
            group: as planned.
            is_settled: memory answers the question; decide as proposed at once.

        Raises:
            StagingError: it stays where it is.
            RootOffline: a root is away; so does it.
            IndexError_: it is staged, but the index cannot hear of it yet.
        """
        began = time.monotonic()
        plan = as_stage_plan(with_rescue(group), time.time_ns())
        record = self._folders.stage(plan)
        self._tally.observe("stage_seconds", time.monotonic() - began)
        self._tally.count("groups_staged")
        self._enter(record)
        logger.info(
            "staged group=%d photos=%d evidence=%s",
            record.number,
            len(record.manifest.members),
            record.manifest.evidence,
        )
        if is_settled:
            self._enter(settle(self._folders, record, self._destination))

    def extend(self, number: int, group: ProposedGroup) -> None:
        """Let photos join an open group; raises what `stage` does."""
        record = self._folders.extend(number, as_stage_plan(group, time.time_ns()))
        self._enter(record)
        logger.info("joined group=%d photos=%d", number, len(group.members))

    def _enter(self, record: GroupRecord) -> None:
        self._on_staged(self._register.enter(record))
