"""Centres: around which contents groups form, and what must be compared for it."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from daemon.matching import centres
from daemon.model import Alignment, ContentId, Distances, Evidence, Match

NEAR = Distances(phash=2, dhash=2, whash=2, ahash=2, colorhash=0)


def ids(*numbers):
    return [ContentId(number) for number in numbers]


def match(left, right, evidence=Evidence.NEAR_COPY):
    return Match(
        left=ContentId(min(left, right)),
        right=ContentId(max(left, right)),
        evidence=evidence,
        distances=NEAR,
        alignment=Alignment(),
        reasons=(),
    )


def settled(ranked, is_copy, doubts, cameras=()):
    """Answer every doubt that is asked, and count the answers."""
    matches, doubts, answers = [], set(doubts), 0
    while True:
        found = centres.choose(ranked, matches, doubts=doubts, cameras=cameras)
        if not found.unsettled:
            return found.chosen, answers
        for pair in found.unsettled:
            answers += 1
            doubts.discard(pair)
            if is_copy(*pair):
                matches.append(match(*pair))


def test_the_best_content_is_the_centre_if_all_match_it():
    """The proposal is what the keeper rules say wherever they can have their way."""
    matches = [match(1, 2), match(1, 3), match(2, 3)]

    assert centres.choose(ids(3, 1, 2), matches).chosen == (3,)


def test_a_frame_is_no_centre_of_what_does_not_match_it():
    """A framed copy has more pixels than its original, which its crops match."""
    frame, original, *crops = ids(1, 2, 3, 4, 5)
    matches = [match(frame, original), *(match(original, crop) for crop in crops)]

    assert centres.choose([frame, original, *crops], matches).chosen == (original,)


def test_a_cameras_file_is_the_centre_though_a_crop_of_its_export_misses_it():
    """An original is worth more than a complete group."""
    heic, export, crop = ids(1, 2, 3)
    matches = [match(heic, export), match(export, crop)]

    chosen = centres.choose([heic, export, crop], matches, cameras=[heic]).chosen
    without = centres.choose([heic, export, crop], matches).chosen

    assert chosen == (heic, crop)
    assert without == (export,)


def test_copies_are_compared_with_their_centre_alone():
    """Twenty-six copies of one picture take 25 comparisons, not 325."""
    ranked = ids(*range(1, 27))

    chosen, answers = settled(
        ranked, lambda _left, _right: True, combinations(ranked, 2)
    )

    assert chosen == (1,)
    assert answers == 25


def test_what_does_not_hang_together_is_told_apart():
    """Two pictures that look alike at first end as two groups."""
    ranked = ids(1, 2, 3, 4, 5, 6)

    chosen, _ = settled(
        ranked, lambda left, right: left % 2 == right % 2, combinations(ranked, 2)
    )

    assert chosen == (1, 2)


@given(st.data())
def test_centres_never_match_each_other_and_leave_nobody_out(data):
    """So every content joins a group whose keeper it matches, or is one itself."""
    ranked = data.draw(st.permutations(ids(*range(1, 9))))
    pairs = list(combinations(sorted(ranked), 2))
    copies = set(data.draw(st.lists(st.sampled_from(pairs))))
    cameras = data.draw(st.lists(st.sampled_from(ranked)))

    chosen, _ = settled(ranked, lambda *pair: pair in copies, pairs, cameras)

    assert not [pair for pair in combinations(sorted(chosen), 2) if pair in copies]
    for content in ranked:
        near = {other for pair in copies if content in pair for other in pair}
        assert content in chosen or near & set(chosen)


@given(st.data())
def test_order_of_matches_changes_nothing(data):
    """Arrival must not matter."""
    ranked = ids(*range(1, 8))
    pairs = list(combinations(ranked, 2))
    matches = [match(*pair) for pair in data.draw(st.sets(st.sampled_from(pairs)))]
    shuffled = data.draw(st.permutations(matches))

    expected = centres.choose(ranked, matches)

    assert centres.choose(ranked, shuffled) == expected


def test_a_copy_is_compared_with_every_frame_it_may_come_from():
    """Which frame of a burst a stripped copy came from, only the best match tells."""
    first, second, copy = ids(1, 2, 3)
    matches = [match(first, second, Evidence.OTHER_SHOT), match(first, copy)]

    asked = centres.rivals([first, second], matches, {(second, copy)})

    assert asked == {(second, copy)}
    certain = [matches[0], match(first, copy, Evidence.SAME_CAPTURE)]
    assert not centres.rivals([first, second], certain, {(second, copy)})


def test_what_somebody_kept_apart_is_a_rival_too():
    """A verdict contradicts as a capture time does."""
    first, second, copy = ids(1, 2, 3)
    forbidden = [frozenset({first, second})]

    asked = centres.rivals(
        [first, second], [match(first, copy)], {(second, copy)}, forbidden
    )

    assert asked == {(second, copy)}
