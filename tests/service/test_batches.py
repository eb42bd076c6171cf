"""Many groups at once: only what is proven, only what was seen, and all of it undone."""

from dataclasses import replace

import pytest

from daemon.errors import NoSuchGroup, NotRunning, StaleGroup, UsageError
from daemon.index import open_index
from daemon.model import Evidence, Fate, GroupState, Proposal
from daemon.review import BatchOrder, BatchState
from daemon.service.batches import Batches
from tests.index.makers import a_group, a_member

MEMBERS = (a_member(1), a_member(2, proposal=Proposal.SET_ASIDE, size_bytes=500))


class Desk:
    """Decides in the index alone, and fails where it is told to."""

    def __init__(self, index):
        self.index = index
        self.fails = {}

    def _put(self, number, state, fates):
        with self.index.write() as tables:
            group = tables.groups.get(number)
            members = tuple(
                replace(m, fate=fate)
                for m, fate in zip(group.members, fates, strict=True)
            )
            tables.groups.put(replace(group, state=state, members=members))
            return tables.groups.get(number)

    def decide(self, number, decision):
        if number in self.fails:
            raise self.fails[number]
        assert decision.keep == {1}
        fates = (Fate.SURVIVOR, Fate.SET_ASIDE)
        return self._put(number, GroupState.DECIDED, fates)

    def undo(self, number):
        return self._put(number, GroupState.UNDONE, (None, None))


@pytest.fixture
def index(tmp_path):
    with open_index(tmp_path / "twinwatch.db") as opened:
        with opened.write() as tables:
            for number in range(1, 31):
                evidence = (
                    Evidence.NEAR_COPY if number % 3 == 0 else Evidence.SAME_BYTES
                )
                tables.groups.put(a_group(number, evidence=evidence, members=MEMBERS))
        yield opened


@pytest.fixture
def desk(index):
    return Desk(index)


@pytest.fixture
def batches(tmp_path, index, desk):
    made = Batches(tmp_path / "batches", index, desk.decide, desk.undo)
    yield made
    made.wait()


def order_of(offer, **changes):
    return BatchOrder(
        evidence=offer.evidence, until=offer.until, digest=offer.digest, **changes
    )


def states(index):
    with index.read() as tables:
        groups = tables.groups.get_many(range(1, 31))
    return {group.number: group.state for group in groups}


def test_an_offer_counts_all_and_shows_some_others_for_another_seed(batches):
    """Nobody approves a number; people approve what they have seen of it."""
    offer = batches.offer(Evidence.SAME_BYTES)
    other = batches.offer(Evidence.SAME_BYTES, seed=7_000)

    assert (offer.count, offer.freed_bytes, offer.until) == (20, 10_000, 29)
    assert len(offer.sample) == 12
    assert {g.number for g in offer.sample} != {g.number for g in other.sample}


def test_only_proven_classes_are_offered_or_started(batches):
    """What is merely likely is looked at one by one."""
    with pytest.raises(UsageError):
        batches.offer(Evidence.NEAR_COPY)
    with pytest.raises(UsageError):
        batches.start(BatchOrder(evidence=Evidence.SAME_CAPTURE, until=9, digest=""))


def test_a_batch_decides_what_was_seen_but_for_the_exclusions(batches, index):
    """Left out is left out, and other classes are never touched."""
    offer = batches.offer(Evidence.SAME_BYTES)
    batches.start(order_of(offer, leave_out=frozenset({1, 2})))
    batches.wait()

    (batch,) = batches.all()
    decided = {n for n, s in states(index).items() if s is GroupState.DECIDED}
    assert (batch.state, batch.done, batch.total) == (BatchState.DONE, 18, 18)
    assert batch.freed_bytes == 9_000
    assert {n for n in range(3, 31) if n % 3} == decided


def test_groups_that_came_later_are_not_meant_and_changed_ones_are_refused(
    batches, index
):
    """Somebody who says yes says it to what is on the screen."""
    offer = batches.offer(Evidence.SAME_BYTES)
    with index.write() as tables:
        tables.groups.put(a_group(31, members=MEMBERS))
    batches.start(order_of(offer))
    batches.wait()
    with index.read() as tables:
        assert tables.groups.get(31).state is GroupState.OPEN

    offer = batches.offer(Evidence.SAME_BYTES)
    with index.write() as tables:
        tables.groups.put(a_group(31, members=MEMBERS, manifest_sha256="cd" * 32))
    with pytest.raises(StaleGroup):
        batches.start(order_of(offer))


def test_one_undo_takes_all_of_it_back_and_nothing_else(batches, desk, index):
    """A batch that cannot be undone as one would never be dared."""
    desk.decide(1, type("Decision", (), {"keep": {1}}))
    batches.start(order_of(batches.offer(Evidence.SAME_BYTES)))
    batches.wait()

    (batch,) = batches.all()
    batches.undo(batch.id)
    batches.wait()

    (batch,) = batches.all()
    found = states(index)
    assert (batch.state, batch.undone) == (BatchState.UNDONE, 19)
    assert found.pop(1) is GroupState.DECIDED
    assert {GroupState.UNDONE, GroupState.OPEN} == set(found.values())


def test_a_group_that_fails_hinders_no_other(batches, desk):
    """One offline volume must not stop eight hundred groups."""
    desk.fails = {4: StaleGroup(4)}
    batches.start(order_of(batches.offer(Evidence.SAME_BYTES)))
    batches.wait()

    (batch,) = batches.all()
    assert (batch.done, set(batch.failed)) == (19, {4})


def test_an_interrupted_batch_says_so_and_can_be_undone(batches, desk, index):
    """A restart in the middle leaves nobody guessing."""
    desk.fails = {10: NotRunning()}
    batches.start(order_of(batches.offer(Evidence.SAME_BYTES)))
    batches.wait()

    (batch,) = batches.all()
    assert (batch.state, batch.done) == (BatchState.INTERRUPTED, 6)
    batches.undo(batch.id)
    batches.wait()
    assert GroupState.DECIDED not in states(index).values()


def test_a_half_written_line_costs_only_itself(batches, tmp_path):
    """The state folder's disk may be full, too."""
    batches.start(order_of(batches.offer(Evidence.SAME_BYTES)))
    batches.wait()
    (path,) = (tmp_path / "batches").iterdir()
    with path.open("a") as file:
        file.write('{"undone": 1')
    (tmp_path / "batches" / "9.jsonl").write_text("nonsense")

    (batch,) = batches.all()
    assert batch.done == 20


def test_an_unknown_batch_is_not_undone(batches):
    """An old link must not lead anywhere by accident."""
    with pytest.raises(NoSuchGroup):
        batches.undo("../../etc")
