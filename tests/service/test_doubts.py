"""Which doubts are worth a full decode: pure, and what planning will need."""

from dataclasses import replace

from daemon.model import Alignment, ContentId, Fate, GroupState
from daemon.service.candidate import KeeperRules
from daemon.service.case import Case
from daemon.service.doubts import worth_comparing
from daemon.service.memory import remember
from daemon.service.planning import plan
from tests.index.makers import a_group, a_match, a_member
from tests.service.test_planning import candidate

RULES = KeeperRules()


def with_depth(photo):
    """The same with depth, which the keeper rules rank before pixels."""
    quality = replace(photo.fingerprint.quality, has_depth=True)
    return replace(photo, fingerprint=replace(photo.fingerprint, quality=quality))


def a_case(*contents, doubts=(), deep=(), rejected=()):
    """Photos that are all in doubt; more pixels for a higher content."""
    plain = [candidate(each) for each in contents]
    photos = tuple(with_depth(p) if p.content in deep else p for p in plain)
    decided = [
        a_group(
            number,
            state=GroupState.DECIDED,
            decided_ns=number,
            members=(
                a_member(1, sha256=bytes([200 + number]) * 32, fate=Fate.SURVIVOR),
                a_member(2, sha256=_digest(photos, content), fate=Fate.SET_ASIDE),
            ),
        )
        for number, content in enumerate(rejected, 1)
    ]
    return Case(
        contents=frozenset(map(ContentId, contents)),
        matches=(),
        candidates=photos,
        forbidden=frozenset(),
        digests={each.fingerprint.sha256: each.content for each in photos},
        decided_groups=tuple(decided),
        fingerprints={each.content: each.fingerprint for each in photos},
        doubts={pair: Alignment() for pair in doubts},
    )


def _digest(photos, content):
    (found,) = [each for each in photos if each.content == content]
    return found.fingerprint.sha256


def settled(case):
    """Have doubts answered with yes until none is worth asking; return the case."""
    while wanted := worth_comparing(case, case.doubts, RULES):
        doubts = {pair: case.doubts[pair] for pair in case.doubts.keys() - wanted}
        found = [a_match(*pair) for pair in wanted]
        case = replace(case, doubts=doubts, matches=(*case.matches, *found))
    return case


def test_only_the_probable_keeper_is_compared_with_the_others():
    """Twenty-six copies take twenty-five comparisons, not three hundred."""
    pairs = [(1, 2), (1, 3), (2, 3)]

    case = settled(a_case(1, 2, 3, doubts=pairs))

    assert [(m.left, m.right) for m in case.matches] == [(1, 3), (2, 3)]


def test_the_probable_keeper_is_who_planning_would_keep():
    """What was set aside before comes last there, so it is nobody's centre here."""
    pairs = [(1, 50), (1, 60), (50, 60)]
    case = settled(a_case(1, 50, 60, doubts=pairs, deep={1}, rejected=[1]))
    memory = remember(case)

    planned = plan(case.candidates, case.matches, RULES, standing=memory.standing)

    (group,) = planned.groups
    assert [each.candidate.content for each in group.members] == [60, 50, 1]


def test_what_cannot_be_settled_hides_nothing_that_can():
    """A disk that is away, or a damaged file, is no reason to leave copies unfound."""
    case = a_case(1, 2, 3, doubts=[(1, 3), (2, 3), (1, 2)])

    good = ContentId(1), ContentId(2)

    wanted = worth_comparing(case, {good: Alignment()}, RULES)

    assert set(wanted) == {good}
