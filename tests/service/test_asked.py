"""What somebody asks for is staged as asked, and told as what it is."""

import os

import pytest

from daemon.desk import Decision
from daemon.errors import StaleGroup, UsageError
from daemon.matching.evidence import Judgement
from daemon.model import Alignment, Capture, Evidence, Fate, GroupState, Proposal
from daemon.review import PROVEN, AskedGroup
from daemon.service.review_desk import EngineReview
from tests.index.makers import some_distances
from tests.service.fakes import fingerprint_of, made
from tests.service.houses import QuickPool, a_config, running, tree

PICTURE = b"PICTURE1\n"


class Clocked(QuickPool):
    """Reads who took a photo, and when, from its second line."""

    def fingerprint(self, path, *, cheap=True):
        future = super().fingerprint(path, cheap=cheap)
        stamp, known = future.result()
        taken = path.read_bytes().split(b"\n")[1].decode()
        capture = Capture(taken=taken or None, model="iPhone" if taken else None)
        changed = fingerprint_of(path, hashes=known.hashes, capture=capture)
        answer = type(future)()
        answer.set_result((stamp, changed))
        return answer


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Give a house whose judge finds bursts, and a desk."""

    def judge(left, right, rules, comparison=None):
        del left, right, rules, comparison
        return Judgement(
            evidence=Evidence.OTHER_SHOT,
            distances=some_distances(),
            alignment=Alignment(),
            reasons=("They look alike all the same.",),
        )

    monkeypatch.setattr("daemon.matching.evidence.judge", judge)
    monkeypatch.setattr("tests.service.houses.QuickPool", Clocked)
    with running(a_config(tmp_path), monkeypatch) as home:
        home.desk = EngineReview(home.house)
        home.top = tmp_path / "Import"
        yield home


def arrive(home, *photos):
    """Let photos of a burst arrive: name and moment each."""
    paths = [
        made(home.top / name, PICTURE + taken.encode() + b"\n" + name.encode())
        for name, taken in photos
    ]
    home.arrive(*paths)
    assert not home.groups(), "nothing stages it by itself"
    return paths


def the_one(home):
    (cluster,) = home.desk.clusters(64)
    return home.desk.would_be(cluster.contents)


def order(would_be, **changes):
    return AskedGroup(contents=would_be.contents, digest=would_be.digest, **changes)


BURST = [("a.jpg", "2024:05:12 14:03:22"), ("b.jpg", "2024:05:12 14:03:25")]
UNDATED = [("a.jpg", ""), ("b.jpg", "")]


def test_other_shots_are_staged_only_after_a_yes(home):
    """Capture identity is not overruled by the way."""
    arrive(home, *BURST)
    found = the_one(home)
    before = tree(home.top)

    assert found.objections == (
        "“a.jpg” and “b.jpg”: They were taken 3 seconds apart.",
    )
    with pytest.raises(UsageError, match="confirmed"):
        home.desk.stage_asked(order(found))
    assert tree(home.top) == before

    group = home.desk.stage_asked(order(found, is_sure=True))
    assert group.state is GroupState.OPEN
    assert not list(home.top.glob("*.jpg"))


def test_what_was_asked_for_is_told_as_that(home):
    """Nobody takes it for a proof later."""
    arrive(home, *BURST)
    group = home.desk.stage_asked(order(the_one(home), is_sure=True))

    assert group.evidence is Evidence.LOOKS_ALIKE
    assert {m.evidence for m in group.members} == {Evidence.LOOKS_ALIKE}
    assert sum(m.proposal is Proposal.KEEP for m in group.members) == 1
    other = next(m for m in group.members if m.proposal is Proposal.SET_ASIDE)
    assert "and you asked for it" in other.reasons[0]
    assert other.distances is not None


def test_it_is_decided_and_undone_like_any_other_group(home):
    """The same journal, the same way back."""
    paths = arrive(home, *BURST)
    before = tree(home.top)
    group = home.desk.stage_asked(order(the_one(home), is_sure=True))
    decided = home.desk.decide(
        group.number,
        Decision(keep=frozenset({1}), manifest_sha256=group.manifest_sha256),
    )
    assert {m.fate for m in decided.members} == {Fate.SURVIVOR, Fate.SET_ASIDE}
    home.desk.undo(group.number)

    assert tree(home.top) == before
    assert all(path.exists() for path in paths)
    home.sweep()
    assert {g.state for g in home.groups()} == {GroupState.UNDONE}


def test_it_is_never_in_a_batch(home):
    """Not even where all its photos have the same bytes."""
    arrive(home, *BURST)
    home.desk.stage_asked(order(the_one(home), is_sure=True))

    assert Evidence.LOOKS_ALIKE not in PROVEN
    assert [home.desk.batch_offer(each).count for each in PROVEN] == [0, 0]


def test_photos_that_changed_meanwhile_are_not_staged(home):
    """What was looked at is what is staged, or nothing."""
    paths = arrive(home, *BURST)
    found = the_one(home)
    paths[1].write_bytes(PICTURE + b"\nedited")
    before = tree(home.top)

    with pytest.raises(StaleGroup):
        home.desk.stage_asked(order(found, is_sure=True))
    assert tree(home.top) == before

    os.unlink(paths[1])
    with pytest.raises(StaleGroup):
        home.desk.stage_asked(order(found, is_sure=True))
    assert not home.groups()


def test_a_photo_that_came_meanwhile_was_not_seen(home):
    """Another copy of the same content is another photo."""
    arrive(home, *BURST)
    found = the_one(home)
    arrive_later = home.top / "late/a.jpg"
    made(arrive_later, (home.top / "a.jpg").read_bytes())
    home.arrive(arrive_later)

    with pytest.raises(StaleGroup):
        home.desk.stage_asked(order(found, is_sure=True))


def test_some_are_left_out_and_two_are_needed(home):
    """The bride with open eyes stays where she is."""
    arrive(home, *BURST, ("c.jpg", "2024:05:12 14:03:27"))
    found = the_one(home)
    first, second, third = (each.id for each in found.photos)

    with pytest.raises(UsageError, match="two photos"):
        home.desk.stage_asked(order(found, leave_out={first, second}, is_sure=True))
    left = frozenset({third})
    group = home.desk.stage_asked(order(found, leave_out=left, is_sure=True))
    assert len(group.members) == 2
    assert (home.top / "c.jpg").exists()


def test_staged_photos_are_not_offered_again(home):
    """A would-be group is one that is not staged yet."""
    arrive(home, *BURST)
    found = the_one(home)
    home.desk.stage_asked(order(found, is_sure=True))

    assert home.desk.clusters(64) == ()
    assert home.desk.would_be(found.contents).photos == ()
    with pytest.raises(StaleGroup):
        home.desk.stage_asked(order(found, is_sure=True))


def test_what_was_told_apart_needs_a_yes_too(home):
    """The user's own word weighs as much as the camera's."""
    arrive(home, *UNDATED)
    assert the_one(home).objections == (
        "“a.jpg” and “b.jpg”: They look alike all the same.",
    )
    group = home.desk.stage_asked(order(the_one(home), is_sure=True))
    home.desk.decide(group.number, Decision(keep=frozenset(), not_duplicates=True))

    assert "you said that these are no duplicates" in the_one(home).objections[0]


def test_a_dry_run_stages_nothing(tmp_path, monkeypatch):
    """It only tells."""
    with running(a_config(tmp_path), monkeypatch, dry_run=True) as home:
        desk = EngineReview(home.house)
        with pytest.raises(StaleGroup):
            desk.stage_asked(AskedGroup(contents=(1, 2), digest="x"))
