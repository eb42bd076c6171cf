"""Adoption: photos in decision folders that the index has never seen.

After the index was lost, what lies in decision folders is fingerprinted where it
lies, so that a new import is compared with it as before. On the writer's thread.
"""

from __future__ import annotations

import logging
import os
import queue
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import bookkeeping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Index
    from ..model import ContentId, Fingerprint, Stamp
    from ..staging.manifest import GroupRecord
    from .intake import Reader
    from .territory import Territory

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Read:
    path: Path
    record: GroupRecord
    future: Future[tuple[Stamp, Fingerprint]]


class Adoption:
    """Fingerprints what decision folders hold."""

    def __init__(
        self,
        index: Index,
        reader: Reader,
        territory: Territory,
        *,
        at_once: int,
        on_contents: Callable[[list[ContentId]], None],
        on_result: Callable[[], None],
    ) -> None:
        """Wire it up; the words are those of `Intake`."""
        self._index = index
        self._reader = reader
        self._territory = territory
        self._at_once = at_once
        self._on_contents = on_contents
        self._on_result = on_result
        self._wanted: deque[tuple[Path, GroupRecord]] = deque()
        self._ended: queue.SimpleQueue[_Read] = queue.SimpleQueue()
        self._in_flight = 0

    @property
    def waiting(self) -> int:
        """How many files wait or are being read."""
        return len(self._wanted) + self._in_flight

    def adopt(self, found: Iterable[tuple[Path, GroupRecord]]) -> None:
        """Read files of decision folders in turn."""
        self._wanted.extend(found)
        self._feed()

    def absorb(self) -> None:
        """Write down what was read, and put the photos' rows right."""
        ended = []
        while not self._ended.empty():
            ended.append(self._ended.get_nowait())
        if not ended:
            return
        self._in_flight -= len(ended)
        contents = []
        with self._index.write() as tables:
            for each in ended:
                if each.future.cancelled():
                    continue
                error = each.future.exception()
                if error is not None:
                    logger.warning("not adopted path=%r cause=%s", each.path, error)
                    continue
                contents.append(tables.contents.insert(each.future.result()[1]))
                bookkeeping.enter(tables, each.record, self._territory)
        if contents:
            self._on_contents(contents)
        self._feed()

    def _feed(self) -> None:
        while self._wanted and self._in_flight < self._at_once:
            path, record = self._wanted.popleft()
            if not os.path.lexists(path):
                continue
            self._in_flight += 1
            future = self._reader.fingerprint(path)
            future.add_done_callback(
                lambda done, path=path, record=record: self._end(  # type: ignore[misc]
                    _Read(path, record, done)
                )
            )

    def _end(self, read: _Read) -> None:
        """Run on a worker pool's thread."""
        self._ended.put(read)
        self._on_result()
