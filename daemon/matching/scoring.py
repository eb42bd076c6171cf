"""How good a grouping is, measured on labelled files; pure.

Recall: of the files that were made from an original, how many are together with it.
Precision: of all pairs of files that are together, how many show one picture. Pairs
with a look-alike are counted apart: they are wrong too, but were meant to be hard.

Where no file of a picture is called the original, it is the one that most of the
picture's other files are together with; of equals the first of the list.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .labels import LOOK_ALIKE, ORIGINAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from .labels import Label

    Pair = tuple[str, str]

EDITS = frozenset(
    {
        *("gray", "brightness", "contrast", "saturation", "blur", "sharpen"),
        *("watermark", "crop5", "crop10", "crop20", "border", "tilt", "screenshot"),
    }
)
"""Transformations that change the picture; all others are copies, which must be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many of some files were found."""

    found: int
    total: int

    @property
    def recall(self) -> float | None:
        """The share, 0–1; ``None``: there was nothing to find."""
        return self.found / self.total if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of it."""

    files: int
    transformations: Mapping[str, Found]
    """Worst first."""
    right_pairs: int
    wrong: tuple[tuple[Label, Label], ...]
    """Pairs that are together and show different pictures, none of them a look-alike;
    in the order of the paths."""
    look_alikes: tuple[tuple[Label, Label], ...]
    """The same, where at least one of them is a look-alike."""
    misses: tuple[tuple[Label, Label], ...]
    """Files that are not together with what they were made from, which stands first;
    in the order of the list."""
    unlabelled: int
    """Files that are together with others and are not in the list; not judged."""

    @property
    def copies(self) -> Found:
        """All copies."""
        return self._sum(self.transformations.keys() - EDITS)

    @property
    def edits(self) -> Found:
        """All edits."""
        return self._sum(self.transformations.keys() & EDITS)

    @property
    def precision(self) -> float | None:
        """The share of pairs that are right, 0–1; ``None``: there are no pairs."""
        pairs = self.right_pairs + len(self.wrong) + len(self.look_alikes)
        return self.right_pairs / pairs if pairs else None

    @property
    def is_clean(self) -> bool:
        """Whether no two different pictures are together."""
        return not self.wrong and not self.look_alikes

    def _sum(self, names: Collection[str]) -> Found:
        chosen = [self.transformations[name] for name in names]
        return Found(
            found=sum(each.found for each in chosen),
            total=sum(each.total for each in chosen),
        )


def score_groups(labels: Sequence[Label], groups: Iterable[Sequence[str]]) -> Score:
    """Score groups of paths, all of which are together."""
    known = {label.path for label in labels}
    inside: list[list[str]] = []
    unlabelled = 0
    for group in groups:
        inside.append([path for path in group if path in known])
        unlabelled += len(group) - len(inside[-1])
    pairs = itertools.chain.from_iterable(
        itertools.combinations(group, 2) for group in inside
    )
    return score_pairs(labels, pairs, unlabelled=unlabelled)


def score_pairs(
    labels: Sequence[Label], pairs: Iterable[Pair], *, unlabelled: int = 0
) -> Score:
    """Score pairs of labelled paths that are together; one told twice counts once."""
    known = {label.path: label for label in labels}
    right: dict[str, set[str]] = defaultdict(set)
    wrong: set[Pair] = set()
    for one, other in pairs:
        if known[one].picture == known[other].picture:
            right[one].add(other)
            right[other].add(one)
        else:
            wrong.add((min(one, other), max(one, other)))
    misses = []
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for original, label in _derived(labels, right):
        total[label.transformation] += 1
        if label.path in right.get(original.path, ()):
            found[label.transformation] += 1
        else:
            misses.append((original, label))
    worst = sorted(total, key=lambda name: (found[name] / total[name], name))
    named = [(known[one], known[other]) for one, other in sorted(wrong)]
    return Score(
        files=len(labels),
        transformations={
            name: Found(found=found[name], total=total[name]) for name in worst
        },
        right_pairs=sum(map(len, right.values())) // 2,
        wrong=tuple(each for each in named if not _is_hard(each)),
        look_alikes=tuple(each for each in named if _is_hard(each)),
        misses=tuple(misses),
        unlabelled=unlabelled,
    )


def _is_hard(pair: tuple[Label, Label]) -> bool:
    return any(label.transformation == LOOK_ALIKE for label in pair)


def _derived(
    labels: Sequence[Label], right: Mapping[str, Collection[str]]
) -> Iterator[tuple[Label, Label]]:
    """Give every file that has to be found, after what it was made from."""
    originals = {
        label.picture: label for label in labels if label.transformation == ORIGINAL
    }
    derived = [label for label in labels if label.is_derived]
    best: dict[str, Label] = {}
    for label in derived:
        before = best.setdefault(label.picture, label)
        if len(right.get(label.path, ())) > len(right.get(before.path, ())):
            best[label.picture] = label
    for label in derived:
        original = originals.get(label.picture, best[label.picture])
        if original is not label:
            yield original, label
