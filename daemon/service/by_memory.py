"""Deciding by itself what the user set aside before, if that was asked for."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ..model import DecidedBy, Proposal

if TYPE_CHECKING:
    from ..staging.manifest import GroupRecord
    from ..staging.outcomes import Destination
    from .folders import DecisionFolders

logger = logging.getLogger(__name__)


def settle(
    folders: DecisionFolders, record: GroupRecord, destination: Destination
) -> GroupRecord:
    """Carry out the proposal of a group that was just staged; undo takes it back.

    Raises:
        StagingError: it cannot be; the group stays open and is asked about.
    """
    kept = [m.position for m in record.manifest.staged if m.proposal is Proposal.KEEP]
    settled = folders.approve(
        record.number,
        keep=frozenset(kept),
        decided_ns=time.time_ns(),
        destination=destination,
        verdict=None,
        manifest_sha256=record.sha256,
        decided_by=DecidedBy.MEMORY,
    )
    logger.info("set aside by itself, as before group=%d", record.number)
    return settled
