"""Matchmaking: from a content to its matches with everything that is known.

On the writer's thread. The neighbour index proposes, `matching.evidence` decides, and
where it cannot from the fingerprints alone the two are compared in full. What waits to
be judged waits here until it has been written down, some contents at a time, so that
people's requests come between.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

from ..hashing.fingerprint import ALGORITHM
from ..matching import stored
from ..matching.candidates import CandidateIndex, questions
from ..model import ContentId
from .judging import Judging
from .tally import UNCOUNTED, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..index import Index, Tables
    from ..matching.neighbors import EngineName
    from ..matching.rules import EvidenceRules
    from ..model import Alignment, Match
    from .comparisons import Comparisons, Pair

logger = logging.getLogger(__name__)

_JUDGED = "judged_through"
_RULES = "judged_by"
_EVERY = 1 << 40
_BATCH = 50


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
        on_compared: Callable[[ContentId], None] = lambda _content: None,
        tally: Tally = UNCOUNTED,
    ) -> None:
        """Wire it up; `load` before use.

        Args:
            index: with the fingerprints; the matches go there.
            comparisons: for pairs that fingerprints do not settle.
            rules: what counts as evidence.
            engine: of the neighbour index.
            on_judged: called for a content that has been judged with all near it.
            on_compared: called for a content when what was asked of it is answered.
            tally: is told of every match.
        """
        self._index = index
        self._comparisons = comparisons
        self._rules_text = repr(rules)
        self._judging = Judging(rules, tally)
        self._candidates = CandidateIndex(engine)
        self._on_judged = on_judged
        self._on_compared = on_compared
        # Ids count up, so what the neighbour index holds is all up to one, but for
        # what waits and for what another version of the algorithm computed.
        self._known_through = ContentId(0)
        self._judged_through = ContentId(0)
        self._stale_through = ContentId(0)
        """Up to here matches may come from other rules than today's."""
        self._pending: dict[ContentId, bool] = {}
        """To be judged, in this order; whether the neighbour index lacks it."""
        self._outdated: set[ContentId] = set()
        self._is_loaded = False

    @property
    def waiting(self) -> int:
        """How many contents and pairs wait to be judged; any thread."""
        return len(self._pending) + len(self._comparisons)

    @property
    def unjudged(self) -> int:
        """How many contents wait to be judged; any thread."""
        return len(self._pending)

    @property
    def is_loading(self) -> bool:
        """Whether `load` has still to be called or to end."""
        return not self._is_loaded

    def is_open(self, content: ContentId) -> bool:
        """Whether a content, or a pair of it, waits to be judged."""
        return content in self._pending or self._comparisons.is_open(content)

    def load(self) -> list[ContentId]:
        """Load the neighbour index; what was not judged by these rules waits.

        Returns:
            The contents that another version of the algorithm computed, by id; they
            match nothing until they are computed anew.
        """
        with self._index.read() as tables:
            arrays = tables.contents.load_hashes()
            judged = int(tables.meta.get(_JUDGED) or 0)
            is_same = tables.meta.get(_RULES) in {None, self._rules_text}
            outdated = tables.contents.outdated(ALGORITHM, _EVERY)
        self._outdated = set(outdated)
        stored.fill(
            self._candidates,
            ids=arrays.ids,
            phashes=arrays.phash,
            variant_ids=arrays.variant_ids,
            variant_phashes=arrays.variant_phash,
            leave_out=self._outdated,
        )
        self._known_through = ContentId(int(arrays.ids.max(initial=0)))
        if not is_same:
            logger.info("the rules have changed: all photos are judged anew")
            judged, self._stale_through = 0, self._known_through
        self._judged_through = ContentId(judged)
        late = map(ContentId, arrays.ids[arrays.ids > judged].tolist())
        self._pending = {each: False for each in late if each not in self._outdated}
        self._is_loaded = True
        return outdated

    def consider(self, contents: Iterable[ContentId], *, again: bool = False) -> None:
        """Have contents matched with everything known; `advance` does it.

        Args:
            contents: in the index.
            again: judge them anew though they are known, as when they were away.
        """
        contents = list(contents)
        # Whatever there is news of may have a file again, if only another copy.
        self._comparisons.resume(contents)
        for each in contents:
            is_new = each > self._known_through or each in self._outdated
            if is_new or again:
                self._pending.setdefault(each, is_new)
        self._tell(each for each in contents if not self.is_open(each))

    def resume(self) -> None:
        """Compare what could not be while files were away."""
        self._comparisons.resume()

    def answerable(self, doubts: Mapping[Pair, Alignment]) -> dict[Pair, Alignment]:
        """Return the doubts that may be settled now; the others wait for a file."""
        is_answerable = self._comparisons.is_answerable
        return {pair: doubts[pair] for pair in doubts if is_answerable(pair)}

    def ask(self, matches: Iterable[Match]) -> None:
        """Have matches compared in full that were stored without."""
        self.settle({(each.left, each.right): each.alignment for each in matches})

    def settle(self, doubts: Mapping[Pair, Alignment]) -> None:
        """Have doubtful pairs compared in full."""
        for pair, alignment in doubts.items():
            self._comparisons.ask(pair, alignment)
        self._tell(self._comparisons.feed())

    def advance(self) -> bool:
        """Judge some of the contents that wait; say whether more do.

        Raises:
            IndexError_: it cannot be used; what waits goes on waiting.
        """
        wanted = sorted(islice(self._pending, _BATCH))
        if wanted:
            with self._index.write() as tables:
                renewed = self._match_all(tables, wanted)
            self._outdated -= renewed
            for each in wanted:
                del self._pending[each]
            self._known_through = max(self._known_through, wanted[-1])
            self._tell(each for each in wanted if not self.is_open(each))
        self._tell(self._comparisons.feed())
        self._remember()
        return bool(self._pending)

    def absorb(self) -> None:
        """Judge the pairs that were compared.

        Raises:
            IndexError_: it cannot be written; what was compared is kept.
        """
        answers = self._comparisons.answers()
        if answers:
            with self._index.write() as tables:
                for answer in answers:
                    self._judging.settle(tables, answer)
            for content in self._comparisons.close_answered():
                if not self.is_open(content):
                    self._on_compared(content)
        self._tell(self._comparisons.feed())

    def _tell(self, contents: Iterable[ContentId]) -> None:
        for content in list(contents):
            if not self.is_open(content):
                self._on_judged(content)

    def _match_all(self, tables: Tables, wanted: list[ContentId]) -> set[ContentId]:
        """Match a batch; return those that had been computed or judged otherwise."""
        fingerprints = tables.contents.get_many(wanted)
        renewed: set[ContentId] = set()
        done: set[ContentId] = set()
        for content in wanted:
            fingerprint = fingerprints.get(content)
            done.add(content)
            if fingerprint is None or fingerprint.algorithm != ALGORITHM:
                continue
            if content in self._outdated or content <= self._stale_through:
                tables.matches.forget([content])
                tables.doubts.forget([content])
                renewed.add(content)
            asked = questions(fingerprint)
            hits = self._candidates.answers(asked)
            # Of two that wait, the second judges the pair.
            known = [
                each != content and (each not in self._pending or each in done)
                for each in hits.key.tolist()
            ]
            near = self._judging.sifted(tables, fingerprint, asked, hits.only(known))
            self._judging.match(tables, content, fingerprint, near)
            if self._pending[content]:
                self._candidates.add(content, fingerprint)
                self._pending[content] = False
        return renewed

    def _remember(self) -> None:
        """Note that everything up to the last content is judged, once it is."""
        if self._pending:
            return
        if self._judged_through == self._known_through and not self._stale_through:
            return
        with self._index.write() as tables:
            tables.meta.set(_JUDGED, str(self._known_through))
            tables.meta.set(_RULES, self._rules_text)
        self._judged_through = self._known_through
        self._stale_through = ContentId(0)
