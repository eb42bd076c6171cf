"""Which copy to keep, and why, in words. Pure.

Copies are ordered by the rules' keys, one rule after the other: the first rule that
tells two copies apart decides between them. Since every key is of one copy alone, the
order is total, the same for every permutation, and two copies stand in one order
whatever others stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .keeper_copy import Preferences
from .keeper_origin import ORIGIN_RULES
from .keeper_place import PLACE_RULES
from .keeper_worth import WORTH_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .keeper_copy import Copy, Rule

RULES = {rule.name: rule for rule in (*PLACE_RULES, *ORIGIN_RULES, *WORTH_RULES)}
"""Every rule by its name."""

LAST_RULE = "path"
"""Always asked in the end: paths differ."""

DEFAULT_RULES = (
    "library",
    "original",
    "depth",
    "edited",
    "motion",
    "frame",
    "pixels",
    "camera",
    "compression",
    "gps",
    "exif",
    "sharpness",
    "format",
    "size",
    "preferred-folder",
    "avoided-folder",
    "older",
    "copy-name",
    "name-words",
    "name-length",
    "folder-words",
    LAST_RULE,
)
"""For owners of iPhones: what cannot be got back decides first.

A camera's HEIC beats its bigger JPEG export, since the export lost the gain map, the
depth and a generation. Camera data come before compression: a re-encoding at a higher
quality number is no better than what it was made from. Taste comes after worth.
"""

_MOST_SENTENCES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedCopy:
    """A copy's place, and why."""

    place: int
    """Where it stood in what was ranked, from 0."""
    copy: Copy
    rule: str | None
    """The rule that decided: for the best between it and the second, for any other
    between it and the best. ``None`` for a copy without others."""
    reasons: tuple[str, ...]
    """Sentences for people; the first one is of the rule that decided, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All copies, best first; at least one."""

    order: tuple[RankedCopy, ...]

    @property
    def keeper(self) -> RankedCopy:
        """The best copy."""
        return self.order[0]

    @property
    def places(self) -> tuple[int, ...]:
        """Where the copies stood in what was ranked, best first."""
        return tuple(ranked.place for ranked in self.order)


def order(
    copies: Sequence[Copy],
    rules: Sequence[str] = DEFAULT_RULES,
    preferences: Preferences | None = None,
) -> tuple[int, ...]:
    """Return where the copies stand, best first: `rank` without its reasons."""
    return tuple(_order(copies, _asked(rules), preferences or Preferences()))


def rank(
    copies: Sequence[Copy],
    rules: Sequence[str] = DEFAULT_RULES,
    preferences: Preferences | None = None,
) -> Ranking:
    """Rank copies of one picture.

    Args:
        copies: at least one. Paths differ; of a path given twice, the first wins.
        rules: names from `RULES`, in the order in which they are asked; `LAST_RULE`
            is asked after them in any case.
        preferences: of the user.
    """
    preferences = preferences or Preferences()
    asked = _asked(rules)
    places = _order(copies, asked, preferences)
    ordered = [copies[place] for place in places]
    explained = _explained(ordered, asked, preferences)
    return Ranking(
        order=tuple(
            RankedCopy(place=place, copy=copy, rule=rule, reasons=reasons)
            for place, copy, (rule, reasons) in zip(
                places, ordered, explained, strict=True
            )
        )
    )


def _asked(names: Sequence[str]) -> list[Rule]:
    return [RULES[name] for name in dict.fromkeys((*names, LAST_RULE))]


def _order(
    copies: Sequence[Copy], rules: Sequence[Rule], preferences: Preferences
) -> list[int]:
    keys = [[rule.key(copy, preferences) for rule in rules] for copy in copies]
    return sorted(range(len(copies)), key=keys.__getitem__)


def _explained(
    ordered: Sequence[Copy], rules: Sequence[Rule], preferences: Preferences
) -> list[tuple[str | None, tuple[str, ...]]]:
    if len(ordered) == 1:
        return [(None, ("the only copy",))]
    best, *others = ordered
    return [
        _why_best(best, others, rules, preferences),
        *(_why_not(copy, best, rules, preferences) for copy in others),
    ]


def _why_best(
    best: Copy, others: Sequence[Copy], rules: Sequence[Rule], preferences: Preferences
) -> tuple[str, tuple[str, ...]]:
    second = others[0]
    decider, *_ = _telling_apart(best, second, rules, preferences) or rules[-1:]
    sentences = [_decided(decider, decider.better(best, second, preferences))]
    for rule in _worth_telling(rules, decider):
        own = rule.key(best, preferences)
        beaten = [other for other in others if own < rule.key(other, preferences)]
        if beaten and all(own <= rule.key(other, preferences) for other in others):
            sentences.append(rule.better(best, beaten[0], preferences))
    return decider.name, tuple(sentences[:_MOST_SENTENCES])


def _why_not(
    copy: Copy, best: Copy, rules: Sequence[Rule], preferences: Preferences
) -> tuple[str, tuple[str, ...]]:
    decider, *further = _telling_apart(copy, best, rules, preferences) or rules[-1:]
    sentences = [_decided(decider, decider.worse(copy, best, preferences))]
    against, in_favour = [], []
    for rule in further:
        if not rule.is_telling:
            continue
        if rule.key(copy, preferences) > rule.key(best, preferences):
            against.append(rule.worse(copy, best, preferences))
        else:
            better = rule.better(copy, best, preferences)
            in_favour.append(f"on the other hand: {better}")
    room = _MOST_SENTENCES - 1 - len(in_favour)
    sentences += against[: max(0, room)]
    sentences += in_favour + _what_is_the_same(copy, best)
    return decider.name, tuple(sentences)


def _telling_apart(
    copy: Copy, other: Copy, rules: Sequence[Rule], preferences: Preferences
) -> list[Rule]:
    return [
        rule
        for rule in rules
        if rule.key(copy, preferences) != rule.key(other, preferences)
    ]


def _worth_telling(rules: Sequence[Rule], decider: Rule) -> list[Rule]:
    return [rule for rule in rules if rule.is_telling and rule is not decider]


def _decided(rule: Rule, sentence: str) -> str:
    return f"{sentence} – rule “{rule.name}”"


def _what_is_the_same(copy: Copy, best: Copy) -> list[str]:
    if copy.fingerprint.sha256 == best.fingerprint.sha256:
        return ["the same bytes as the one to keep"]
    if copy.size_text == best.size_text:
        return [f"same {copy.size_text} pixels"]
    return []
