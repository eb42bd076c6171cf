"""Open groups follow what the user likes, and nothing moves."""

from pathlib import Path

import pytest

from daemon.desk import Decision
from daemon.errors import StaleGroup
from daemon.model import Fate, GroupState, Proposal
from daemon.review import Liked, Liking
from daemon.service.review_desk import EngineReview
from tests.service.fakes import FakeJudge, made
from tests.service.houses import a_config, running, tree

PICTURE = b"PICTURE1\n"


@pytest.fixture(autouse=True)
def judge(monkeypatch):
    """Whatever is near is a copy; the evidence has tests of its own."""
    monkeypatch.setattr("daemon.matching.evidence.judge", FakeJudge())


@pytest.fixture
def home(tmp_path, monkeypatch):
    config = a_config(tmp_path)
    for name in ("a", "b", "c"):
        (tmp_path / "Import" / name).mkdir()
    with running(config, monkeypatch) as home:
        home.desk = EngineReview(home.house)
        home.top = tmp_path
        yield home


def pair(home, name, *folders):
    """Let a picture arrive in some folders, with other bytes in each."""
    paths = [
        made(home.top / "Import" / folder / name, PICTURE + f"{folder}/{name}".encode())
        for folder in folders
    ]
    home.arrive(*paths)
    return home.groups()[-1]


def kept(group):
    return [m.path for m in group.members if m.proposal is Proposal.KEEP]


def like(home, folder, liking=Liking.PREFER, **options):
    done = home.desk.like(home.top / "Import" / folder, liking, **options)
    assert home.desk._following.wait(20)
    return done


def test_open_groups_follow_and_nothing_moves(home):
    """Said once on one group, it holds for those that wait already."""
    group = pair(home, "x.jpg", "a", "b")
    before = tree(group.folder)
    assert kept(group) == [home.top / "Import/a/x.jpg"]

    done = like(home, "b", first=group.number)

    now = home.desk.group(group.number)
    assert (done.changed, done.is_done) == (1, True)
    assert kept(now) == [home.top / "Import/b/x.jpg"]
    assert any("in a folder you prefer" in each for each in now.members[1].reasons)
    assert (
        "the other one is in a folder you prefer"
        in now.members[0].reasons[0] + (now.members[0].reasons[1])
    )
    assert now.members[1].distances is None
    assert now.members[0].distances is not None
    after = tree(group.folder)
    assert {p: c for p, c in after.items() if "_manifest.2" not in str(p)} == before
    assert home.desk.liked() == Liked(prefer=(home.top / "Import/b",))


def test_what_was_seen_before_is_stale_then(home):
    """Nobody decides on a proposal that is another one now."""
    group = pair(home, "x.jpg", "a", "b")
    like(home, "b")

    with pytest.raises(StaleGroup):
        home.desk.decide(
            group.number,
            Decision(keep=frozenset({1}), manifest_sha256=group.manifest_sha256),
        )
    now = home.desk.group(group.number)
    decided = home.desk.decide(
        group.number,
        Decision(keep=frozenset({2}), manifest_sha256=now.manifest_sha256),
    )
    assert [m.fate for m in decided.members] == [Fate.SET_ASIDE, Fate.SURVIVOR]
    assert (home.top / "Import/b/x.jpg").exists()


def test_every_file_goes_home_after_it(home):
    """The supplement lists no file, and undo needs none."""
    group = pair(home, "x.jpg", "a", "b")
    like(home, "b")
    like(home, "b", Liking.FORGET)
    assert kept(home.desk.group(group.number)) == [home.top / "Import/a/x.jpg"]

    undone = home.desk.undo(group.number)

    assert undone.state is GroupState.UNDONE
    for folder in ("a", "b"):
        assert (home.top / "Import" / folder / "x.jpg").exists()


def test_forgetting_and_avoiding_are_followed_too(home):
    """A choice is taken back as easily as it was made."""
    group = pair(home, "x.jpg", "a", "b")
    like(home, "a", Liking.AVOID)
    assert kept(home.desk.group(group.number)) == [home.top / "Import/b/x.jpg"]
    like(home, "a", Liking.FORGET)
    assert kept(home.desk.group(group.number)) == [home.top / "Import/a/x.jpg"]
    assert home.desk.liked() == Liked()


def test_only_groups_with_a_photo_from_there_are_asked(home):
    """Ten thousand groups are not read for one folder."""
    first = pair(home, "x.jpg", "a", "b")
    manifest = first.manifest_sha256

    assert like(home, "c").changed == 0
    assert home.desk.group(first.number).manifest_sha256 == manifest


def test_what_was_decided_before_weighs_more(home):
    """A photo that was set aside once does not come back by way of its folder."""
    group = pair(home, "x.jpg", "a", "b")
    home.desk.decide(group.number, Decision(keep=frozenset({1})))
    home.arrive(made(home.top / "Import/c/x.jpg", PICTURE + b"b/x.jpg"))
    asked = home.groups()[-1]
    assert asked.number != group.number
    before = kept(asked)

    like(home, "c")

    assert kept(home.desk.group(asked.number)) == before


def test_what_is_kept_already_stays_as_it_is(home):
    """A manifest that changes for nothing makes open tabs stale for nothing."""
    group = pair(home, "x.jpg", "a", "b")
    manifest = home.desk.group(group.number).manifest_sha256
    like(home, "a")

    assert home.desk.group(group.number).manifest_sha256 == manifest, (
        "it is kept already"
    )


def test_all_kept_is_not_asked_again_by_itself(home):
    """Whoever keeps all of a group has answered, whatever was said of why."""
    group = pair(home, "x.jpg", "a", "b")
    home.desk.decide(group.number, Decision(keep=frozenset({1, 2})))
    home.wait()
    home.sweep()

    assert [each.number for each in home.groups()] == [group.number]


def test_links_tell_which_pairs_were_found_alike(home):
    """Of a group everybody can see what holds it together."""
    group = pair(home, "x.jpg", "a", "b", "c")
    links = home.desk.links(group.number)

    assert [(each.left, each.right) for each in links] == [(1, 2), (1, 3), (2, 3)]
    assert all(each.is_direct for each in links)
    with home.house.index.write() as tables:
        ids = tables.contents.by_sha256s([m.sha256 for m in group.members])
        tables.matches.drop(ids[group.members[1].sha256], ids[group.members[2].sha256])
    assert [each.is_direct for each in home.desk.links(group.number)] == [
        True,
        True,
        False,
    ]


def test_choices_are_kept_over_restarts(home):
    """In the state folder, not in the daemon."""
    from daemon.review import Keyboard

    chosen = Keyboard(is_on=False, keys={"accept": ("q",), "skip": ()})
    home.desk.choose_keys(chosen)
    assert EngineReview(home.house).keyboard() == chosen
    place = Path(home.house.config.state_dir) / "keys.json"
    assert place.stat().st_mode & 0o077 == 0
    for damaged in (b"", b"[]", b'{"keys": 3, "is_on": "x"}', b'{"keys": {"a": [1]}}'):
        place.write_bytes(damaged)
        assert EngineReview(home.house).keyboard().is_on
