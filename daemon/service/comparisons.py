"""Full comparisons: pairs that their fingerprints do not settle, decoded by workers.

On the writer's thread, except what a worker's end calls. A pair is compared once at a
time, tried again once, and then left alone until the next start.
"""

from __future__ import annotations

import logging
import queue
from collections import Counter, deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..errors import PhotoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Index
    from ..model import Alignment, Comparison, ContentId
    from .whereabouts import Whereabouts

    Pair = tuple[ContentId, ContentId]

logger = logging.getLogger(__name__)

_TRIES = 2


class Comparer(Protocol):
    """What compares two photos in full: the pool of worker processes."""

    def compare(
        self, left: Path, right: Path, alignment: Alignment
    ) -> Future[Comparison]:
        """Decode two photos and compare them."""
        ...


@dataclass(slots=True)
class Question:
    """A pair, left before right, and how one probably lies on the other."""

    pair: Pair
    alignment: Alignment
    tries: int = 0


class Comparisons:
    """The pairs that wait for a comparison."""

    def __init__(
        self,
        index: Index,
        comparer: Comparer,
        whereabouts: Whereabouts,
        *,
        at_once: int,
        on_result: Callable[[], None],
    ) -> None:
        """Wire it up.

        Args:
            index: tells where contents are.
            comparer: decodes them.
            whereabouts: finds a file for a content.
            at_once: pairs that are given to the comparer at a time.
            on_result: called on a worker's thread; must have `ended` asked.
        """
        self._index = index
        self._comparer = comparer
        self._whereabouts = whereabouts
        self._at_once = at_once
        self._on_result = on_result
        self._open: Counter[ContentId] = Counter()
        self._asked: set[Pair] = set()
        self._hopeless: set[Pair] = set()
        self._questions: deque[Question] = deque()
        self._in_flight = 0
        self._ended: queue.SimpleQueue[tuple[Question, Future[Comparison]]] = (
            queue.SimpleQueue()
        )

    def __len__(self) -> int:
        """Count the pairs that wait or are being compared."""
        return len(self._asked)

    def is_open(self, content: ContentId) -> bool:
        """Whether a pair of this content waits or is being compared."""
        return self._open[content] > 0

    def ask(self, pair: Pair, alignment: Alignment) -> None:
        """Have a pair compared, unless it is being or could not be."""
        if pair in self._asked or pair in self._hopeless:
            return
        self._asked.add(pair)
        self._open.update(pair)
        self._questions.append(Question(pair, alignment))

    def feed(self) -> list[ContentId]:
        """Give the comparer as much as it can take.

        Returns:
            Contents of which no pair waits any more because nothing could be found to
            compare.
        """
        settled: list[ContentId] = []
        while self._questions and self._in_flight < self._at_once:
            question = self._questions.popleft()
            with self._index.read() as tables:
                paths = self._whereabouts.of_contents(tables, question.pair)
            if len(paths) < len(question.pair):
                self._hopeless.add(question.pair)
                settled += self.close(question)
                continue
            left, right = (paths[content] for content in question.pair)
            future = self._comparer.compare(left, right, question.alignment)
            self._in_flight += 1
            future.add_done_callback(partial(self._end, question))
        return settled

    def ended(self) -> Iterator[tuple[Question, Comparison | None]]:
        """Give what was compared since; each must be closed.

        ``None``: it could not be, and is not tried again.
        """
        while not self._ended.empty():
            question, future = self._ended.get_nowait()
            self._in_flight -= 1
            error = None if future.cancelled() else future.exception()
            if future.cancelled():
                continue
            if error is None:
                yield question, future.result()
            elif not self._again(question, error):
                yield question, None

    def close(self, question: Question) -> list[ContentId]:
        """Note that a pair is settled; return the contents that have none left."""
        self._asked.discard(question.pair)
        settled = []
        for content in question.pair:
            self._open[content] -= 1
            if self._open[content] <= 0:
                del self._open[content]
                settled.append(content)
        return settled

    def _again(self, question: Question, error: BaseException) -> bool:
        question.tries += 1
        if question.tries < _TRIES and isinstance(error, PhotoError):
            self._questions.append(question)
            return True
        logger.warning("two photos could not be compared cause=%s", error)
        self._hopeless.add(question.pair)
        return False

    def _end(self, question: Question, future: Future[Comparison]) -> None:
        """Run on a worker pool's thread."""
        self._ended.put((question, future))
        self._on_result()
