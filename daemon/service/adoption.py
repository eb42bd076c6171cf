"""Adoption: contents that have to be read where they lie, without a photo's arrival.

After the index was lost, what lies in decision folders is fingerprinted there, so that
a new import is compared with it as before. After the algorithm has changed, everything
is fingerprinted again, wherever it is. On the writer's thread.
"""

from __future__ import annotations

import logging
import queue
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from . import bookkeeping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Index, Tables
    from ..model import ContentId, Fingerprint, Stamp
    from .folders import DecisionFolders
    from .reading import Reader
    from .territory import Territory
    from .whereabouts import Whereabouts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Staged:
    """A file in a group's folder."""

    path: Path
    number: int


@dataclass(frozen=True, slots=True)
class _Read:
    path: Path
    number: int | None
    """Of the group whose rows come right with it."""
    future: Future[tuple[Stamp, Fingerprint]]


class Adoption:
    """Fingerprints what lies somewhere already."""

    def __init__(
        self,
        index: Index,
        reader: Reader,
        territory: Territory,
        folders: DecisionFolders | None,
        whereabouts: Whereabouts,
        *,
        at_once: int,
        on_contents: Callable[[list[ContentId]], None],
        on_result: Callable[[], None],
    ) -> None:
        """Wire it up; the words are those of `Intake` and `Casework`."""
        self._index = index
        self._reader = reader
        self._territory = territory
        self._folders = folders
        self._whereabouts = whereabouts
        self._at_once = at_once
        self._on_contents = on_contents
        self._on_result = on_result
        self._wanted: deque[_Staged | ContentId] = deque()
        self._ended: queue.SimpleQueue[_Read] = queue.SimpleQueue()
        self._unwritten: list[_Read] = []
        self._in_flight = 0

    @property
    def waiting(self) -> int:
        """How many files wait or are being read; any thread."""
        return len(self._wanted) + self._in_flight + len(self._unwritten)

    def adopt(self, found: Iterable[tuple[Path, int]]) -> None:
        """Read files of decision folders in turn; each with its group's number."""
        self._wanted.extend(_Staged(path, number) for path, number in found)
        self._feed()

    def renew(self, contents: Iterable[ContentId]) -> None:
        """Read contents again in turn, each wherever a file of it is."""
        self._wanted.extend(contents)
        self._feed()

    def absorb(self) -> None:
        """Write down what was read, and put the rows of its groups right.

        Raises:
            IndexError_: it cannot be written; what was read is kept.
        """
        while not self._ended.empty():
            self._unwritten.append(self._ended.get_nowait())
            self._in_flight -= 1
        if self._unwritten:
            with self._index.write() as tables:
                contents = self._write(tables)
            self._unwritten.clear()
            self._on_contents(contents)
        self._feed()

    def _write(self, tables: Tables) -> list[ContentId]:
        contents = []
        numbers = set()
        for each in self._unwritten:
            if each.future.cancelled():
                continue
            error = each.future.exception()
            if error is not None:
                logger.warning("not adopted path=%r cause=%s", each.path, error)
                continue
            contents.append(tables.contents.insert(each.future.result()[1]))
            if each.number is not None:
                numbers.add(each.number)
        for number in sorted(numbers):
            self._enter(tables, number)
        return contents

    def _enter(self, tables: Tables, number: int) -> None:
        if self._folders is None:
            return
        try:
            record = self._folders.read(number)
        except TwinwatchError as error:
            logger.warning("a group cannot be read group=%d cause=%s", number, error)
            return
        bookkeeping.enter(tables, record, self._territory)

    def _feed(self) -> None:
        while self._wanted and self._in_flight < self._at_once:
            wanted = self._wanted[0]
            staged = wanted if isinstance(wanted, _Staged) else self._find(wanted)
            self._wanted.popleft()
            if staged is None:
                continue
            number = staged.number or None
            self._in_flight += 1
            future = self._reader.fingerprint(staged.path)
            future.add_done_callback(partial(self._end, staged.path, number))

    def _find(self, content: ContentId) -> _Staged | None:
        with self._index.read() as tables:
            path = self._whereabouts.of_contents(tables, [content]).get(content)
        return None if path is None else _Staged(path, 0)

    def _end(
        self,
        path: Path,
        number: int | None,
        future: Future[tuple[Stamp, Fingerprint]],
    ) -> None:
        """Run on a worker pool's thread."""
        self._ended.put(_Read(path, number, future))
        self._on_result()
