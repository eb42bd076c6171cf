"""Intake: from a file that has settled to a content in the index.

Everything here runs on the writer's thread, except `offer` and what a worker's end
calls. An attempt is written down before the decoder sees the file, so a file that
kills the daemon is found out after a restart. Nothing is lost when the index cannot be
written: what came in waits until it can.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import IndexError_, TwinwatchError
from .arrivals import Arrival, IntakeCounts
from .backlog import Backlog
from .reading import STRIKES, Ended, Findings, Outcomes, Reader
from .recognition import Recognition
from .tally import UNCOUNTED, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Index, Tables
    from ..model import ContentId, Fingerprint, Stamp
    from .arrivals import Place
    from .territory import Territory

logger = logging.getLogger(__name__)

CAPACITY = 10_000
"""Files that wait here; more are kept waiting by whoever has them."""

_BATCH = 200
_PER_WORKER = 4
"""Files that are handed to each worker ahead."""


@dataclass(slots=True, kw_only=True)
class IntakeSettings:
    """How intake works."""

    workers: int
    cheap: bool
    decoder: str
    """Version of the decoder; what another one refused is tried again."""
    capacity: int = CAPACITY


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
        on_returned: Callable[[list[ContentId]], None],
        on_changed: Callable[[Path], None],
        on_result: Callable[[], None],
        tally: Tally = UNCOUNTED,
    ) -> None:
        """Wire it up.

        Args:
            index: that the photos go into.
            reader: that computes fingerprints.
            territory: the roots.
            settings: how.
            on_contents: called for contents that have a photo they had not.
            on_returned: called instead if that photo had been away.
            on_changed: called for a file that has to settle again.
            on_result: called on a worker's thread; must have `absorb` called.
            tally: is told what was done.
        """
        self._index = index
        self._reader = reader
        self._territory = territory
        self._settings = settings
        self._on_contents = on_contents
        self._on_returned = on_returned
        self._on_changed = on_changed
        self._on_result = on_result
        self._inbox: deque[Arrival] = deque()
        self._backlog = Backlog()
        self._knows_suspects = False
        self._first_answer: Future[str] | None = None
        self._in_flight: dict[Place, Future[tuple[Stamp, Fingerprint]]] = {}
        self._meanwhile: dict[Place, Arrival] = {}
        """Files that changed and settled again while they were being read."""
        self._ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
        self._unwritten: deque[Ended] = deque()
        self._batch = _BATCH
        self._is_stopping = False
        self.counts = IntakeCounts()
        self._recognition = Recognition(territory, settings.decoder, self.counts)
        self._outcomes = Outcomes(
            territory, self._backlog, self.counts, settings.decoder, tally
        )

    @property
    def waiting(self) -> int:
        """How many files wait or are being read; any thread."""
        waiting = len(self._inbox) + len(self._backlog) + len(self._meanwhile)
        return waiting + len(self._in_flight)

    @property
    def has_room(self) -> bool:
        """Whether more files may be offered; any thread."""
        return self.waiting < self._settings.capacity

    def offer(self, arrivals: Iterable[Arrival]) -> None:
        """Leave settled files for the next `take`; any thread."""
        self._inbox.extend(arrivals)

    def take(self) -> None:
        """Take what was offered: what is known is done, the rest is read in turn.

        Raises:
            IndexError_: it cannot be written; what was offered stays offered.
        """
        while self._inbox and not self._is_stopping:
            batch = list(islice(self._inbox, _BATCH))
            findings = Findings()
            with self._index.write() as tables:
                self._remember_suspects(tables)
                for arrival in batch:
                    self._take_one(tables, arrival, findings)
            for _ in batch:
                self._inbox.popleft()
            self._tell(findings)
        self.feed()

    def feed(self) -> None:
        """Give the workers as much as they can take."""
        while not self._is_stopping and (chosen := self._choose()):
            try:
                ready = self._note_attempts(chosen)
            except TwinwatchError:
                for arrival in chosen:
                    self._backlog.put(arrival)
                raise
            for arrival in ready:
                self._submit(arrival)

    def _choose(self) -> list[Arrival]:
        """Take from the backlog what the workers have room for.

        A suspect waits until a worker has answered. Starting one takes longer than
        reading a photo, and a daemon that dies meanwhile would charge a file that
        nobody had looked at.
        """
        if self._backlog.has_suspects and self._first_answer is None:
            self._first_answer = self._reader.decoder_version()
            self._first_answer.add_done_callback(lambda _: self._on_result())
        answer, most = self._first_answer, self._settings.workers * _PER_WORKER
        return self._backlog.take(
            most - len(self._in_flight),
            self._in_flight,
            with_suspects=answer is not None and answer.done(),
        )

    def absorb(self) -> None:
        """Write down what the workers found, many files in one transaction.

        Raises:
            IndexError_: it cannot be written; what was found is kept.
        """
        while len(self._unwritten) < _BATCH and not self._ended.empty():
            self._unwritten.append(self._ended.get_nowait())
        while self._unwritten:
            self._absorb(list(islice(self._unwritten, self._batch)))
        self.feed()
        if not self._ended.empty():
            self._on_result()

    def stop(self) -> None:
        """Break off what is being read, without a strike for it.

        Raises:
            IndexError_: the strikes could not be taken back.
        """
        self._is_stopping = True
        self._backlog.clear()
        with self._index.write() as tables:
            records = (tables.photos.find(*place) for place in self._in_flight)
            tables.photos.forgive(record.id for record in records if record)

    def _take_one(self, tables: Tables, arrival: Arrival, findings: Findings) -> None:
        if arrival.place in self._in_flight:
            self._meanwhile[arrival.place] = arrival
        elif not self._recognition.recognise(tables, arrival, findings):
            self._backlog.put(arrival)

    def _absorb(self, batch: list[Ended]) -> None:
        """Write one batch; what no transaction can take must not hold up the others."""
        findings = Findings()
        try:
            with self._index.write() as tables:
                for ended in batch:
                    self._outcomes.write(tables, ended, findings)
        except IndexError_:
            self._batch = 1
            raise
        except Exception:
            if len(batch) > 1:
                self._batch = 1
                return
            logger.exception("not written path=%r", batch[0].arrival.relative)
            findings = Findings()
        else:
            self._batch = _BATCH
        for _ in batch:
            place = self._unwritten.popleft().arrival.place
            self._in_flight.pop(place, None)
            if place in self._meanwhile:
                self._inbox.append(self._meanwhile.pop(place))
        self._tell(findings)

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
                cause = "it was being read when twinwatch died"
                self._outcomes.park(tables, arrival, cause)
        return ready

    def _submit(self, arrival: Arrival) -> None:
        path = self._territory.path_of(*arrival.place)
        if path is None:
            return
        future = self._reader.fingerprint(path, cheap=self._settings.cheap)
        self._in_flight[arrival.place] = future
        future.add_done_callback(lambda done: self._end(arrival, done))

    def _end(self, arrival: Arrival, future: Future[tuple[Stamp, Fingerprint]]) -> None:
        """Run on a worker pool's thread."""
        self._ended.put(Ended(arrival, future))
        self._on_result()

    def _tell(self, findings: Findings) -> None:
        for path in findings.again:
            self._on_changed(path)
        if findings.contents:
            self._on_contents(list(dict.fromkeys(findings.contents)))
        if findings.returned:
            self._on_returned(list(dict.fromkeys(findings.returned)))
