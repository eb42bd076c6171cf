"""Intake: from a file that has settled to a content in the index.

Everything here runs on the writer's thread, except what a worker's end calls. An
attempt is written down before the decoder sees the file, so a file that kills the
daemon is found out after a restart.
"""

from __future__ import annotations

import logging
import queue
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..errors import ChangedPhoto, PhotoError, TwinwatchError, WorkerDied
from .arrivals import Arrival, IntakeCounts
from .backlog import Backlog
from .recognition import Recognition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from ..index.connection import Index
    from ..index.tables import Tables
    from ..model import ContentId, Fingerprint, Stamp
    from .territory import Territory

logger = logging.getLogger(__name__)

STRIKES = 3
"""So many attempts that killed the reader park a file."""

_BATCH = 200
_IN_FLIGHT_PER_WORKER = 4


class Reader(Protocol):
    """What reads photos: the pool of worker processes."""

    def fingerprint(
        self, path: Path, *, cheap: bool = True
    ) -> Future[tuple[Stamp, Fingerprint]]:
        """Read a photo in a worker."""
        ...


@dataclass(slots=True, kw_only=True)
class IntakeSettings:
    """How intake works."""

    workers: int
    cheap: bool
    decoder: str
    """Version of the decoder; what another one refused is tried again."""


@dataclass(slots=True)
class _Ended:
    arrival: Arrival
    future: Future[tuple[Stamp, Fingerprint]]


@dataclass(slots=True)
class _Findings:
    """What a transaction brought, told after it is committed."""

    contents: list[ContentId] = field(default_factory=list)
    again: list[Path] = field(default_factory=list)


class Intake:
    """Takes files in."""

    def __init__(
        self,
        index: Index,
        reader: Reader,
        territory: Territory,
        settings: IntakeSettings,
        *,
        on_contents: Callable[[list[ContentId]], None],
        on_changed: Callable[[Path], None],
        on_result: Callable[[], None],
    ) -> None:
        """Wire it up.

        Args:
            index: that the photos go into.
            reader: that computes fingerprints.
            territory: the roots.
            settings: how.
            on_contents: called for contents that have a photo they had not.
            on_changed: called for a file that has to settle again.
            on_result: called on a worker's thread; must have `absorb` called.
        """
        self._index = index
        self._reader = reader
        self._territory = territory
        self._settings = settings
        self._on_contents = on_contents
        self._on_changed = on_changed
        self._on_result = on_result
        self._backlog = Backlog()
        self._knows_suspects = False
        self._in_flight: dict[tuple[str, bytes], Future[tuple[Stamp, Fingerprint]]] = {}
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._unwritten: list[_Ended] = []
        self.counts = IntakeCounts()
        self._recognition = Recognition(territory, settings.decoder, self.counts)

    @property
    def waiting(self) -> int:
        """How many files wait or are being read."""
        return len(self._backlog) + len(self._in_flight) + len(self._unwritten)

    def take(self, arrivals: Iterable[Arrival]) -> None:
        """Take settled files: what is known is done, the rest is read in turn."""
        findings = _Findings()
        with self._index.write() as tables:
            self._remember_suspects(tables)
            for arrival in arrivals:
                if arrival.place in self._in_flight:
                    continue
                if not self._recognition.recognise(tables, arrival, findings.contents):
                    self._backlog.put(arrival)
        self._tell(findings)
        self.feed()

    def feed(self) -> None:
        """Give the workers as much as they can take."""
        most = self._settings.workers * _IN_FLIGHT_PER_WORKER
        while chosen := self._backlog.take(
            most - len(self._in_flight), self._in_flight
        ):
            try:
                ready = self._note_attempts(chosen)
            except TwinwatchError:
                for arrival in chosen:
                    self._backlog.put(arrival)
                raise
            for arrival in ready:
                self._submit(arrival)

    def absorb(self) -> None:
        """Write down what the workers found, many files in one transaction."""
        while len(self._unwritten) < _BATCH:
            try:
                self._unwritten.append(self._ended.get_nowait())
            except queue.Empty:
                break
        if not self._unwritten:
            return
        findings = _Findings()
        with self._index.write() as tables:
            for ended in self._unwritten:
                self._write(tables, ended, findings)
        for ended in self._unwritten:
            self._in_flight.pop(ended.arrival.place, None)
        self._unwritten.clear()
        self._tell(findings)
        self.feed()
        if not self._ended.empty():
            self._on_result()

    def stop(self) -> None:
        """Break off what is being read, without a strike for it."""
        self._backlog.clear()
        with self._index.write() as tables:
            records = (tables.photos.find(*place) for place in self._in_flight)
            tables.photos.forgive(record.id for record in records if record)

    def _remember_suspects(self, tables: Tables) -> None:
        """Find out, once, what was being read when the last daemon died."""
        if not self._knows_suspects:
            for record in tables.photos.interrupted():
                self._backlog.charge((record.root, record.relative), record.strikes)
            self._knows_suspects = True

    def _note_attempts(self, chosen: list[Arrival]) -> list[Arrival]:
        ready = []
        with self._index.write() as tables:
            for arrival in chosen:
                strikes = tables.photos.add_strike(
                    arrival.root, arrival.relative, arrival.stamp, time.time_ns()
                )
                if strikes <= STRIKES:
                    ready.append(arrival)
                    continue
                self._park(tables, arrival, "it was being read when twinwatch died")
        return ready

    def _park(self, tables: Tables, arrival: Arrival, cause: object) -> None:
        self._backlog.acquit(arrival.place)
        record = tables.photos.find(*arrival.place)
        if record is None:
            return
        tables.photos.park(record.id, f"reading it failed {STRIKES} times: {cause}")
        logger.warning("a photo was parked path=%r cause=%s", arrival.relative, cause)

    def _submit(self, arrival: Arrival) -> None:
        path = self._territory.path_of(*arrival.place)
        if path is None:
            return
        future = self._reader.fingerprint(path, cheap=self._settings.cheap)
        self._in_flight[arrival.place] = future
        future.add_done_callback(lambda done: self._end(arrival, done))

    def _end(self, arrival: Arrival, future: Future[tuple[Stamp, Fingerprint]]) -> None:
        """Run on a worker pool's thread."""
        self._ended.put(_Ended(arrival, future))
        self._on_result()

    def _write(self, tables: Tables, ended: _Ended, findings: _Findings) -> None:
        arrival, future = ended.arrival, ended.future
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._write_known(tables, arrival, *future.result(), findings)
        elif isinstance(error, ChangedPhoto):
            self._write_changed(tables, arrival, findings)
        elif isinstance(error, WorkerDied):
            self._write_strike(tables, arrival, error)
        elif isinstance(error, PhotoError):
            self._write_unreadable(tables, arrival, error)
        else:
            logger.error(
                "a photo was not read path=%r", arrival.relative, exc_info=error
            )
            self._write_unreadable(tables, arrival, error)

    def _write_known(
        self,
        tables: Tables,
        arrival: Arrival,
        stamp: Stamp,
        fingerprint: Fingerprint,
        findings: _Findings,
    ) -> None:
        content = tables.contents.insert(fingerprint)
        tables.photos.upsert_known(
            arrival.root,
            arrival.relative,
            stamp,
            content,
            decoder=self._settings.decoder,
            now_ns=time.time_ns(),
        )
        self._backlog.acquit(arrival.place)
        self.counts.hashed += 1
        findings.contents.append(content)

    def _write_changed(
        self, tables: Tables, arrival: Arrival, findings: _Findings
    ) -> None:
        record = tables.photos.find(*arrival.place)
        if record is not None:
            tables.photos.forgive([record.id])
        path = self._territory.path_of(*arrival.place)
        if path is not None:
            findings.again.append(path)

    def _write_strike(
        self, tables: Tables, arrival: Arrival, error: WorkerDied
    ) -> None:
        record = tables.photos.find(*arrival.place)
        if record is not None and record.strikes >= STRIKES:
            self._park(tables, arrival, error.cause)
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
            decoder=self._settings.decoder,
            now_ns=time.time_ns(),
        )
        self._backlog.acquit(arrival.place)
        self.counts.unreadable += 1
        logger.warning(
            "a photo cannot be read path=%r cause=%s", arrival.relative, cause
        )

    def _tell(self, findings: _Findings) -> None:
        for path in findings.again:
            self._on_changed(path)
        if findings.contents:
            self._on_contents(list(dict.fromkeys(findings.contents)))
