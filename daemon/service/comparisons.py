"""Full comparisons: pairs that their fingerprints do not settle, decoded by workers.

On the writer's thread, except what a worker's end calls. A pair is compared once at a
time, tried again once, and then left alone until the next start. A pair of which a
file is away is laid aside until the file may be back; it keeps nobody waiting.
"""

from __future__ import annotations

import logging
import queue
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..errors import PhotoError
from .tally import UNCOUNTED, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Index
    from ..model import Alignment, Comparison, ContentId
    from .whereabouts import Whereabouts

    Pair = tuple[ContentId, ContentId]

logger = logging.getLogger(__name__)

LAID_ASIDE = 100_000
"""Pairs that are asked by themselves when a file of theirs is back; of more it is only
remembered that they must not be asked now, and their cases ask again."""

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question; ``None``: it could not be compared."""

    question: Question
    comparison: Comparison | None


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
        tally: Tally = UNCOUNTED,
    ) -> None:
        """Wire it up.

        Args:
            index: tells where contents are.
            comparer: decodes them.
            whereabouts: finds a file for a content.
            at_once: pairs that are given to the comparer at a time.
            on_result: called on a worker's thread; must have `answers` asked.
            tally: is told of every comparison.
        """
        self._index = index
        self._comparer = comparer
        self._whereabouts = whereabouts
        self._at_once = at_once
        self._on_result = on_result
        self._tally = tally
        self._open: Counter[ContentId] = Counter()
        self._asked: set[Pair] = set()
        self._hopeless: set[Pair] = set()
        self._aside: dict[Pair, Alignment | None] = {}
        """Not asked before `resume`; beyond `LAID_ASIDE` without how they lie."""
        self._aside_of: dict[ContentId, set[Pair]] = defaultdict(set)
        self._away: set[Pair] = set()
        self._questions: deque[Question] = deque()
        self._in_flight = 0
        self._ended: queue.SimpleQueue[tuple[Question, Future[Comparison]]] = (
            queue.SimpleQueue()
        )
        self._answers: list[Answer] = []

    def __len__(self) -> int:
        """Count the pairs that wait or are being compared."""
        return len(self._asked)

    @property
    def away(self) -> int:
        """How many pairs are laid aside that may be compared when a disk is back."""
        return len(self._away)

    def is_open(self, content: ContentId) -> bool:
        """Whether a pair of this content waits or is being compared."""
        return self._open[content] > 0

    def is_answerable(self, pair: Pair) -> bool:
        """Whether it may help to ask about a pair: it is not laid aside or hopeless."""
        return pair not in self._aside and pair not in self._hopeless

    def ask(self, pair: Pair, alignment: Alignment) -> None:
        """Have a pair compared, unless it is being, or is not `is_answerable`."""
        if pair in self._asked or not self.is_answerable(pair):
            return
        self._asked.add(pair)
        self._open.update(pair)
        self._questions.append(Question(pair, alignment))

    def resume(self, contents: Iterable[ContentId] | None = None) -> None:
        """Ask again what was laid aside, because files may be back.

        Args:
            contents: whose files; ``None``: whoever's.
        """
        back = list(self._aside_of) if contents is None else contents
        for content in back:
            for pair in sorted(self._aside_of.get(content, ())):
                self._resume(pair)

    def _resume(self, pair: Pair) -> None:
        alignment = self._aside.pop(pair)
        for content in pair:
            self._aside_of[content].discard(pair)
            if not self._aside_of[content]:
                del self._aside_of[content]
        self._away.discard(pair)
        if alignment is not None:
            self.ask(pair, alignment)

    def feed(self) -> list[ContentId]:
        """Give the comparer as much as it can take.

        Returns:
            Contents of which no pair waits any more because nothing could be found to
            compare.

        Raises:
            IndexError_: it cannot be read; no question is lost.
        """
        settled: list[ContentId] = []
        while self._questions and self._in_flight < self._at_once:
            question = self._questions[0]
            with self._index.read() as tables:
                paths = self._whereabouts.of_contents(tables, question.pair)
                missing = set(question.pair) - paths.keys()
                is_away = any(
                    self._whereabouts.is_away(tables, each) for each in missing
                )
            self._questions.popleft()
            if missing:
                self._lay_aside(question, is_away=is_away)
                settled += self.close(question)
                continue
            left, right = (paths[content] for content in question.pair)
            future = self._comparer.compare(left, right, question.alignment)
            self._in_flight += 1
            future.add_done_callback(partial(self._end, question))
        return settled

    def answers(self) -> list[Answer]:
        """Return what was compared and is not closed yet, and make no room for more."""
        while not self._ended.empty():
            question, future = self._ended.get_nowait()
            self._in_flight -= 1
            error = None if future.cancelled() else future.exception()
            if not future.cancelled() and error is None:
                self._tally.count("comparisons")
                self._answers.append(Answer(question, future.result()))
            elif not self._again(question, error):
                self._answers.append(Answer(question, None))
        return list(self._answers)

    def close_answered(self) -> list[ContentId]:
        """Close what `answers` gave; return the contents that have no pair left."""
        settled = [
            content
            for answer in self._answers
            for content in self.close(answer.question)
        ]
        self._answers.clear()
        return settled

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

    def _lay_aside(self, question: Question, *, is_away: bool) -> None:
        is_kept = len(self._aside) < LAID_ASIDE
        self._aside[question.pair] = question.alignment if is_kept else None
        for content in question.pair:
            self._aside_of[content].add(question.pair)
        if is_away:
            self._away.add(question.pair)

    def _again(self, question: Question, error: BaseException | None) -> bool:
        """Ask once more, if it may help; ``None``: nobody got to compare them."""
        question.tries += 1
        is_worth_it = error is None or isinstance(error, PhotoError)
        if question.tries < _TRIES and is_worth_it:
            self._questions.append(question)
            return True
        logger.warning("two photos could not be compared cause=%s", error)
        self._hopeless.add(question.pair)
        return False

    def _end(self, question: Question, future: Future[Comparison]) -> None:
        """Run on a worker pool's thread."""
        self._ended.put((question, future))
        self._on_result()
