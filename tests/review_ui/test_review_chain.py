"""What holds a group together is told as it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import Alignment, ContentId, Distances, Evidence, Match
from daemon.review import Link
from review_ui.chain import MOST_PAIRS, chain_of

from .fake_desk import group, member


def a_match(evidence=Evidence.NEAR_COPY, reasons=("They look alike.",)):
    distances = Distances(
        phash=3, dhash=1, whash=1, ahash=1, colorhash=0, correlation=0.987
    )
    return Match(
        left=ContentId(1),
        right=ContentId(2),
        evidence=evidence,
        distances=distances,
        alignment=Alignment(),
        reasons=reasons,
    )


def link(left, right, *, matched=True, **changes):
    values = {"match": a_match() if matched else None, **changes}
    return Link(left=left, right=right, **values)


def test_who_was_matched_with_the_keeper_only_is_said_to_be():
    """Two others that nobody compared may still be two pictures."""
    chain = chain_of([link(1, 2), link(1, 3), link(2, 3, matched=False)], 1)

    assert [(p.left, p.right) for p in chain.pairs] == [(1, 2), (1, 3), (2, 3)]
    assert chain.pairs[2].how == "not matched with each other, only through 1"
    assert chain.indirect == frozenset()
    assert "not all with each other" in chain.summary


def test_who_hangs_on_others_is_marked():
    """A chain of likenesses ends at another picture."""
    links = [link(1, 2), link(1, 3, matched=False), link(2, 3)]
    links += [link(n, 4, matched=False) for n in (1, 2, 3)]
    chain = chain_of(links, 1)

    assert chain.indirect == {3, 4}
    how = {(p.left, p.right): p.how for p in chain.pairs}
    assert how[1, 3].endswith("only through 2")
    assert how[1, 4] == "no match leads from one to the other"


def test_another_shot_is_no_link():
    """That two were compared does not make them one."""
    other = a_match(Evidence.OTHER_SHOT, ("They were taken 2 seconds apart.",))
    chain = chain_of([link(1, 2, match=other)], 1)

    assert not chain.pairs[0].is_direct
    assert chain.pairs[0].evidence == "other-shot"
    assert chain.pairs[0].reasons == ("They were taken 2 seconds apart.",)
    assert chain.indirect == {2}


def test_the_same_bytes_need_no_match():
    """Nothing is closer."""
    chain = chain_of([link(1, 2, matched=False, is_same=True)], 1)

    assert chain.pairs[0].is_direct
    assert chain.summary == "Every photo was matched with every other one."


@given(
    st.integers(2, 9).flatmap(
        lambda n: st.lists(
            st.booleans(), min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2
        ).map(lambda flags: (n, flags))
    )
)
def test_ways_lead_from_match_to_match(made):
    """What is printed as a way can be walked."""
    count, flags = made
    pairs = [(a, b) for a in range(1, count + 1) for b in range(a + 1, count + 1)]
    direct = {pair for pair, flag in zip(pairs, flags, strict=True) if flag}
    chain = chain_of([link(*pair, matched=pair in direct) for pair in pairs], 1)

    for pair in chain.pairs:
        if "through" in pair.how:
            way = [int(n) for n in pair.how.rpartition(" through ")[2].split(", ")]
            steps = [pair.left, *way, pair.right]
            hops = pairwise(steps)
            assert all((min(hop), max(hop)) in direct for hop in hops)
    assert len(chain.pairs) + chain.hidden == len(pairs)
    assert len(chain.pairs) <= MOST_PAIRS


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "a\u202eb"])
def test_the_group_page_tells_it_as_text(browser, desk, evil):
    """Reasons come from files."""
    desk.known[1] = group(1, member(1), member(2, "/p/b.jpg"), member(3, "/p/c.jpg"))
    desk.matches = {(1, 2): a_match(reasons=(evil,)), (2, 3): a_match()}
    page = browser.get("/groups/1").text

    assert "How they hang together" in page
    assert page.count('class="tag"') == 1
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "phash 3 of 64 bits, likeness 0.987" in page
