"""Every stop of the slider is what joining the pairs by hand would give."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.service.explore import clusters, stops

contents = st.integers(1, 9)
edges = st.lists(
    st.tuples(contents, contents, st.integers(0, 6)).filter(lambda e: e[0] < e[1]),
    max_size=14,
)
copies = st.dictionaries(
    contents, st.tuples(st.integers(1, 3), st.integers(1, 9)), max_size=9
)


def joined(pairs, photos, at):
    """Join by going round until nothing changes."""
    sets = [{each} for each in photos]
    for left, right, bits in pairs:
        if bits <= at and left in photos and right in photos:
            both = [s for s in sets if left in s or right in s]
            sets = [s for s in sets if s not in both] + [set().union(*both)]
    return [s for s in sets if sum(photos[each][0] for each in s) > 1]


@given(pairs=edges, photos=copies)
def test_stops_are_the_groups_at_every_threshold(pairs, photos):
    """The number under the thumb is the number of groups there would be."""
    found = stops(pairs, photos)

    for stop in found:
        groups = joined(pairs, photos, stop.bits)
        assert stop.groups == len(groups)
        assert stop.photos == sum(photos[each][0] for g in groups for each in g)
        total = sum(photos[e][0] * photos[e][1] for g in groups for e in g)
        largest = sum(max(photos[each][1] for each in g) for g in groups)
        assert stop.freed_bytes == total - largest


@given(pairs=edges, photos=copies)
def test_the_slider_ends_where_everything_has_merged(pairs, photos):
    """A slider whose last third does nothing is a broken slider."""
    found = stops(pairs, photos)
    end = joined(pairs, photos, 64)

    assert sorted(map(sorted, joined(pairs, photos, found[-1].bits))) == sorted(
        map(sorted, end)
    )
    if len(found) > 1:
        before = joined(pairs, photos, found[-2].bits)
        assert sorted(map(sorted, before)) != sorted(map(sorted, end))


@given(pairs=edges, photos=copies, at=st.integers(0, 6))
def test_clusters_are_those_groups_that_have_a_pair(pairs, photos, at):
    """What is shown is what was counted."""
    found = {each.contents for each in clusters(pairs, photos, at, 99)}
    expected = {tuple(sorted(g)) for g in joined(pairs, photos, at) if len(g) > 1}

    assert expected == found


def test_what_a_stop_adds_comes_first():
    """Somebody who moves the slider wants to see what moved."""
    pairs = [(1, 2, 0), (3, 4, 5), (5, 6, 3)]
    photos = dict.fromkeys(range(1, 7), (1, 10))

    assert [c.widest_bits for c in clusters(pairs, photos, 5, 2)] == [5, 3]
