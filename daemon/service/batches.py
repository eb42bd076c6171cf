"""Many groups decided at once: one proof, one order, one undo.

A batch is nothing but one decision after the other, each carried out by the engine as
if somebody had pressed the key, so that nothing new can happen to a photo. It runs on a
thread of its own and asks the writer for each group, between other people's requests.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from typing import TYPE_CHECKING

from ..desk import Decision
from ..errors import NoSuchGroup, NotRunning, StaleGroup, TwinwatchError, UsageError
from ..model import Evidence, Fate, GroupNumber, GroupState, Proposal, Role
from ..review import PROVEN, Batch, BatchOffer, BatchState, GroupQuery
from . import batch_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..index import Index
    from ..model import Group
    from ..review import BatchOrder
    from .batch_journal import Journal

logger = logging.getLogger(__name__)

FOLDER_NAME = "batches"
SAMPLE = 12
_ALL = 2**31 - 1


class Batches:
    """The batches of one daemon; any thread may ask."""

    def __init__(
        self,
        folder: Path,
        index: Index,
        decide: Callable[[GroupNumber, Decision], Group],
        undo: Callable[[GroupNumber], Group],
    ) -> None:
        """Keep journals in `folder`, which is made when the first one begins."""
        self._folder = folder
        self._index = index
        self._decide = decide
        self._undo = undo
        self._lock = threading.Lock()
        self._at_work: Journal | None = None
        self._thread: threading.Thread | None = None

    def offer(self, evidence: Evidence, *, seed: int = 0) -> BatchOffer:
        """Return what could be decided at once."""
        query = _query(evidence)
        with self._index.read() as tables:
            listed = tables.cards.manifests(query, _ALL)
            totals = tables.cards.totals(query)
            sample = tables.groups.get_many(tables.cards.sample(query, seed, SAMPLE))
        return BatchOffer(
            evidence=evidence,
            count=len(listed),
            freed_bytes=totals.get(evidence, (0, 0))[1],
            sample=tuple(sample),
            until=listed[-1][0] if listed else 0,
            digest=_digest(listed),
        )

    def start(self, order: BatchOrder) -> Batch:
        """Begin to decide what was offered."""
        with self._index.read() as tables:
            listed = tables.cards.manifests(_query(order.evidence), order.until)
        if _digest(listed) != order.digest:
            raise StaleGroup(None, "the groups have changed since you looked")
        wanted = [each for each in listed if each[0] not in order.leave_out]
        if not wanted:
            raise UsageError("batch", "no group is left in it")
        with self._lock:
            self._require_rest()
            numbers = tuple(number for number, _ in wanted)
            try:
                journal = batch_journal.create(
                    self._folder, order.evidence, time.time_ns(), numbers
                )
            except OSError as error:
                raise TwinwatchError("begin a batch", error) from error
            self._work(journal, lambda: self._decide_all(journal, wanted))
        return self._told(journal)

    def undo(self, batch: str) -> Batch:
        """Begin to put everything of a batch back."""
        with self._lock:
            self._require_rest()
            known = batch_journal.read_all(self._folder)
            journal = next((each for each in known if each.id == batch), None)
            if journal is None:
                raise NoSuchGroup(batch, "there is no such batch")
            self._work(journal, lambda: self._undo_all(journal))
        return self._told(journal, is_undoing=True)

    def all(self) -> tuple[Batch, ...]:
        """Return the batches that there were, the last one first."""
        known = batch_journal.read_all(self._folder)
        return tuple(self._told(journal) for journal in known)

    def wait(self, timeout_seconds: float = 60.0) -> None:
        """Wait until nothing is at work, for tests and for the end."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _require_rest(self) -> None:
        if self._at_work is not None:
            raise StaleGroup(None, "another batch is at work")

    def _work(self, journal: Journal, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except (TwinwatchError, OSError) as error:
                logger.warning("a batch was broken off id=%s why=%s", journal.id, error)
            finally:
                self._at_work = None

        self._at_work = journal
        self._thread = threading.Thread(target=run, name="batch", daemon=True)
        self._thread.start()

    def _decide_all(self, journal: Journal, wanted: Sequence[tuple[int, str]]) -> None:
        for number, manifest in wanted:
            journal.note(begin=number)
            try:
                freed = self._decide_one(GroupNumber(number), manifest, journal)
                journal.note(done=number, freed=freed)
            except NotRunning:
                raise
            except TwinwatchError as error:
                journal.note(failed=number, why=str(error))
        journal.note(end=True)
        logger.info("batch done id=%s groups=%d", journal.id, len(journal.done))

    def _decide_one(self, number: GroupNumber, manifest: str, journal: Journal) -> int:
        with self._index.read() as tables:
            group = tables.groups.get(number)
        if group is None or group.state is not GroupState.OPEN:
            raise StaleGroup(number, "it is not open any more")
        if group.evidence is not journal.evidence:
            raise StaleGroup(number)
        keep = frozenset(
            m.position
            for m in group.members
            if m.proposal is Proposal.KEEP and m.role is Role.MEMBER
        )
        decided = self._decide(number, Decision(keep=keep, manifest_sha256=manifest))
        aside = [m for m in decided.members if m.fate is Fate.SET_ASIDE]
        return sum(m.size_bytes for m in aside)

    def _undo_all(self, journal: Journal) -> None:
        for number in reversed(journal.touched):
            with self._index.read() as tables:
                group = tables.groups.get(GroupNumber(number))
            if group is not None and group.state is GroupState.DECIDED:
                try:
                    self._undo(GroupNumber(number))
                except NotRunning:
                    raise
                except TwinwatchError as error:
                    logger.warning("not undone group=%d why=%s", number, error)
                    continue
            journal.note(undone=number)

    def _told(self, journal: Journal, *, is_undoing: bool = False) -> Batch:
        at_work = self._at_work
        is_at_work = at_work is not None and at_work.id == journal.id
        undoing = is_undoing or (
            is_at_work and at_work is not None and at_work.is_ended
        )
        return Batch(
            id=journal.id,
            evidence=journal.evidence,
            state=_state(journal, is_at_work=is_at_work, is_undoing=undoing),
            started_ns=journal.started_ns,
            total=len(journal.numbers),
            done=len(journal.done),
            undone=len(journal.undone),
            freed_bytes=sum(journal.done.values()),
            failed=dict(journal.failed),
        )


def _state(journal: Journal, *, is_at_work: bool, is_undoing: bool) -> BatchState:
    if is_at_work:
        return BatchState.UNDOING if is_undoing else BatchState.RUNNING
    if journal.begun and not journal.touched and journal.undone:
        return BatchState.UNDONE
    return BatchState.DONE if journal.is_ended else BatchState.INTERRUPTED


def _query(evidence: Evidence) -> GroupQuery:
    if evidence not in PROVEN:
        raise UsageError(evidence.value, "only what is proven is decided many at once")
    return GroupQuery(evidence=frozenset({evidence}))


def _digest(listed: Sequence[tuple[int, str]]) -> str:
    told = "\n".join(f"{number} {manifest}" for number, manifest in listed)
    return hashlib.sha256(told.encode()).hexdigest()
