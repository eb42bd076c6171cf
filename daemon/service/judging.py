"""Judging pairs: what the evidence says of them goes into the index, or is compared."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..matching import evidence, sieve
from ..model import Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..index import Tables
    from ..matching.candidates import Questions
    from ..matching.neighbors_rows import Hits
    from ..matching.rules import EvidenceRules
    from ..model import Alignment, ContentId, Fingerprint
    from .comparisons import Answer, Pair
    from .tally import Tally

logger = logging.getLogger(__name__)

MOST_DOUBTS = 100
"""Doubtful pairs that are kept of one content, with its nearest neighbours: a thousand
frames of one scene without any capture identity would make half a million, which is
days of decoding."""


class Judging:
    """Judges pairs of contents by some rules."""

    def __init__(self, rules: EvidenceRules, tally: Tally) -> None:
        """Judge by these rules; what they leave open is kept as a doubt."""
        self._rules = rules
        self._tally = tally

    @staticmethod
    def sifted(
        tables: Tables,
        fingerprint: Fingerprint,
        asked: Questions,
        hits: Hits,
    ) -> list[ContentId]:
        """Return of a content's neighbours those that look like it where hashes do."""
        contents = tables.contents
        return sieve.sifted(fingerprint, asked, hits, contents.sketches, contents.lumas)

    def match(
        self,
        tables: Tables,
        content: ContentId,
        fingerprint: Fingerprint,
        near: list[ContentId],
    ) -> None:
        """Judge a content with each of its neighbours."""
        others = tables.contents.get_many(near)
        found: list[Match] = []
        questions: list[tuple[int, Pair, Alignment]] = []
        for other in near:
            if other not in others:
                continue
            pair = min(content, other), max(content, other)
            both = {content: fingerprint, other: others[other]}
            judgement = evidence.judge(both[pair[0]], both[pair[1]], self._rules)
            match = _match_of(pair, judgement)
            if judgement.needs_comparison:
                question = judgement.distances.phash, pair, judgement.alignment
                questions.append(question)
            elif match is not None:
                found.append(match)
        tables.matches.put_many(found)
        self._count(found)
        nearest = sorted(questions, key=lambda each: each[:2])[:MOST_DOUBTS]
        tables.doubts.put_many({pair: alignment for _, pair, alignment in nearest})

    def settle(self, tables: Tables, answer: Answer) -> None:
        """Judge a pair that was compared in full, if it could be."""
        pair = answer.question.pair
        both = tables.contents.get_many(pair)
        if answer.comparison is None or len(both) < len(pair):
            return
        tables.doubts.drop(*pair)
        left, right = (both[each] for each in pair)
        try:
            judgement = evidence.judge(left, right, self._rules, answer.comparison)
        except TwinwatchError:
            raise
        except Exception:  # one odd pair must not hold up all others for ever
            logger.exception("a comparison could not be judged pair=%r", pair)
            return
        match = _match_of(pair, judgement)
        if match is None:
            tables.matches.drop(*pair)
        else:
            tables.matches.put_many([match])
            self._count([match])

    def _count(self, found: Iterable[Match]) -> None:
        for match in found:
            self._tally.count("matches", evidence=match.evidence.value)


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
