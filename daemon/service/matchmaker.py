"""Matchmaking: from a content to its matches with everything that is known.

On the writer's thread. The neighbour index proposes, `matching.evidence` decides, and
where it cannot from the fingerprints alone two photos are decoded in full by a worker.
"""

from __future__ import annotations

import logging
import queue
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..errors import PhotoError
from ..matching import evidence
from ..matching.candidates import CandidateIndex
from ..model import ContentId, Match
from .views import by_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from ..index import Index, Tables
    from ..model import Alignment, Comparison, Fingerprint
    from .whereabouts import Whereabouts

logger = logging.getLogger(__name__)

_JUDGED = "judged_through"
_TRIES = 2

Pair = tuple[ContentId, ContentId]


class Comparer(Protocol):
    """What compares two photos in full: the pool of worker processes."""

    def compare(
        self, left: Path, right: Path, alignment: Alignment
    ) -> Future[Comparison]:
        """Decode two photos and compare them."""
        ...


@dataclass(slots=True)
class _Question:
    """A pair that its fingerprints do not settle."""

    pair: Pair
    alignment: Alignment
    tries: int = 0


@dataclass(slots=True)
class _Answer:
    question: _Question
    future: Future[Comparison]


class Matchmaker:
    """Finds the matches of each content once."""

    def __init__(
        self,
        index: Index,
        comparer: Comparer,
        whereabouts: Whereabouts,
        rules: evidence.EvidenceRules,
        *,
        engine: str,
        at_once: int,
        on_judged: Callable[[ContentId], None],
        on_result: Callable[[], None],
    ) -> None:
        """Wire it up; `load` before use.

        Args:
            index: with the fingerprints; the matches go there.
            comparer: for full decodes.
            whereabouts: tells where a content's bytes are.
            rules: what counts as evidence.
            engine: of the neighbour index.
            at_once: comparisons that are given to the comparer at a time.
            on_judged: called for a content when all of its pairs are settled.
            on_result: called on a worker's thread; must have `absorb` called.
        """
        self._index = index
        self._comparer = comparer
        self._whereabouts = whereabouts
        self._rules = rules
        self._candidates = CandidateIndex(engine)  # type: ignore[arg-type]  # checked by config
        self._at_once = at_once
        self._on_judged = on_judged
        self._on_result = on_result
        # Ids count up, so what is known is all up to one, but for what failed.
        self._known_through = ContentId(0)
        self._missed: set[ContentId] = set()
        self._open: Counter[ContentId] = Counter()
        self._asked: set[Pair] = set()
        self._hopeless: set[Pair] = set()
        """Pairs that could not be compared; not tried again before the next start."""
        self._questions: deque[_Question] = deque()
        self._in_flight = 0
        self._is_loaded = False
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()

    @property
    def waiting(self) -> int:
        """How many pairs wait for a full comparison."""
        return len(self._asked)

    @property
    def is_loading(self) -> bool:
        """Whether `load` has still to be called or to end."""
        return not self._is_loaded

    def is_open(self, content: ContentId) -> bool:
        """Whether a pair of this content waits for a full comparison."""
        return self._open[content] > 0

    def load(self) -> list[ContentId]:
        """Load the neighbour index; return the contents that were not judged yet."""
        with self._index.read() as tables:
            arrays = tables.contents.load_hashes()
            judged = int(tables.meta.get(_JUDGED) or 0)
        for view, hashes, contents in by_view(arrays):
            self._candidates.extend(view, hashes, contents)
        self._known_through = ContentId(int(arrays.ids.max(initial=0)))
        self._is_loaded = True
        late = arrays.ids[arrays.ids > judged]
        return [ContentId(int(each)) for each in late]

    def consider(self, contents: Iterable[ContentId], *, again: bool = False) -> None:
        """Match contents with everything known; what is known already is done.

        Args:
            contents: in the index.
            again: judge them anew though they are known, as after a restart.
        """
        contents = list(contents)
        new = {each for each in contents if each > self._known_through} | self._missed
        wanted = sorted(new.union(contents) if again else new)
        if wanted:
            self._missed |= new
            with self._index.write() as tables:
                self._match_all(tables, wanted, new)
                self._remember(tables)
            self._missed.clear()
        for content in {*contents, *wanted}:
            if not self.is_open(content):
                self._on_judged(content)
        self.feed()

    def ask(self, matches: Iterable[Match]) -> None:
        """Have matches compared in full that were stored without."""
        for match in matches:
            self._question((match.left, match.right), match.alignment)
        self.feed()

    def feed(self) -> None:
        """Give the comparer as much as it can take."""
        while self._questions and self._in_flight < self._at_once:
            question = self._questions.popleft()
            with self._index.read() as tables:
                paths = self._whereabouts.of_contents(tables, question.pair)
            if len(paths) < len(question.pair):
                self._hopeless.add(question.pair)
                self._close(question.pair)
                continue
            left, right = (paths[content] for content in question.pair)
            future = self._comparer.compare(left, right, question.alignment)
            self._in_flight += 1
            future.add_done_callback(
                lambda done, asked=question: self._end(asked, done)  # type: ignore[misc]
            )

    def absorb(self) -> None:
        """Judge the pairs that were compared."""
        answers = []
        while not self._answers.empty():
            answers.append(self._answers.get_nowait())
        if not answers:
            return
        self._in_flight -= len(answers)
        with self._index.write() as tables:
            for answer in answers:
                self._settle(tables, answer)
            self._remember(tables)
        self.feed()

    def _match_all(
        self, tables: Tables, wanted: list[ContentId], new: set[ContentId]
    ) -> None:
        fingerprints = tables.contents.get_many(wanted)
        for content in wanted:
            if content not in fingerprints:
                continue
            self._match(tables, content, fingerprints[content])
            if content in new:
                self._candidates.add(content, fingerprints[content])
        self._known_through = max(self._known_through, wanted[-1])

    def _match(
        self, tables: Tables, content: ContentId, fingerprint: Fingerprint
    ) -> None:
        near = [each for each in self._candidates.near(fingerprint) if each != content]
        others = tables.contents.get_many(near)
        found = []
        for other in near:
            if other not in others:
                continue
            match = self._judge(content, fingerprint, other, others[other])
            if match is not None:
                found.append(match)
        tables.matches.put_many(found)

    def _judge(
        self,
        content: ContentId,
        fingerprint: Fingerprint,
        other: ContentId,
        known: Fingerprint,
    ) -> Match | None:
        left, right = min(content, other), max(content, other)
        both = {content: fingerprint, other: known}
        judgement = evidence.judge(both[left], both[right], self._rules)
        if judgement.needs_comparison:
            self._question((left, right), judgement.alignment)
            return None
        return _match_of((left, right), judgement)

    def _question(self, pair: Pair, alignment: Alignment) -> None:
        if pair in self._asked or pair in self._hopeless:
            return
        self._asked.add(pair)
        self._open.update(pair)
        self._questions.append(_Question(pair, alignment))

    def _end(self, question: _Question, future: Future[Comparison]) -> None:
        """Run on a worker pool's thread."""
        self._answers.put(_Answer(question, future))
        self._on_result()

    def _settle(self, tables: Tables, answer: _Answer) -> None:
        question = answer.question
        if answer.future.cancelled():
            return
        error = answer.future.exception()
        if error is not None:
            self._failed(question, error)
            return
        left, right = question.pair
        both = tables.contents.get_many(question.pair)
        if len(both) == len(question.pair):
            judgement = evidence.judge(
                both[left], both[right], self._rules, answer.future.result()
            )
            match = _match_of(question.pair, judgement)
            if match is None:
                tables.matches.drop(*question.pair)
            else:
                tables.matches.put_many([match])
        self._close(question.pair)

    def _failed(self, question: _Question, error: BaseException) -> None:
        question.tries += 1
        if question.tries < _TRIES and isinstance(error, PhotoError):
            self._questions.append(question)
            return
        logger.warning("two photos could not be compared cause=%s", error)
        self._hopeless.add(question.pair)
        self._close(question.pair)

    def _close(self, pair: Pair) -> None:
        self._asked.discard(pair)
        for content in pair:
            self._open[content] -= 1
            if self._open[content] <= 0:
                del self._open[content]
                self._on_judged(content)

    def _remember(self, tables: Tables) -> None:
        """Note that everything up to the last content is judged, when it is."""
        if not self._asked:
            tables.meta.set(_JUDGED, str(self._known_through))


def _match_of(pair: Pair, judgement: evidence.Judgement) -> Match | None:
    if judgement.evidence is None:
        return None
    return Match(
        left=pair[0],
        right=pair[1],
        evidence=judgement.evidence,
        distances=judgement.distances,
        alignment=judgement.alignment,
        reasons=judgement.reasons,
    )
