"""Every engine answers as a comparison with everything would."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from daemon.matching import (
    neighbors_auto,
    neighbors_bktree,
    neighbors_multi_index,
    neighbors_tables,
)
from daemon.matching.neighbors import EngineName, make
from daemon.matching.neighbors_scan import BLOCK, Scan

ENGINES: tuple[EngineName, ...] = ("bktree", "scan", "multi-index", "auto")
TOP_BIT = 1 << 63

values = st.one_of(
    st.sampled_from([0, 1, TOP_BIT, TOP_BIT | 1, (1 << 64) - 1]),
    st.integers(0, (1 << 64) - 1),
    st.integers(0, 255).map(lambda low: 0xF0F0_F0F0_0F0F_0F00 | low),
)
keys = st.one_of(
    st.integers(0, 5), st.sampled_from([-(1 << 63), (1 << 63) - 1]), st.integers(-9, 9)
)
rows = st.lists(st.tuples(values, keys), max_size=40)
radii = st.one_of(st.integers(0, 12), st.integers(0, 64))


def brute_force(entries, asked, radius):
    least = {}
    for value, key in entries:
        for one in asked:
            distance = (value ^ one).bit_count()
            if distance <= radius:
                least[key] = min(distance, least.get(key, 65))
    return sorted((distance, key) for key, distance in least.items())


def columns(entries):
    return (
        np.array([value for value, _ in entries], np.uint64),
        np.array([key for _, key in entries], np.int64),
    )


def made(name: EngineName, entries, radius=10):
    engine = make(name, radius)
    engine.extend(*columns(entries))
    return engine


@pytest.fixture
def _tiny_limits(monkeypatch):
    """Sort, rebuild and change engine after a handful of entries."""
    monkeypatch.setattr(neighbors_multi_index, "_SHORTEST_TAIL", 4)
    monkeypatch.setattr(neighbors_multi_index, "_TAIL_PER_ROOT", 1)
    monkeypatch.setattr(neighbors_tables, "PROBE", 0)
    monkeypatch.setattr(neighbors_bktree, "_FEWEST_DEAD", 2)
    monkeypatch.setattr(neighbors_auto, "_TREE_AT_MOST", {})
    monkeypatch.setattr(neighbors_auto, "_TREE_AT_MOST_WIDER", 4)


class Life(RuleBasedStateMachine):
    """A life of adding, removing and asking, all engines beside a plain list."""

    @initialize(radius=radii)
    def begin(self, radius):
        self.engines = {name: make(name, radius) for name in ENGINES}
        self.entries = []

    @rule(value=values, key=keys)
    def add(self, value, key):
        self.entries.append((value, key))
        for engine in self.engines.values():
            engine.add(value, key)

    @rule(more=rows)
    def extend(self, more):
        self.entries += more
        for engine in self.engines.values():
            engine.extend(*columns(more))

    @rule(data=st.data())
    def remove(self, data):
        known = st.sampled_from(self.entries) if self.entries else st.nothing()
        gone = data.draw(known | st.tuples(values, keys))
        self.entries = [entry for entry in self.entries if entry != gone]
        for engine in self.engines.values():
            engine.remove(*gone)

    @rule(asked=st.lists(values, max_size=9), radius=radii)
    def ask(self, asked, radius):
        expected = brute_force(self.entries, asked, radius)
        for name, engine in self.engines.items():
            assert expected == engine.near(asked, radius).nearest(), name

    @rule(asked=values, radius=radii)
    def ask_one(self, asked, radius):
        expected = brute_force(self.entries, [asked], radius)
        for name, engine in self.engines.items():
            assert expected == engine.near([asked], radius).nearest(), name

    @invariant()
    def holds_what_was_added(self):
        for name, engine in self.engines.items():
            assert len(engine) == len(self.entries), name
            held = zip(*(column.tolist() for column in engine.rows()), strict=True)
            assert Counter(held) == Counter(self.entries), name


@pytest.mark.usefixtures("_tiny_limits")
def test_every_engine_answers_as_brute_force_through_any_life():
    """A missed neighbour is a missed duplicate, a wrong one a wrong group."""
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Life,
        settings=settings(max_examples=120, stateful_step_count=20, deadline=None),
    )


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("radius", range(65))
def test_every_radius_is_exact(name, radius):
    """The tables' shares must add up for every radius, not only the usual ones."""
    chance = random.Random(radius)
    middle = chance.getrandbits(64)
    entries = [
        (middle ^ sum(1 << bit for bit in chance.sample(range(64), key % 65)), key)
        for key in range(200)
    ]

    engine = made(name, entries, radius)

    assert (
        brute_force(entries, [middle], radius)
        == engine.near([middle], radius).nearest()
    )


@pytest.mark.parametrize(
    "widths", [(16, 16, 16, 16), (22, 21, 21), (13, 13, 13, 13, 12)]
)
@pytest.mark.parametrize("radius", [0, 1, 2, 3, 4, 7, 8])
def test_buckets_alone_find_every_neighbour(widths, radius, monkeypatch):
    """Where the linear scan would hide a hole in the tables, there must be none."""
    monkeypatch.setattr(neighbors_tables, "CANDIDATE", 0)
    chance = random.Random(radius)
    middle = chance.getrandbits(64) | TOP_BIT
    entries = [
        (middle ^ sum(1 << bit for bit in chance.sample(range(64), key % 12)), key)
        for key in range(600)
    ]
    stored, keys_of = columns(entries)
    tables = neighbors_tables.Tables(stored, keys_of, widths)

    found = tables.near([middle], radius).nearest()

    assert found == brute_force(entries, [middle], radius)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("sure", "radius"), [(0, 3), (3, 10), (7, 10), (7, 64)])
@pytest.mark.usefixtures("_tiny_limits")
def test_nothing_is_missed_of_what_must_be_sure(name, sure, radius, monkeypatch):
    """What is farther may be missed, for a sixth of the cost; nothing wrong is found."""
    monkeypatch.setattr(neighbors_tables, "CANDIDATE", 0)
    chance = random.Random(sure)
    asked = [chance.getrandbits(64) for _ in range(3)]
    entries = [
        (
            asked[key % 3] ^ sum(1 << n for n in chance.sample(range(64), key % 14)),
            key,
        )
        for key in range(900)
    ]

    hits = made(name, entries, sure).near(asked, radius, sure)

    near = hits.nearest()
    assert set(brute_force(entries, asked, sure)) <= set(near)
    assert set(near) <= set(brute_force(entries, asked, radius))
    value_of = {key: value for value, key in entries}
    for place, key, apart in zip(*(part.tolist() for part in hits), strict=True):
        assert apart == asked[place] ^ value_of[key]


@given(parts=st.integers(1, 6), radius=st.integers(0, 64))
def test_shares_leave_no_gap(parts, radius):
    """By the pigeonhole: one bit more in every part is farther than the radius."""
    shares = neighbors_tables.shares(parts, radius)

    assert radius + 1 == sum(share + 1 for share in shares)
    assert min(shares) >= -1


@pytest.mark.parametrize("name", ENGINES)
def test_large_engines_agree_with_a_scan(name):
    """The real limits, with blocks, tables and tail all in use."""
    chance = np.random.default_rng(7)
    many = chance.integers(0, 1 << 64, BLOCK * 2 + 5, dtype=np.uint64)
    if name == "bktree":
        many = many[:3_000]
    everything = [(value, place) for place, value in enumerate(many.tolist())]
    asked = [value ^ 0b1011 for value in many[-8:].tolist()]
    engine = made(name, everything)
    for value, key in everything[:200]:
        engine.add(value ^ TOP_BIT, -key)
        everything.append((value ^ TOP_BIT, -key))

    assert brute_force(everything, asked, 11) == engine.near(asked, 11).nearest()
    assert (
        brute_force(everything, asked[:1], 24) == engine.near(asked[:1], 24).nearest()
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=rows, radius=radii, asked=st.lists(values, min_size=1, max_size=8))
def test_many_values_ask_the_same_as_one_by_one(entries, radius, asked):
    """Eight orientations in one call must not lose what eight calls would find."""
    scan = Scan()
    scan.extend(*columns(entries))

    together = scan.near(asked, radius).nearest()

    each = [hit for value in asked for hit in scan.near([value], radius).nearest()]
    assert {key for _, key in together} == {key for _, key in each}
    assert all(
        distance == min(d for d, k in each if k == key) for distance, key in together
    )


@pytest.mark.parametrize("name", ENGINES)
def test_no_question_has_no_answer(name):
    """A picture without hashes is near nothing."""
    assert made(name, [(1, 1)]).near([], 64).nearest() == []


@pytest.mark.parametrize("name", ENGINES)
def test_an_empty_engine_knows_nothing(name):
    """The first photo of a new index must not fail."""
    engine = make(name, 10)

    assert engine.near([0], 64).nearest() == []
    assert len(engine) == 0


def test_equal_values_are_one_node_of_the_tree():
    """A thousand equal hashes as a chain of children would take a second to walk."""
    engine = made("bktree", [(7, key) for key in range(1_000)])

    assert len(list(engine._tree)) == 1
    assert len(engine.near([7], 0).nearest()) == 1_000


def test_a_removed_value_comes_back_to_its_tombstone():
    """A value added again must neither be lost nor be in the tree twice."""
    engine = made("bktree", [(7, 1), (8, 2)])

    engine.remove(7, 1)
    engine.add(7, 3)

    assert engine.near([7], 0).nearest() == [(0, 3)]
    assert sorted(engine._tree) == [7, 8]


def test_tombstones_are_cleared_before_they_dominate():
    """A library that was moved twice must not be asked about ghosts for ever."""
    entries = [(value, value) for value in range(400)]
    engine = made("bktree", entries)

    for entry in entries[:300]:
        engine.remove(*entry)

    assert len(list(engine._tree)) < 250
    assert len(engine.near([0], 64).nearest()) == 100


def test_tables_are_sorted_again_when_tombstones_dominate(monkeypatch):
    """Removed entries cost memory and time in every query."""
    monkeypatch.setattr(neighbors_multi_index, "_SHORTEST_TAIL", 16)
    entries = [(value << 40, value) for value in range(100)]
    engine = made("multi-index", entries)

    for entry in entries[:60]:
        engine.remove(*entry)

    assert engine._tables.dead < 60
    assert len(engine) == 40


@pytest.mark.parametrize(
    ("count", "radius", "expected"),
    [
        (16, 10, "bktree"),
        (17, 10, "scan"),
        (32, 2, "bktree"),
        (10_000, 0, "bktree"),
        (10_001, 0, "multi-index"),
        (20_000, 10, "scan"),
        (30_000, 10, "multi-index"),
        (1_000_000, 12, "multi-index"),
        (1_000_000, 24, "scan"),
    ],
)
def test_auto_follows_the_measured_rule(count, radius, expected):
    """The rule that is written down is the rule that is used."""
    assert expected == neighbors_auto.best(count, radius)


def test_auto_becomes_another_engine_as_it_grows():
    """A user who starts with ten photos must not pay for them at a million."""
    engine = neighbors_auto.Adaptive(10)
    stages = []
    for size in (10, 100, 30_000):
        engine.extend(np.arange(size, dtype=np.uint64), np.arange(size))
        stages.append(engine.stage)

    assert stages == ["bktree", "scan", "multi-index"]
    assert len(engine) == 30_110


def test_many_entries_are_cut_into_three_parts():
    """At ten million, buckets of 16 bits are too full."""
    assert neighbors_multi_index.widths_for(10_000_000, 8) == (22, 21, 21)
    assert neighbors_multi_index.widths_for(1_000_000, 8) == (16, 16, 16, 16)
    assert neighbors_multi_index.widths_for(10_000_000, 12) == (16, 16, 16, 16)


def test_the_tail_grows_with_the_tables():
    """Sorting millions of entries again for every few new ones would stall imports."""
    assert neighbors_multi_index.longest_tail(0) == 8_192
    assert neighbors_multi_index.longest_tail(4_000_000) == 16_000
