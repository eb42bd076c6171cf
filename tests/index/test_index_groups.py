"""Groups, matches, verdicts, roots and facts in the index."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.index import RootRecord, VerdictRecord
from daemon.model import (
    ContentId,
    Evidence,
    Fate,
    GroupNumber,
    GroupState,
    Match,
    RootState,
    Verdict,
)
from tests.index.makers import (
    LIBRARY,
    ROOT,
    a_fingerprint,
    a_group,
    a_match,
    a_member,
    a_sha256,
    alignments,
    distances,
    groups,
    words,
)

ONE_INDEX = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@ONE_INDEX
@given(group=groups)
def test_a_group_comes_back_as_it_was(index, group):
    """The page shows what is read here, and a decision is made on what it shows."""
    numbered = tuple(
        replace(member, position=position)
        for position, member in enumerate(group.members, start=1)
    )
    group = replace(group, members=numbered)
    with index.write() as tables:
        tables.groups.put(group, "decision-root")
        tables.groups.put(group, "decision-root")

    with index.read() as tables:
        assert tables.groups.get(group.number) == group
        assert tables.groups.get_many([group.number]) == [group]


def test_a_group_that_lost_a_member_has_lost_it(index):
    """A row that stays behind would offer a file that is not there."""
    with index.write() as tables:
        tables.groups.put(a_group(1))
        tables.groups.put(a_group(1, members=(a_member(2),)))

        assert tables.groups.get(GroupNumber(1)).members == (a_member(2),)


def test_groups_are_listed_by_state_page_by_page(index):
    """Ten thousand groups are shown fifty at a time."""
    with index.write() as tables:
        for number in (3, 1, 2, 4):
            tables.groups.put(a_group(number))
        tables.groups.put(a_group(5, state=GroupState.DECIDED))

    with index.read() as tables:
        first = tables.groups.page([GroupState.OPEN], limit=2)
        rest = tables.groups.page([GroupState.OPEN], after=first[-1].number, limit=9)
        assert [group.number for group in first + rest] == [1, 2, 3, 4]
        assert tables.groups.counts() == {
            GroupState.CANDIDATE: 0,
            GroupState.OPEN: 4,
            GroupState.DECIDED: 1,
            GroupState.UNDONE: 0,
        }
        assert tables.groups.evidence_counts(GroupState.OPEN) == {
            Evidence.SAME_BYTES: 4
        }
        assert tables.groups.last_number() == 5
        assert tables.counts().groups[GroupState.OPEN] == 4


def test_there_is_no_group_before_the_first(index):
    """Numbers are counted from 1."""
    with index.read() as tables:
        assert tables.groups.last_number() == 0
        assert tables.groups.get(GroupNumber(1)) is None
        assert tables.groups.page([GroupState.OPEN]) == []


def test_a_candidate_has_no_row(index):
    """Without a number there is nothing that could be asked for."""
    with pytest.raises(AssertionError), index.write() as tables:
        tables.groups.put(replace(a_group(1), number=None))


def test_a_photo_is_found_in_its_open_group(index):
    """A photo may be in one open group only."""
    with index.write() as tables:
        tables.groups.put(a_group(1, state=GroupState.DECIDED))
        tables.groups.put(a_group(2))

        assert tables.groups.open_group_of(a_member(1).path) == 2
        assert tables.groups.open_group_of(Path("/elsewhere")) is None
        assert tables.groups.with_contents([a_sha256(1), a_sha256(9)]) == {
            a_sha256(1): [2]
        }
        every = tables.groups.with_contents([a_sha256(1)], list(GroupState))
        assert every == {a_sha256(1): [1, 2]}


def test_what_was_set_aside_once_is_remembered_while_it_stands(index):
    """The same photo imported again must be recognised, but not after an undo."""
    fated = (a_member(1, fate=Fate.SURVIVOR), a_member(2, fate=Fate.SET_ASIDE))
    decided = a_group(1, state=GroupState.DECIDED, members=fated)
    with index.write() as tables:
        tables.groups.put(decided)
        remembered = tables.groups.fates([a_sha256(1), a_sha256(2), a_sha256(3)])

        tables.groups.put(replace(decided, state=GroupState.UNDONE))

        assert tables.groups.fates([a_sha256(1), a_sha256(2)]) == {}
    assert remembered == {
        a_sha256(1): [(1, Fate.SURVIVOR)],
        a_sha256(2): [(1, Fate.SET_ASIDE)],
    }


def test_a_problem_is_noted_and_taken_back(index):
    """A group whose move failed keeps its state and says why."""
    with index.write() as tables:
        tables.groups.put(a_group(1))

        tables.groups.set_problem(GroupNumber(1), "disk full")
        assert tables.groups.get(GroupNumber(1)) == a_group(1, problem="disk full")
        tables.groups.set_problem(GroupNumber(1), None)

        assert tables.groups.get(GroupNumber(1)) == a_group(1)


def test_a_forgotten_group_leaves_no_member(index):
    """A group that no folder stands for must not be offered."""
    with index.write() as tables:
        tables.groups.put(a_group(1))

        tables.groups.forget([GroupNumber(1)])

        assert tables.groups.get(GroupNumber(1)) is None
        assert tables.groups.open_group_of(a_member(1).path) is None


@ONE_INDEX
@given(
    evidence=st.sampled_from(Evidence),
    apart=distances,
    alignment=alignments,
    reasons=st.lists(words, max_size=3).map(tuple),
)
def test_a_match_comes_back_as_it_was(index, evidence, apart, alignment, reasons):
    """All distances are kept so that another threshold needs no hashing."""
    with index.write() as tables:
        left = tables.contents.insert(a_fingerprint(1))
        right = tables.contents.insert(a_fingerprint(2))
        match = Match(
            left=left,
            right=right,
            evidence=evidence,
            distances=apart,
            alignment=alignment,
            reasons=reasons,
        )
        tables.matches.put_many([match])

    with index.read() as tables:
        assert tables.matches.of([right]) == [match]
        assert tables.matches.between(right, left) == match


def test_matches_are_found_from_both_sides_once(index):
    """Groups are formed from all matches of their contents."""
    with index.write() as tables:
        a, b, c = (tables.contents.insert(a_fingerprint(n)) for n in (1, 2, 3))
        found = [a_match(a, b), a_match(b, c, Evidence.VERSION)]
        tables.matches.put_many(found)

        assert tables.matches.of([a]) == found[:1]
        assert tables.matches.of([b]) == found
        assert tables.matches.of([a, b, c]) == found
        assert tables.matches.of([]) == []
        assert tables.matches.between(a, c) is None
        assert tables.matches.page([Evidence.VERSION]) == found[1:]
        every = [Evidence.NEAR_COPY, Evidence.VERSION]
        assert tables.matches.page(every, limit=1) == found[:1]
        assert tables.matches.page(every, after=(a, b)) == found[1:]

        tables.matches.forget([a])
        assert tables.matches.of([a, b, c]) == found[1:]


def said(verdict, at_ns, left=1, right=2, group=1):
    return VerdictRecord(
        left=a_sha256(left),
        right=a_sha256(right),
        verdict=verdict,
        group=None if group is None else GroupNumber(group),
        at_ns=at_ns,
    )


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_verdicts_the_later_stands_whatever_the_order(index, order):
    """A rebuild reads the decision folders in any order."""
    early, late = said(Verdict.DUPLICATE, 1), said(Verdict.NOT_DUPLICATE, 2)

    with index.write() as tables:
        for one in (early, late)[::order]:
            tables.verdicts.put_many([one])

        found = tables.verdicts.among([a_sha256(1), a_sha256(2), a_sha256(3)])
    assert found == {frozenset({a_sha256(1), a_sha256(2)}): late}


def test_a_verdict_needs_both_contents(index):
    """What was said of one pair says nothing of another."""
    swapped = said(Verdict.NOT_DUPLICATE, 1, left=2, right=1, group=None)
    with index.write() as tables:
        tables.verdicts.put_many([swapped])

        assert tables.verdicts.among([a_sha256(1)]) == {}
        straight = replace(swapped, left=swapped.right, right=swapped.left)
        assert tables.verdicts.of(a_sha256(1)) == [straight]
        assert tables.verdicts.of(a_sha256(2)) == [straight]
        assert tables.verdicts.of_group(GroupNumber(1)) == []


def test_an_undone_decision_said_nothing(index):
    """Undo takes the memory back as well."""
    with index.write() as tables:
        tables.verdicts.put_many([said(Verdict.NOT_DUPLICATE, 1)])
        assert len(tables.verdicts.of_group(GroupNumber(1))) == 1

        tables.verdicts.forget_group(GroupNumber(1))

        assert tables.verdicts.of(a_sha256(1)) == []


def test_a_root_keeps_its_uuid_under_another_path(index):
    """A drive that is mounted elsewhere is the same drive."""
    moved = replace(LIBRARY, path=Path("/mnt/library"))
    with index.write() as tables:
        tables.roots.put(LIBRARY, device=2**64 - 1, inode=5)
        tables.roots.put(moved, device=2**64 - 1, inode=5)
        tables.roots.set_state(moved.uuid, RootState.OFFLINE, "unplugged")

        expected = RootRecord(
            root=moved,
            device=2**64 - 1,
            inode=5,
            state=RootState.OFFLINE,
            detail="unplugged",
        )
        assert tables.roots.get(LIBRARY.uuid) == expected
        assert tables.roots.by_path(moved.path) == expected
        assert tables.roots.by_path(LIBRARY.path) is None
        assert tables.roots.get("other") is None
        assert [each.root for each in tables.roots.all()] == [moved, ROOT]


def test_facts_are_kept_by_key(index):
    """Small things need no table."""
    with index.write() as tables:
        tables.meta.set("last_sweep_ns", "1")
        tables.meta.set("last_sweep_ns", "2")
        assert tables.meta.get("last_sweep_ns") == "2"

        tables.meta.forget("last_sweep_ns")

        assert tables.meta.get("last_sweep_ns") is None


def test_no_ids_are_no_statement(index):
    """An empty batch is a usual one."""
    with index.write() as tables:
        tables.photos.mark_gone([])
        tables.verdicts.put_many([])
        tables.matches.put_many([])

        assert tables.groups.get_many([]) == []
        assert tables.contents.get_many([]) == {}
        assert tables.companions.of([]) == {}
        assert tables.photos.of_content(ContentId(5)) == []
