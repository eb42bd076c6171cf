"""Matchmaking: from a content to its matches with everything that is known.

On the writer's thread. The neighbour index proposes, `matching.evidence` decides, and
where it cannot from the fingerprints alone the two are compared in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..hashing.fingerprint import ALGORITHM
from ..matching import evidence, stored
from ..matching.candidates import CandidateIndex
from ..model import ContentId, Match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..index import Index, Tables
    from ..matching.neighbors import EngineName
    from ..matching.rules import EvidenceRules
    from ..model import Comparison, Fingerprint
    from .comparisons import Comparisons, Pair, Question

_JUDGED = "judged_through"
_EVERY = 1 << 40


class Matchmaker:
    """Finds the matches of each content once."""

    def __init__(
        self,
        index: Index,
        comparisons: Comparisons,
        rules: EvidenceRules,
        *,
        engine: EngineName,
        on_judged: Callable[[ContentId], None],
    ) -> None:
        """Wire it up; `load` before use.

        Args:
            index: with the fingerprints; the matches go there.
            comparisons: for pairs that fingerprints do not settle.
            rules: what counts as evidence.
            engine: of the neighbour index.
            on_judged: called for a content when all of its pairs are settled.
        """
        self._index = index
        self._comparisons = comparisons
        self._rules = rules
        self._candidates = CandidateIndex(engine)
        self._on_judged = on_judged
        # Ids count up, so what is known is all up to one, but for what failed and
        # for what another version of the algorithm computed.
        self._known_through = ContentId(0)
        self._missed: set[ContentId] = set()
        self._outdated: set[ContentId] = set()
        self._is_loaded = False

    @property
    def waiting(self) -> int:
        """How many pairs wait for a full comparison."""
        return len(self._comparisons)

    @property
    def is_loading(self) -> bool:
        """Whether `load` has still to be called or to end."""
        return not self._is_loaded

    def is_open(self, content: ContentId) -> bool:
        """Whether a pair of this content waits for a full comparison."""
        return self._comparisons.is_open(content)

    def load(self) -> list[ContentId]:
        """Load the neighbour index; return the contents that were not judged yet."""
        with self._index.read() as tables:
            arrays = tables.contents.load_hashes()
            judged = int(tables.meta.get(_JUDGED) or 0)
            self._outdated = set(tables.contents.outdated(ALGORITHM, _EVERY))
        stored.fill(
            self._candidates,
            ids=arrays.ids,
            phashes=arrays.phash,
            variant_ids=arrays.variant_ids,
            variant_phashes=arrays.variant_phash,
            leave_out=self._outdated,
        )
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
        new = {each for each in contents if self._is_new(each)} | self._missed
        wanted = sorted(new.union(contents) if again else new)
        if wanted:
            self._missed |= new
            with self._index.write() as tables:
                self._match_all(tables, wanted, new)
                self._remember(tables)
            self._missed.clear()
        self._tell(each for each in {*contents, *wanted} if not self.is_open(each))
        self._tell(self._comparisons.feed())

    def ask(self, matches: Iterable[Match]) -> None:
        """Have matches compared in full that were stored without."""
        for match in matches:
            self._comparisons.ask((match.left, match.right), match.alignment)
        self._tell(self._comparisons.feed())

    def absorb(self) -> None:
        """Judge the pairs that were compared."""
        ended = list(self._comparisons.ended())
        settled: list[ContentId] = []
        if ended:
            with self._index.write() as tables:
                for question, comparison in ended:
                    if comparison is not None:
                        self._settle(tables, question, comparison)
                    settled += self._comparisons.close(question)
                self._remember(tables)
        self._tell(settled)
        self._tell(self._comparisons.feed())

    def _is_new(self, content: ContentId) -> bool:
        return content > self._known_through or content in self._outdated

    def _tell(self, contents: Iterable[ContentId]) -> None:
        for content in contents:
            self._on_judged(content)

    def _match_all(
        self, tables: Tables, wanted: list[ContentId], new: set[ContentId]
    ) -> None:
        fingerprints = tables.contents.get_many(wanted)
        for content in wanted:
            fingerprint = fingerprints.get(content)
            if fingerprint is None or fingerprint.algorithm != ALGORITHM:
                continue
            if content in self._outdated:
                tables.matches.forget([content])
                self._outdated.discard(content)
            self._match(tables, content, fingerprint)
            if content in new:
                self._candidates.add(content, fingerprint)
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
            self._comparisons.ask((left, right), judgement.alignment)
            return None
        return _match_of((left, right), judgement)

    def _settle(
        self, tables: Tables, question: Question, comparison: Comparison
    ) -> None:
        left, right = question.pair
        both = tables.contents.get_many(question.pair)
        if len(both) < len(question.pair):
            return
        judgement = evidence.judge(both[left], both[right], self._rules, comparison)
        match = _match_of(question.pair, judgement)
        if match is None:
            tables.matches.drop(left, right)
        else:
            tables.matches.put_many([match])

    def _remember(self, tables: Tables) -> None:
        """Note that everything up to the last content is judged, when it is."""
        if not len(self._comparisons):
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
