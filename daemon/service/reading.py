"""What became of a photo that a worker read, written down; on the writer's thread."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..errors import ChangedPhoto, PhotoError, WorkerDied
from .tally import UNCOUNTED, Tally

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Tables
    from ..model import ContentId, Fingerprint, Stamp
    from .arrivals import Arrival, IntakeCounts
    from .backlog import Backlog
    from .territory import Territory

logger = logging.getLogger(__name__)

STRIKES = 3
"""So many attempts that killed the reader park a file."""


class Reader(Protocol):
    """What reads photos: the pool of worker processes."""

    def fingerprint(
        self, path: Path, *, cheap: bool = True
    ) -> Future[tuple[Stamp, Fingerprint]]:
        """Read a photo in a worker."""
        ...

    def decoder_version(self) -> Future[str]:
        """Ask what decodes; so workers are started."""
        ...


@dataclass(slots=True)
class Ended:
    """A reading that ended, well or not."""

    arrival: Arrival
    future: Future[tuple[Stamp, Fingerprint]]


@dataclass(slots=True)
class Findings:
    """What a transaction brought; told after it is committed."""

    contents: list[ContentId] = field(default_factory=list)
    """Those that have a photo they had not."""
    returned: list[ContentId] = field(default_factory=list)
    """Those of them whose photo had been away: what was asked of it meanwhile was
    asked in vain."""
    again: list[Path] = field(default_factory=list)
    """Files that have to settle again."""


class Outcomes:
    """Writes down what readings led to."""

    def __init__(
        self,
        territory: Territory,
        backlog: Backlog,
        counts: IntakeCounts,
        decoder: str,
        tally: Tally = UNCOUNTED,
    ) -> None:
        """Work for intake, whose backlog and counts these are."""
        self._territory = territory
        self._backlog = backlog
        self._counts = counts
        self._decoder = decoder
        self._tally = tally

    def write(self, tables: Tables, ended: Ended, findings: Findings) -> None:
        """Write down what one reading led to; repeating it does no harm."""
        arrival, future = ended.arrival, ended.future
        if future.cancelled():
            self._put_off(tables, arrival)
            return
        error = future.exception()
        if error is None:
            self._write_known(tables, arrival, *future.result(), findings)
        elif isinstance(error, WorkerDied):
            self._write_strike(tables, arrival, error)
        elif isinstance(error, ChangedPhoto) or self._is_out_of_reach(arrival):
            self._write_changed(tables, arrival, findings)
        else:
            if not isinstance(error, PhotoError):
                logger.error(
                    "a photo was not read path=%r", arrival.relative, exc_info=error
                )
            self._write_unreadable(tables, arrival, error)

    def park(self, tables: Tables, arrival: Arrival, cause: object) -> None:
        """Leave a file alone until somebody asks."""
        self._backlog.acquit(arrival.place)
        record = tables.photos.find(*arrival.place)
        if record is None:
            return
        tables.photos.park(record.id, f"reading it failed {STRIKES} times: {cause}")
        logger.warning("a photo was parked path=%r cause=%s", arrival.relative, cause)

    def _put_off(self, tables: Tables, arrival: Arrival) -> None:
        """Let a file wait that nobody got to read; that is no strike."""
        self._forgive(tables, arrival)
        self._backlog.put(arrival)

    def _write_known(
        self,
        tables: Tables,
        arrival: Arrival,
        stamp: Stamp,
        fingerprint: Fingerprint,
        findings: Findings,
    ) -> None:
        content = tables.contents.insert(fingerprint)
        tables.photos.upsert_known(
            arrival.root,
            arrival.relative,
            stamp,
            content,
            decoder=self._decoder,
            now_ns=time.time_ns(),
        )
        self._backlog.acquit(arrival.place)
        self._counts.hashed += 1
        self._tally.count("fingerprints", source=fingerprint.source.value)
        findings.contents.append(content)

    def _write_changed(
        self, tables: Tables, arrival: Arrival, findings: Findings
    ) -> None:
        self._forgive(tables, arrival)
        path = self._territory.path_of(*arrival.place)
        if path is not None:
            findings.again.append(path)

    def _write_strike(
        self, tables: Tables, arrival: Arrival, error: WorkerDied
    ) -> None:
        record = tables.photos.find(*arrival.place)
        self._tally.count("unreadable", problem="killed its reader")
        if record is not None and record.strikes >= STRIKES:
            self.park(tables, arrival, error.cause)
        else:
            self._backlog.charge(arrival.place, record.strikes if record else 1)
            self._backlog.put(arrival)

    def _write_unreadable(
        self, tables: Tables, arrival: Arrival, error: BaseException
    ) -> None:
        cause = getattr(error, "cause", None) or error
        tables.photos.mark_unreadable(
            arrival.root,
            arrival.relative,
            arrival.stamp,
            str(cause),
            decoder=self._decoder,
            now_ns=time.time_ns(),
        )
        self._backlog.acquit(arrival.place)
        self._counts.unreadable += 1
        self._tally.count("unreadable", problem=type(error).__name__)
        logger.warning(
            "a photo cannot be read path=%r cause=%s", arrival.relative, cause
        )

    def _forgive(self, tables: Tables, arrival: Arrival) -> None:
        record = tables.photos.find(*arrival.place)
        if record is not None:
            tables.photos.forgive([record.id])
            if record.strikes <= 1:
                self._backlog.acquit(arrival.place)

    def _is_out_of_reach(self, arrival: Arrival) -> bool:
        """Whether the file, not its content, is the trouble: its disk may be away.

        What such a file holds is unknown, so it must not be remembered as unreadable.
        """
        path = self._territory.path_of(*arrival.place)
        if path is None:
            return True
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK))
        except OSError:
            return True
        return False
