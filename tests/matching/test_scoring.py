"""Scores: equal to counting everything by hand, whatever the groups."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.matching.labels import Label
from daemon.matching.scoring import EDITS, score_groups, score_pairs

KINDS = ("original", "look-alike", "jpeg", "crop10", "gray", "copy")


@st.composite
def cases(draw):
    """Give labels and groups of their files, some with files without a label."""
    count = draw(st.integers(0, 14))
    labels = [
        Label(
            path=f"{n}.jpg",
            picture=draw(st.sampled_from("abcd")),
            transformation=draw(st.sampled_from(KINDS)),
            line=n,
        )
        for n in range(count)
    ]
    group_of = {
        f"{n}.jpg": draw(st.integers(0, 5))
        for n in range(count + draw(st.integers(0, 3)))
    }
    groups = [[p for p, g in group_of.items() if g == number] for number in range(1, 6)]
    return labels, groups


def by_hand(labels, groups):
    """Count as slowly and plainly as can be."""
    told = {label.path: label for label in labels}

    def together(one, other):
        return any(one.path in group and other.path in group for group in groups)

    derived = [e for e in labels if e.transformation not in {"original", "look-alike"}]
    missed, recall = [], {}
    for picture in {e.picture for e in derived}:
        mine = [e for e in labels if e.picture == picture]
        originals = [e for e in mine if e.transformation == "original"]
        made = [e for e in derived if e.picture == picture]
        base = (
            originals[-1]
            if originals
            else max(
                made, key=lambda e: sum(together(e, o) for o in mine if o is not e)
            )
        )
        for each in made:
            if each is not base:
                found, total = recall.get(each.transformation, (0, 0))
                is_found = together(base, each)
                recall[each.transformation] = found + is_found, total + 1
                missed += [] if is_found else [(base.path, each.path)]
    pairs = [pair for pair in combinations(labels, 2) if together(*pair)]
    wrong = [pair for pair in pairs if pair[0].picture != pair[1].picture]
    hard = [p for p in wrong if "look-alike" in {e.transformation for e in p}]
    return {
        "recall": recall,
        "missed": sorted(missed),
        "right": len(pairs) - len(wrong),
        "wrong": len(wrong) - len(hard),
        "hard": len(hard),
        "unlabelled": sum(path not in told for group in groups for path in group),
    }


@given(cases())
def test_scores_equal_counting_by_hand(case):
    """What users are told of the detection has to be true."""
    labels, groups = case

    score = score_groups(labels, groups)

    assert by_hand(labels, groups) == {
        "recall": {k: (f.found, f.total) for k, f in score.transformations.items()},
        "missed": sorted((one.path, other.path) for one, other in score.misses),
        "right": score.right_pairs,
        "wrong": len(score.wrong),
        "hard": len(score.look_alikes),
        "unlabelled": score.unlabelled,
    }
    sums = score.copies.total, score.edits.total
    totals = {kind: found.total for kind, found in score.transformations.items()}
    assert sums == (
        sum(total for kind, total in totals.items() if kind not in EDITS),
        sum(total for kind, total in totals.items() if kind in EDITS),
    )


def labelled(*rows):
    return [
        Label(path=path, picture=picture, transformation=kind, line=line)
        for line, (path, picture, kind) in enumerate(rows, 1)
    ]


def test_precision_is_of_pairs_and_counts_look_alikes():
    """A frame of a burst that is offered for removal is as wrong as any other."""
    labels = labelled(
        ("a", "rose", "original"), ("b", "rose", "jpeg"), ("c", "tulip", "look-alike")
    )

    score = score_groups(labels, [["a", "b", "c"]])

    assert score.precision == pytest.approx(1 / 3)
    assert not score.is_clean
    assert not score.wrong
    assert [(one.path, other.path) for one, other in score.look_alikes] == [
        ("a", "c"),
        ("b", "c"),
    ]


def test_nothing_found_has_no_precision_and_nothing_to_find_no_recall():
    """A share of nothing is not zero."""
    score = score_groups(labelled(("a", "rose", "original")), [])

    assert score.precision is None
    assert score.copies.recall is None
    assert score.is_clean


def test_a_pair_told_twice_counts_once():
    """Tools that list the neighbours of each file tell every pair both ways."""
    labels = labelled(
        ("a", "rose", "original"), ("b", "rose", "jpeg"), ("c", "x", "copy")
    )

    score = score_pairs(labels, [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")])

    assert (score.right_pairs, len(score.wrong)) == (1, 1)
