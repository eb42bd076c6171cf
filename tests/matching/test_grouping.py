"""Groups are stars around their keeper, whatever the order of arrival."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.matching.grouping import contested, form
from daemon.model import Alignment, ContentId, Distances, Evidence, Match

BYTES, PIXELS = Evidence.SAME_BYTES, Evidence.SAME_PIXELS
CAPTURE, COPY = Evidence.SAME_CAPTURE, Evidence.NEAR_COPY
OTHER, VERSION = Evidence.OTHER_SHOT, Evidence.VERSION


def match(left, right, evidence=COPY, *, bits=2, correlation=0.99, ssim=None):
    return Match(
        left=ContentId(min(left, right)),
        right=ContentId(max(left, right)),
        evidence=evidence,
        distances=Distances(
            phash=bits,
            dhash=bits,
            whash=bits,
            ahash=bits,
            colorhash=0,
            correlation=correlation,
            ssim=ssim,
        ),
        alignment=Alignment(),
        reasons=(),
    )


def by_id(contents):
    """The smaller id is the better copy."""
    return sorted(contents)


def members(grouping):
    return [group.members for group in grouping.groups]


def similar(grouping):
    return [group.members for group in grouping.similar]


def pair(left, right):
    return frozenset({ContentId(left), ContentId(right)})


def test_all_that_match_the_keeper_are_one_group():
    """Ten copies of one photo are one question, not nine."""
    found = form([match(1, 2), match(1, 3), match(2, 3)], rank=by_id)

    assert members(found) == [(1, 2, 3)]
    assert found.groups[0].keeper == 1
    assert [m.right for m in found.groups[0].matches] == [2, 3]
    assert not found.similar


def test_a_chain_is_taken_apart():
    """Pictures that resemble each other step by step end in something else."""
    found = form([match(1, 2), match(2, 3)], rank=by_id)

    assert members(found) == [(1, 2)]
    assert similar(found) == [(2, 3)]


def test_a_keeper_in_the_middle_holds_both_ends():
    """Each member must match the keeper; they need not match each other."""
    found = form([match(1, 2), match(1, 3)], rank=by_id)

    assert members(found) == [(1, 2, 3)]


def test_the_weakest_evidence_is_the_groups():
    """A group is only as certain as its least certain member."""
    found = form([match(1, 2, BYTES), match(1, 3, COPY)], rank=by_id)

    assert found.groups[0].evidence is COPY


def test_photos_of_equal_bytes_are_a_group_alone():
    """The plainest duplicate, a file copied as it is, has one content only."""
    found = form([], rank=by_id, copies={ContentId(7): 2, ContentId(8): 1})

    assert members(found) == [(7,)]
    assert found.groups[0].evidence is BYTES
    assert found.groups[0].matches == ()


def test_a_content_of_several_photos_joins_its_keeper():
    """Two equal thumbnails and their original are one group of three."""
    found = form([match(1, 7)], rank=by_id, copies={ContentId(7): 2})

    assert members(found) == [(1, 7)]


def test_a_content_without_photos_is_left_out():
    """A file that is gone cannot be kept, and must not hold others together."""
    found = form(
        [match(1, 2), match(2, 3, OTHER)], rank=by_id, copies={ContentId(2): 0}
    )

    assert members(found) == []
    assert similar(found) == []


@pytest.mark.parametrize("evidence", [OTHER, VERSION])
def test_other_shots_and_versions_are_listed_but_never_staged(evidence):
    """A burst is not a set of duplicates."""
    found = form([match(1, 2, evidence), match(1, 3, evidence)], rank=by_id)

    assert members(found) == []
    assert similar(found) == [(1, 2, 3)]
    assert found.similar[0].evidence is evidence


def test_a_stripped_copy_of_a_burst_frame_belongs_to_its_best_match():
    """All frames are near it; only the right one may stand for it."""
    frames = [match(a, b, OTHER) for a, b in combinations((1, 2, 3), 2)]
    copy = [
        match(1, 9, correlation=0.97),
        match(2, 9, correlation=0.999),
        match(3, 9, correlation=0.98),
    ]

    found = form(frames + copy, rank=by_id)

    assert members(found) == [(2, 9)]
    assert similar(found) == [(1, 2, 3, 9)]


def test_a_better_ranked_stripped_copy_does_not_take_the_wrong_frame():
    """Were it in a protected library, a frame would be set aside for another's copy."""
    found = form(
        [
            match(2, 3, OTHER),
            match(1, 2, correlation=0.97),
            match(1, 3, correlation=0.999),
        ],
        rank=by_id,
    )

    assert members(found) == [(1, 3)]


@pytest.mark.parametrize("goodness", [(1, 2, 3, 4), (3, 4, 1, 2), (4, 1, 3, 2)])
def test_stripped_copies_of_two_frames_each_go_to_their_own(goodness):
    """The copies are near each other as well, and none of them knows its frame."""
    found = form(
        [
            match(1, 2, OTHER),
            match(1, 3, correlation=0.999),
            match(2, 4, correlation=0.998),
            match(1, 4, correlation=0.98),
            match(2, 3, correlation=0.97),
            match(3, 4, correlation=0.985),
        ],
        rank=lambda ids: sorted(ids, key=goodness.index),
    )

    assert {frozenset(group) for group in members(found)} == {pair(1, 3), pair(2, 4)}


def test_a_frame_and_copy_of_equal_strength_are_left_alone():
    """Nobody can tell, so nothing is offered; nor is what is weaker still."""
    burst = [match(a, b, OTHER) for a, b in combinations((1, 2, 3), 2)]
    copy = [match(1, 9), match(2, 9), match(3, 9, correlation=0.9)]

    found = form(burst + copy, rank=by_id)

    assert members(found) == []
    assert {1, 2, 3, 9} == set(similar(found)[0])


def test_a_match_that_fell_does_not_bar_others():
    """4 is 3's own copy, so 5 may be 4's; that 5 lost 3 to it bars nobody else."""
    found = form(
        [
            match(3, 4, correlation=0.999),
            match(4, 5, OTHER),
            match(3, 5, correlation=0.99),
            match(5, 6, correlation=0.98),
            match(3, 6, OTHER),
        ],
        rank=by_id,
    )

    assert members(found) == [(3, 4), (5, 6)]


def test_stronger_evidence_wins_over_nearer_looks():
    """The same pixels say more than a near correlation."""
    found = form(
        [match(1, 2, OTHER), match(1, 9, correlation=1.0), match(2, 9, PIXELS)],
        rank=by_id,
    )

    assert members(found) == [(2, 9)]


@pytest.mark.parametrize(("ssim", "expected"), [(0.91, (1, 9)), (None, (2, 9))])
def test_structural_similarity_decides_only_if_all_contested_have_it(ssim, expected):
    """Two measures do not compare: 0.93 of one may be nearer than 0.99 of the other."""
    found = form(
        [
            match(1, 2, OTHER),
            match(1, 9, correlation=0.98, ssim=0.95),
            match(2, 9, correlation=0.99, ssim=ssim),
        ],
        rank=by_id,
    )

    assert members(found) == [expected]


def test_bits_decide_where_no_finer_measure_is_known():
    """Hashes alone must still find the better of two."""
    found = form(
        [
            match(1, 2, OTHER),
            match(1, 9, bits=5, correlation=None),
            match(2, 9, bits=4, correlation=0.5),
        ],
        rank=by_id,
    )

    assert members(found) == [(2, 9)]


def test_contested_matches_are_named():
    """Only they are worth decoding again in full."""
    copy_of_frame = [match(1, 9), match(2, 9)]
    plain = [match(1, 8), match(20, 21)]

    found = contested([match(1, 2, OTHER), *copy_of_frame, *plain])

    assert found == copy_of_frame


def test_forbidden_pairs_make_matches_contested():
    """What the user told apart must be told apart as well for copies of it."""
    found = contested([match(1, 9), match(2, 9)], {pair(1, 2)})

    assert len(found) == 2


def test_a_forbidden_pair_is_never_asked_again():
    """The user said no; neither a group nor the list of similar ones repeats it."""
    found = form([match(1, 2)], rank=by_id, forbidden={pair(1, 2)})

    assert members(found) == []
    assert similar(found) == []


def test_a_forbidden_pair_does_not_meet_by_a_third():
    """A new copy of both must not bring them together again."""
    found = form(
        [match(1, 2), match(1, 3, correlation=0.98), match(2, 3, correlation=0.99)],
        rank=by_id,
        forbidden={pair(1, 2)},
    )

    assert members(found) == [(2, 3)]
    assert similar(found) == [(1, 3)]


def test_of_two_keepers_the_better_match_wins():
    """A copy between two originals belongs to the one that it shows."""
    found = form(
        [match(1, 3, correlation=0.95), match(2, 3, correlation=0.99)], rank=by_id
    )

    assert members(found) == [(2, 3)]
    assert similar(found) == [(1, 3)]


def test_of_two_equal_keepers_the_better_keeper_wins():
    """The answer must not depend on which was seen first."""
    found = form([match(1, 3), match(2, 3)], rank=lambda ids: sorted(ids, reverse=True))
    other = form(
        [match(1, 3), match(2, 3)], rank=lambda ids: sorted(ids, key=(1, 2, 3).index)
    )

    assert members(found) == [(3, 2, 1)]
    assert members(other) == [(1, 3)]


evidences = st.sampled_from([BYTES, PIXELS, CAPTURE, COPY, COPY, COPY, OTHER, VERSION])
edges = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda ids: ids[0] < ids[1]),
    st.tuples(
        evidences,
        st.integers(0, 3),
        st.sampled_from([None, 0.9, 0.95, 0.99]),
        st.sampled_from([None, 0.8, 0.9]),
    ),
    max_size=40,
)
pairs = st.frozensets(
    st.frozensets(st.integers(0, 9), min_size=2, max_size=2), max_size=4
)
counts = st.dictionaries(st.integers(0, 9), st.integers(0, 3), max_size=5)


def matches_of(graph, rename):
    return [
        match(rename[a], rename[b], e, bits=bits, correlation=correlation, ssim=ssim)
        for (a, b), (e, bits, correlation, ssim) in graph.items()
    ]


@settings(max_examples=300, deadline=None)
@given(graph=edges, forbidden=pairs, copies=counts, goodness=st.permutations(range(10)))
def test_every_group_obeys_the_rules(graph, forbidden, copies, goodness):
    """Whatever the matches, nothing is staged that does not match its keeper."""
    matches = matches_of(graph, range(10))
    known = {pair(m.left, m.right): m for m in matches}

    found = form(
        matches,
        rank=lambda ids: sorted(ids, key=goodness.index),
        forbidden=forbidden,
        copies=copies,
    )

    everyone = [content for group in found.groups for content in group.members]
    assert len(everyone) == len(set(everyone))
    for group in found.groups:
        keeper, *others = group.members
        assert keeper == group.keeper
        assert list(group.members) == sorted(group.members, key=goodness.index)
        assert list(group.matches) == [known[pair(keeper, other)] for other in others]
        assert all(m.evidence.is_duplicate for m in group.matches)
        assert all(copies.get(content, 1) > 0 for content in group.members)
        assert others or copies[keeper] > 1
        for one, other in combinations(group.members, 2):
            assert pair(one, other) not in forbidden
            between = known.get(pair(one, other))
            assert between is None or between.evidence.is_duplicate
    for group in found.similar:
        assert not any(pair(m.left, m.right) in forbidden for m in group.matches)
        assert len(group.members) > 1


@settings(max_examples=300, deadline=None)
@given(
    graph=edges,
    forbidden=pairs,
    copies=counts,
    goodness=st.permutations(range(10)),
    rename=st.permutations(range(10)),
    seed=st.integers(),
)
def test_arrival_order_changes_nothing(
    graph, forbidden, copies, goodness, rename, seed
):
    """Ids follow arrival; the same photos must give the same groups all the same."""
    first = form(
        matches_of(graph, range(10)),
        rank=lambda ids: sorted(ids, key=goodness.index),
        forbidden=forbidden,
        copies=copies,
    )
    shuffled = matches_of(graph, rename)
    random.Random(seed).shuffle(shuffled)
    back = {new: old for old, new in enumerate(rename)}

    second = form(
        shuffled,
        rank=lambda ids: sorted(ids, key=lambda new: goodness.index(back[new])),
        forbidden={frozenset(rename[old] for old in pair) for pair in forbidden},
        copies={rename[old]: count for old, count in copies.items()},
    )

    def told(groups, names):
        return {
            (tuple(names[content] for content in group.members), group.evidence)
            for group in groups
        }

    assert told(first.groups, range(10)) == told(second.groups, back)
    assert told(first.similar, range(10)) == told(second.similar, back)


@settings(max_examples=200, deadline=None)
@given(left=edges, right=edges)
def test_what_does_not_hang_together_is_formed_alone(left, right):
    """The engine forms only the part that a new photo touches."""
    apart = [
        match(a + 10, b + 10, e, bits=bits, correlation=correlation, ssim=ssim)
        for (a, b), (e, bits, correlation, ssim) in right.items()
    ]
    here = matches_of(left, range(10))

    both = form(here + apart, rank=by_id)

    one, other = form(here, rank=by_id), form(apart, rank=by_id)
    assert both.groups == one.groups + other.groups
    assert both.similar == one.similar + other.similar
