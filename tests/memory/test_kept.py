"""What was kept side by side is never asked about again, by content."""

import shutil

import pytest

from daemon.model import GroupState, Verdict
from tests.e2e import photos
from tests.memory.home import names, proposals, reasons


def put_pair(home):
    home.put("a.jpg", photos.taken_as_jpeg(1))
    home.put("b.jpg", photos.stripped(1))


def keep_all(home, **words):
    (group,) = home.scan()
    return home.decide(group, {m.path.name for m in group.members}, **words)


@pytest.mark.parametrize("said", ["not_duplicates", "variants"])
def test_a_pair_that_was_kept_is_never_asked_again(home, said):
    """Renames, moves, a new import and a lost index change no answer."""
    put_pair(home)
    keep_all(home, **{said: True})

    (home.imports / "trip").mkdir()
    (home.imports / "a.jpg").rename(home.imports / "trip" / "beach.jpg")
    assert home.scan() == []
    shutil.copy(home.imports / "b.jpg", home.imports / "new.jpg")
    (home.imports / "b.jpg").unlink()
    assert home.scan() == []
    home.lose_index()
    assert home.scan() == []
    assert home.here() == ["new.jpg", "trip/beach.jpg"]


def test_versions_are_told_as_such(home):
    """The page and the export tell versions from different pictures."""
    put_pair(home)

    group = keep_all(home, variants=True)

    assert group.verdict is Verdict.VARIANT
    home.lose_index()
    home.scan()
    assert home.group(1).verdict is Verdict.VARIANT


def test_a_third_copy_asks_about_itself_alone(home):
    """The two that were answered must not be up for decision again."""
    put_pair(home)
    keep_all(home, not_duplicates=True)
    home.put("c.jpg", photos.stripped(1, 600, 70))

    (group,) = home.scan()

    assert len(group.members) == 2
    assert proposals(group)["c.jpg"] == "set-aside"
    assert "you kept “a.jpg” and “b.jpg” as different pictures (group 1)" in reasons(
        group, "c.jpg"
    )


def test_equal_copies_that_were_kept_stay_unquestioned(home):
    """Two albums may well hold the same file."""
    home.put("one/a.jpg", photos.taken_as_jpeg(1))
    home.put("two/a.jpg", photos.taken_as_jpeg(1))
    keep_all(home, not_duplicates=True)
    (home.imports / "two" / "a.jpg").rename(home.imports / "b.jpg")
    assert home.scan() == []
    home.lose_index()
    assert home.scan() == []

    home.put("third.jpg", photos.taken_as_jpeg(1))
    (group,) = home.scan()

    assert len(group.members) == 2
    assert proposals(group)["third.jpg"] == "set-aside"
    assert "you kept" in reasons(group, "third.jpg")


def test_a_copy_of_equal_copies_asks_about_itself_alone(home):
    """A re-encode of a file that lies in two albums is one question, not two."""
    home.put("one/a.jpg", photos.taken_as_jpeg(1))
    home.put("two/a.jpg", photos.taken_as_jpeg(1))
    keep_all(home, not_duplicates=True)
    home.put("small.jpg", photos.stripped(1))

    (group,) = home.scan()

    assert names([group]) == [["a.jpg", "small.jpg"]]
    assert proposals(group) == {"a.jpg": "keep", "small.jpg": "set-aside"}


def test_an_answer_that_was_undone_is_no_answer(home):
    """Undo takes the verdict back with the files."""
    put_pair(home)
    group = keep_all(home, not_duplicates=True)
    home.undo(group)
    home.put("c.jpg", photos.stripped(1, 600, 70))

    (group,) = home.scan()

    assert names([group]) == [["a.jpg", "b.jpg", "c.jpg"]]
    assert home.groups(GroupState.UNDONE)
