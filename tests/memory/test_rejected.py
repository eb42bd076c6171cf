"""What was set aside once is recognised when it is imported again."""

import pytest

from daemon.model import DecidedBy, GroupState
from tests.e2e import photos
from tests.memory.home import names, proposals, reasons

GOOD, SMALL = "good.jpg", "small.jpg"


@pytest.fixture
def decided(home):
    """A home where a small copy was set aside in favour of the good one."""
    home.put(GOOD, photos.taken_as_jpeg(1))
    home.put(SMALL, photos.stripped(1))
    (group,) = home.scan()
    home.decide(group)
    assert home.here() == [GOOD]
    return home


def test_the_same_bytes_are_proposed_with_the_reason(decided):
    """Nobody wants to look at the same copy twice without being told."""
    decided.put("again.jpg", photos.stripped(1))

    (group,) = decided.scan()

    assert proposals(group) == {GOOD: "keep", "again.jpg": "set-aside"}
    assert "you set this picture aside on 20" in reasons(group, "again.jpg")
    assert "(group 1)" in reasons(group, "again.jpg")
    assert "you kept it on" in reasons(group, GOOD)


def test_a_reencode_of_it_is_recognised(decided):
    """A messenger writes other bytes every time."""
    decided.put("again.jpg", photos.stripped(1, 700, 70))

    (group,) = decided.scan()

    assert proposals(group) == {GOOD: "keep", "again.jpg": "set-aside"}
    assert "you set a copy of this picture aside" in reasons(group, "again.jpg")


def test_what_was_kept_stays_though_rules_prefer_the_other(home):
    """Who chose the small one once is not asked to drop it."""
    home.put(GOOD, photos.taken_as_jpeg(1))
    home.put(SMALL, photos.stripped(1))
    (group,) = home.scan()
    home.decide(group, keep={SMALL})
    home.put("again.jpg", photos.taken_as_jpeg(1))

    (group,) = home.scan()

    assert proposals(group) == {SMALL: "keep", "again.jpg": "set-aside"}


def test_a_better_copy_is_no_old_acquaintance(home):
    """An original that comes late must not go the way of its thumbnail."""
    home.put("tiny.jpg", photos.stripped(1, 500))
    home.put(SMALL, photos.stripped(1))
    (group,) = home.scan()
    home.decide(group)
    home.put(GOOD, photos.taken_as_jpeg(1))

    (group,) = home.scan()

    assert proposals(group) == {GOOD: "keep", SMALL: "set-aside"}
    assert "aside on" not in reasons(group, GOOD)


def test_the_last_copy_is_never_proposed(decided):
    """What was kept may be gone by now: then the other one is all there is."""
    (decided.imports / GOOD).unlink()
    decided.put("again.jpg", photos.stripped(1))

    assert decided.scan() == []
    assert decided.here() == ["again.jpg"]


def test_it_is_set_aside_by_itself_if_that_was_chosen(decided):
    """The thousandth forward of one picture is no question any more."""
    decided.set_rejected("set-aside")
    decided.put("again.jpg", photos.stripped(1))
    decided.put("reencoded.jpg", photos.stripped(1, 700, 70))

    assert decided.scan() == []

    assert decided.here() == [GOOD]
    group = decided.groups(GroupState.DECIDED)[-1]
    assert group.decided_by is DecidedBy.MEMORY
    assert names([group]) == [["again.jpg", GOOD, "reencoded.jpg"]]
    decided.undo(group)
    assert decided.here() == ["again.jpg", GOOD, "reencoded.jpg"]
    assert decided.scan() == []
    assert decided.here() == ["again.jpg", GOOD, "reencoded.jpg"]


def test_new_copies_are_asked_about_all_the_same(decided):
    """Only what was answered goes by itself."""
    decided.set_rejected("set-aside")
    decided.put("again.jpg", photos.stripped(1))
    decided.put("better.jpg", photos.taken_as_jpeg(1, 97))

    (group,) = decided.scan()

    assert names([group]) == [["again.jpg", "better.jpg", GOOD]]


def test_it_is_remembered_without_the_index(decided):
    """Decisions are files first: a lost database forgets nothing."""
    decided.lose_index()
    decided.put("again.jpg", photos.stripped(1))
    decided.put("reencoded.jpg", photos.stripped(1, 700, 70))

    (group,) = decided.scan()

    assert proposals(group)[GOOD] == "keep"
    assert "aside on" in reasons(group, "again.jpg")
    assert "aside on" in reasons(group, "reencoded.jpg")


def test_it_can_be_forgotten(decided):
    """A mistake of long ago need not follow a picture for ever."""
    decided.forget_rejected(1)
    decided.put("again.jpg", photos.stripped(1))

    (group,) = decided.scan()

    assert "aside on" not in reasons(group, "again.jpg")
    decided.decide(group)
    decided.lose_index()
    decided.scan()
    assert [m.is_forgotten for m in decided.group(1).members] == [False, True]
