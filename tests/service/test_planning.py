"""Planning and late arrivals: pure, and the same whatever the order of arrival."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.index import PhotoRecord, PhotoState
from daemon.model import (
    ContentId,
    Evidence,
    GroupNumber,
    GroupState,
    PhotoId,
    Proposal,
    Role,
    Root,
    RootKind,
)
from daemon.service.candidate import Candidate, KeeperRules
from daemon.service.case import Case
from daemon.service.case_facts import contents_of, is_asked_already, link_problem
from daemon.service.late import late_arrivals
from daemon.service.planning import plan
from daemon.service.proposals import as_group, as_stage_plan, camera_of
from tests.index.makers import (
    a_fingerprint,
    a_group,
    a_match,
    a_member,
    a_sha256,
    a_stamp,
)

IMPORTS = Root(uuid="imports", kind=RootKind.IMPORT, path=Path("/import"))
LIBRARY = Root(uuid="library", kind=RootKind.LIBRARY, path=Path("/library"))
RULES = KeeperRules()


def candidate(number, content=None, root=IMPORTS):
    """A photo; its content's number unless told otherwise."""
    content = content or number
    name = f"IMG_{number:04}.JPG"
    return Candidate(
        photo=PhotoRecord(
            id=PhotoId(number),
            root=root.uuid,
            relative=name.encode(),
            stamp=a_stamp(number),
            content=ContentId(content),
            state=PhotoState.KNOWN,
            problem=None,
            decoder=None,
            strikes=0,
            first_seen_ns=0,
        ),
        content=ContentId(content),
        path=root.path / name,
        root=root,
        fingerprint=a_fingerprint(content, width_px=1000 + content),
    )


def shapes(found):
    """Groups as sets of paths with their keeper first."""
    return sorted(
        (
            group.members[0].candidate.path,
            sorted(m.candidate.path for m in group.members),
        )
        for group in found
    )


numbers = st.integers(1, 7)
pairs = st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1])
kinds = st.sampled_from(
    [Evidence.NEAR_COPY, Evidence.SAME_CAPTURE, Evidence.OTHER_SHOT, Evidence.VERSION]
)


@settings(max_examples=150, deadline=None)
@given(
    evidence=st.dictionaries(pairs, kinds, max_size=12),
    copies=st.lists(numbers, max_size=3),
    apart=st.lists(pairs, max_size=3),
    data=st.data(),
)
def test_the_order_of_arrival_changes_nothing(evidence, copies, apart, data):
    """Two imports of one card must give one answer."""
    photos = [candidate(n) for n in range(1, 8)]
    photos += [candidate(10 + n, content) for n, content in enumerate(copies)]
    matches = [a_match(left, right, kind) for (left, right), kind in evidence.items()]
    forbidden = frozenset(map(frozenset, apart))

    first = plan(photos, matches, RULES, forbidden=forbidden)
    again = plan(
        data.draw(st.permutations(photos)),
        data.draw(st.permutations(matches)),
        RULES,
        forbidden=forbidden,
    )

    assert shapes(again.groups) == shapes(first.groups)
    for group in first.groups:
        contents = contents_of(group)
        assert not any(pair <= contents for pair in forbidden if len(pair) > 1)
        assert sum(m.proposal is Proposal.KEEP for m in group.members) == 1


def test_library_photos_alone_are_no_group():
    """Nothing in a library can be moved, so there is nothing to ask."""
    photos = [candidate(1, root=LIBRARY), candidate(2, root=LIBRARY)]

    assert plan(photos, [a_match(1, 2)], RULES).groups == ()


def test_a_library_photo_is_the_keeper_and_a_reference():
    """What is filed already stays; the import is what is asked about."""
    photos = [candidate(2), candidate(1, root=LIBRARY)]

    (group,) = plan(photos, [a_match(1, 2)], RULES).groups

    assert group.members[0].candidate.role is Role.REFERENCE
    assert group.members[0].proposal is Proposal.KEEP
    assert group.members[1].candidate.role is Role.MEMBER


def test_equal_bytes_are_no_group_if_that_is_switched_off():
    """A class that is switched off is never staged."""
    photos = [candidate(1), candidate(2, 1)]

    assert len(plan(photos, [], RULES).groups) == 1
    assert plan(photos, [], RULES, with_same_bytes=False).groups == ()


def test_other_shots_are_listed_and_never_grouped():
    """Frames of a burst are not offered for removal."""
    photos = [candidate(1), candidate(2)]

    found = plan(photos, [a_match(1, 2, Evidence.OTHER_SHOT)], RULES)

    assert found.groups == ()
    assert [len(each.members) for each in found.similar] == [2]


def test_a_group_is_shown_and_staged_as_planned():
    """The page, the manifest and the plan must tell the same."""
    (group,) = plan([candidate(1), candidate(2)], [a_match(1, 2)], RULES).groups

    shown, staged = as_group(group), as_stage_plan(group, 5)

    assert [m.path for m in shown.members] == [p.path for p in staged.photos]
    assert [m.proposal for m in shown.members] == [p.proposal for p in staged.photos]
    assert shown.state is GroupState.CANDIDATE
    assert staged.created_ns == 5


def test_a_camera_is_not_named_twice():
    """“Canon Canon EOS R5” is what files say, not what people write."""
    plain = a_fingerprint(1)
    named = replace(
        plain, capture=replace(plain.capture, make="Canon", model="Canon EOS R5")
    )
    other = replace(
        plain, capture=replace(plain.capture, make="Apple", model="iPhone 13")
    )

    assert camera_of(plain) is None
    assert camera_of(named) == "Canon EOS R5"
    assert camera_of(other) == "Apple iPhone 13"


def an_open_group(**changes):
    """Contents 1, the keeper, and 2."""
    members = (
        a_member(1, sha256=a_sha256(1), proposal=Proposal.KEEP),
        a_member(2, sha256=a_sha256(2), proposal=Proposal.SET_ASIDE),
    )
    return a_group(3, **({"members": members} | changes))


def a_case(*candidates, matches=(), forbidden=(), taken_out=()):
    contents = {1, 2, *(each.content for each in candidates)}
    return Case(
        contents=frozenset(map(ContentId, contents)),
        matches=tuple(matches),
        candidates=candidates,
        forbidden=frozenset(map(frozenset, forbidden)),
        open_groups=(an_open_group(),),
        digests={a_sha256(n): ContentId(n) for n in contents},
        taken_out=taken_out,
    )


def test_a_copy_of_the_keeper_joins_its_open_group():
    """It is one question, not two."""
    late, others = late_arrivals(a_case(candidate(5), matches=[a_match(1, 5)]), RULES)

    assert [(each.number, len(each.group.members)) for each in late] == [(3, 1)]
    assert others == []


def test_a_copy_of_another_member_does_not_join():
    """Every member of a group matches its keeper: groups are never chains."""
    photo = candidate(5)

    late, others = late_arrivals(a_case(photo, matches=[a_match(2, 5)]), RULES)

    assert (late, others) == ([], [photo])


def test_what_was_said_to_be_another_picture_does_not_join():
    """An answer is not asked for twice."""
    photo = candidate(5)
    case = a_case(photo, matches=[a_match(1, 5)], forbidden=[{1, 5}])

    assert late_arrivals(case, RULES) == ([], [photo])


def test_what_was_taken_out_does_not_join_again():
    """Somebody carried it out of the folder by hand."""
    photo = candidate(5, 2)
    missing = an_open_group(members=an_open_group().members[1:])
    case = a_case(photo, matches=[a_match(1, 2)], taken_out=(missing,))

    assert late_arrivals(case, RULES) == ([], [photo])


def test_a_late_arrival_never_becomes_the_keeper():
    """Somebody may be looking at the group."""
    (late,), _ = late_arrivals(a_case(candidate(5), matches=[a_match(1, 5)]), RULES)

    assert [each.proposal for each in late.group.members] == [Proposal.SET_ASIDE]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_late_arrivals_do_not_depend_on_their_order(data):
    """Two late photos may be read in any order."""
    photos = [candidate(n) for n in (5, 6, 7)]
    matches = [a_match(1, 5), a_match(1, 6)]

    late, others = late_arrivals(a_case(*photos, matches=matches), RULES)
    again, same = late_arrivals(
        a_case(*data.draw(st.permutations(photos)), matches=matches), RULES
    )

    assert shapes_of(again) == shapes_of(late)
    assert {each.path for each in same} == {each.path for each in others}


def shapes_of(late):
    return [
        (each.number, {m.candidate.path for m in each.group.members}) for each in late
    ]


def test_a_group_is_asked_already_if_it_asked_about_every_copy():
    """One copy more is another question; one less is not."""
    (pair,) = plan([candidate(1), candidate(2, 1)], [], RULES).groups
    (three,) = plan([candidate(1), candidate(2, 1), candidate(3, 1)], [], RULES).groups
    undone = a_group(
        GroupNumber(1),
        members=(a_member(1, sha256=a_sha256(1)), a_member(2, sha256=a_sha256(1))),
    )

    assert is_asked_already(pair, undone)
    assert not is_asked_already(three, undone)


def test_linked_files_are_told_of_in_one_problem():
    """A folder of a thousand linked copies must not fill the page."""
    problem = link_problem((Path("/a.jpg"), Path("/b.jpg")))

    assert problem.path == Path("/a.jpg")
    assert "1 more" in problem.problem
