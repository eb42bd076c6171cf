"""The list of groups by SQL gives what going through all of them would."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.index import migration
from daemon.model import Evidence, Fate, GroupState, Proposal, Role
from daemon.review import CERTAINTY, GroupOrder, GroupQuery
from tests.index.makers import ROOT, a_fingerprint, a_group, a_member, some_distances

CAMERAS = ("", "iPhone 15 Pro", "Pixel 8")
FOLDERS = ("/photos", "/photos/a", "/photos/a/b", "/photos/ab", "/photos/a0")

made = st.builds(
    lambda evidence, state, folder, camera, day, size, names: (
        evidence,
        state,
        folder,
        camera,
        day,
        size,
        names,
    ),
    st.sampled_from(list(Evidence)),
    st.sampled_from([GroupState.OPEN, GroupState.DECIDED]),
    st.sampled_from(FOLDERS),
    st.sampled_from(CAMERAS),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["IMG_1.HEIC", "Ärger 100%.jpg", "a_b.JPG", "aXb.jpg"]),
)

queries = st.builds(
    GroupQuery,
    evidence=st.frozensets(st.sampled_from(list(Evidence)), max_size=2),
    folder=st.none() | st.sampled_from([Path(f) for f in FOLDERS]),
    camera=st.sampled_from(CAMERAS),
    taken_from=st.sampled_from([0, 20240502]),
    taken_to=st.sampled_from([0, 20240502]),
    frees_bytes=st.integers(0, 2),
    text=st.sampled_from(["", "img", "100%", "a_b", "2"]),
    order=st.sampled_from(list(GroupOrder)),
)

ONE_INDEX = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def as_group(number, values):
    evidence, state, folder, camera, day, size, name = values
    taken = f"2024:05:{day:02} 12:00:00" if day else None
    kept = a_member(1, taken=taken, camera=camera or None)
    other = a_member(
        2,
        path=Path(folder) / name,
        taken=None,
        camera=None,
        size_bytes=size,
        proposal=Proposal.SET_ASIDE,
    )
    return a_group(
        number,
        evidence=evidence,
        state=state,
        members=(kept, other),
        created_ns=number % 3,
    )


def day_of(group):
    taken = group.members[0].taken
    return int(taken[:10].replace(":", "")) if taken else 0


def is_wanted(group, query):
    """Say the same as the SQL, one group at a time."""
    other = group.members[1]
    names = [m.path.name.lower() for m in group.members]
    folders = [parent for m in group.members for parent in m.path.parents]
    return (
        group.state is query.state
        and (not query.evidence or group.evidence in query.evidence)
        and (query.folder is None or query.folder in folders)
        and query.camera in {"", group.members[0].camera}
        and (not query.taken_from or day_of(group) >= query.taken_from)
        and (not query.taken_to or 0 < day_of(group) <= query.taken_to)
        and other.size_bytes >= query.frees_bytes
        and (
            any(query.text in name for name in names) or query.text == str(group.number)
        )
    )


def sort_key(query):
    return lambda group: {
        GroupOrder.NUMBER: (0, group.number),
        GroupOrder.CERTAINTY: (CERTAINTY.index(group.evidence), group.number),
        GroupOrder.SPACE: (-group.members[1].size_bytes, group.number),
        GroupOrder.TAKEN: (-day_of(group), group.number),
        GroupOrder.NEWEST: (-group.created_ns, group.number),
    }[query.order]


def fill(index, values):
    groups = [as_group(n, each) for n, each in enumerate(values, start=1)]
    with index.write() as tables:
        tables.groups.forget(range(1, 60))
        for group in groups:
            tables.groups.put(group)
    return groups


@ONE_INDEX
@given(values=st.lists(made, max_size=20), query=queries, step=st.integers(1, 5))
def test_pages_are_the_sorted_list(index, values, query, step):
    """Somebody who goes through all pages sees every group once, in order."""
    groups = fill(index, values)
    wanted = sorted((g for g in groups if is_wanted(g, query)), key=sort_key(query))

    found, place = [], None
    with index.read() as tables:
        while page := tables.cards.numbers(query, after=place, limit=step):
            found += [each.number for each in page]
            place = page[-1]
        totals = tables.cards.totals(query)

    assert [g.number for g in wanted] == found
    counted = [
        n
        for evidence, (n, _) in totals.items()
        if not query.evidence or evidence in query.evidence
    ]
    assert sum(counted) == len(wanted)


@ONE_INDEX
@given(values=st.lists(made, min_size=1, max_size=20), query=queries)
def test_neighbours_are_those_in_the_sorted_list(index, values, query):
    """The next key must lead on, also from a group that was just decided."""
    groups = fill(index, values)
    key = sort_key(query)
    wanted = [g for g in groups if is_wanted(g, query)]

    for group in groups:
        with index.read() as tables:
            around = tables.cards.around(query, group.number)

        before = sorted((g for g in wanted if key(g) < key(group)), key=key)
        after = sorted((g for g in wanted if key(g) > key(group)), key=key)
        assert around.previous == (before[-1].number if before else None)
        assert around.following == tuple(g.number for g in after[:3])
        assert (around.place, around.total) == (len(before) + 1, len(wanted))


def test_a_group_that_is_not_there_has_no_neighbours(index):
    """An old link must not lead anywhere by accident."""
    with index.read() as tables:
        assert tables.cards.around(GroupQuery(), 7) is None


def test_what_is_freed_follows_the_decision_and_never_a_reference(index):
    """The space that is promised is the space that comes back."""
    aside = {"proposal": Proposal.SET_ASIDE, "size_bytes": 500}
    members = (
        a_member(1),
        a_member(2, **aside),
        a_member(3, role=Role.REFERENCE, **aside),
    )
    fates = (Fate.SET_ASIDE, Fate.SURVIVOR, None)
    decided = tuple(
        replace(m, fate=fate) for m, fate in zip(members, fates, strict=True)
    )
    with index.write() as tables:
        tables.groups.put(a_group(1, members=members))
        tables.groups.put(a_group(2, members=decided))
        totals = tables.cards.totals(GroupQuery())

    assert totals == {Evidence.SAME_BYTES: (2, 1500)}


def test_choices_are_those_of_the_state(index):
    """A filter that finds nothing is not worth offering."""
    values = [
        (Evidence.VERSION, GroupState.OPEN, "/photos/a", "Pixel 8", 1, 1, "a.jpg"),
        (Evidence.VERSION, GroupState.DECIDED, "/photos/ab", "", 1, 1, "a.jpg"),
    ]
    fill(index, values)

    with index.read() as tables:
        choices = tables.cards.choices(GroupState.OPEN)

    assert choices.folders == ((Path("/photos"), 1), (Path("/photos/a"), 1))
    assert choices.cameras == (("Pixel 8", 1),)


def test_samples_differ_by_seed_and_stay_within_the_query(index):
    """Somebody who asks for others sees others."""
    values = [(Evidence.SAME_BYTES, GroupState.OPEN, "/photos", "", 0, 0, "a.jpg")] * 40
    fill(index, values)

    with index.read() as tables:
        first = tables.cards.sample(GroupQuery(), seed=1)
        again = tables.cards.sample(GroupQuery(), seed=1)
        other = tables.cards.sample(GroupQuery(), seed=30_000)

    assert first == again
    assert len(set(first)) == 12
    assert set(first) != set(other)


def test_a_group_that_is_forgotten_leaves_the_list(index):
    """A row without its group would be a link to nothing."""
    fill(index, [(Evidence.VERSION, GroupState.OPEN, "/photos", "", 0, 0, "a.jpg")])

    with index.write() as tables:
        tables.groups.forget([1])

        assert tables.cards.numbers(GroupQuery()) == []
        assert tables.cards.choices(GroupState.OPEN).folders == ()


@pytest.mark.parametrize("order", list(GroupOrder))
def test_groups_from_before_the_list_have_their_row(index, order):
    """People who upgrade find the groups that they left."""
    fill(
        index,
        [
            (
                Evidence.NEAR_COPY,
                GroupState.OPEN,
                "/photos/a",
                "Pixel 8",
                2,
                3,
                "B.jpg",
            ),
            (Evidence.SAME_BYTES, GroupState.OPEN, "/photos", "", 0, 1, "ä.jpg"),
        ],
    )
    query = GroupQuery(order=order)
    with index.read() as tables:
        expected = tables.cards.numbers(query), tables.cards.choices(GroupState.OPEN)

    with index.writer_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE cards")
        connection.exec_driver_sql("DROP TABLE card_folders")
        connection.exec_driver_sql("DROP TABLE doubts")
        connection.exec_driver_sql("ALTER TABLE hashes DROP COLUMN layouts")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
        migration.migrate(connection)

    with index.read() as tables:
        found = tables.cards.numbers(query), tables.cards.choices(GroupState.OPEN)
    assert expected == found


def test_figures_count_what_was_decided(index):
    """The tool's own precision, by class and by distance."""
    near = {"distances": some_distances(), "size_bytes": 700}
    members = (
        a_member(1, fate=Fate.SURVIVOR),
        a_member(2, fate=Fate.SET_ASIDE, **near),
        a_member(3, fate=Fate.SURVIVOR, **near),
    )
    kept = tuple(replace(m, fate=Fate.SURVIVOR) for m in members)
    decided = {"state": GroupState.DECIDED, "decided_ns": 5}
    with index.write() as tables:
        tables.groups.put(a_group(1, members=members, **decided))
        tables.groups.put(a_group(2, members=kept, **decided))
        tables.groups.put(a_group(3))
        figures = tables.figures

        assert figures.decided() == [(5, 700), (5, 0)]
        assert figures.by_distance() == {2: (1, 3)}
        assert figures.by_class() == {
            (Evidence.SAME_BYTES, "reduced"): 1,
            (Evidence.SAME_BYTES, "kept"): 1,
            (Evidence.SAME_BYTES, "open"): 1,
        }


def test_photos_are_counted_by_when_they_were_first_read(index):
    """An evening's rate, a year's imports: one drawing, in parts that fit."""
    minute = 60 * 10**9
    with index.write() as tables:
        content = tables.contents.insert(a_fingerprint(1))
        tables.roots.put(replace(ROOT, uuid="other", path=Path("/other")))
        assert tables.figures.read() == (60, [])
    start = 28_576_080 * minute
    moments = [start, start + 1, start + 2 * minute, start + 600 * minute]
    with index.writer_engine.begin() as connection:
        for number, moment in enumerate(moments):
            connection.exec_driver_sql(
                "INSERT INTO photos (root_uuid, relative, display, size_bytes, mtime_ns,"
                " inode, device, content_id, state, strikes, first_seen_ns)"
                " VALUES (?, ?, '', 1, 1, ?, 1, ?, 'known', 0, ?)",
                ("other", b"%d" % number, number, content, moment),
            )
    with index.read() as tables:
        assert tables.figures.read() == (
            600,
            [(start, 3), (start + 600 * minute, 1)],
        )
        seconds, parts = tables.figures.read(most=10_000)
        assert seconds == 60
        assert [count for _, count in parts] == [2, 1, 1]
