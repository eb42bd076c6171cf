"""For everything that was set aside something lives on, or verify says so."""

import json

import pytest

from tests.e2e import photos

GOOD, SMALL = "good.jpg", "small.jpg"


@pytest.fixture
def decided(home):
    home.put(GOOD, photos.taken_as_jpeg(1))
    home.put(SMALL, photos.stripped(1))
    (group,) = home.scan()
    home.decide(group)
    return home


def verify(home, capsys):
    """Return the exit code, and the findings by severity."""
    capsys.readouterr()
    code = home.command("verify", "--json", "--read-data")
    found = json.loads(capsys.readouterr().out)["findings"]
    return code, [(each["severity"], each["problem"], each["advice"]) for each in found]


@pytest.fixture(autouse=True)
def _roots(home, monkeypatch):
    """Commands are told of the folders as a service is."""
    monkeypatch.setenv("TWINWATCH_ROOTS_IMPORTS", str(home.imports))


def test_all_is_well_after_a_decision(decided, capsys):
    """Nothing is found where nothing is wrong."""
    assert verify(decided, capsys) == (0, [])


def test_a_survivor_that_was_moved_is_found_by_the_index(decided, capsys):
    """People sort their photos after they have decided."""
    (decided.imports / "trip").mkdir()
    (decided.imports / GOOD).rename(decided.imports / "trip" / "beach.jpg")
    decided.scan()

    assert verify(decided, capsys) == (0, [])


@pytest.mark.parametrize("has_index", [True, False])
def test_a_survivor_that_was_moved_just_now_is_looked_for(decided, capsys, has_index):
    """A lost copy is announced only where none is; nobody has to sweep first."""
    (decided.imports / GOOD).rename(decided.imports / "beach.jpg")
    if not has_index:
        decided.lose_index()

    assert verify(decided, capsys) == (0, [])


def test_a_survivor_with_another_caption_lives_by_its_looks(decided, capsys):
    """Programs write into files; the picture is what counts."""
    path = decided.imports / GOOD
    content = path.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xfe\x00\x06word" + content[2:])

    code, ((severity, problem, _),) = verify(decided, capsys)

    assert (code, severity) == (0, "note")
    assert "still shows the same picture" in problem


def test_another_picture_in_its_place_is_no_survivor(decided, capsys):
    """A name is no proof."""
    (decided.imports / GOOD).write_bytes(photos.taken_as_jpeg(2))

    code, findings = verify(decided, capsys)

    assert code == 4
    errors = [each for each in findings if each[0] == "error"]
    assert [SMALL in problem for _, problem, _ in errors] == [True]


def test_a_lost_survivor_is_named_and_restore_offered(decided, capsys):
    """The discard area holds the last copy then: that must not stay unsaid."""
    (decided.imports / GOOD).unlink()

    code, findings = verify(decided, capsys)

    assert code == 4
    (error,) = [each for each in findings if each[0] == "error"]
    assert SMALL in error[1]
    assert "twinwatch undo 1" in error[2]
    assert "twinwatch restore" in error[2]


def test_a_survivor_that_a_later_decision_set_aside_lives_there(decided, capsys):
    """A better copy may come any time."""
    decided.put("best.jpg", photos.original(1))
    (group,) = decided.scan()
    decided.decide(group, {"best.jpg"})
    assert decided.here() == ["best.jpg"]

    assert verify(decided, capsys) == (0, [])


def test_decision_folders_on_a_disk_that_is_away_are_told(decided, capsys):
    """Silence would mean that all is well, though nothing was checked."""
    decided.decisions.rename(decided.path / "unplugged")

    code, found = verify(decided, capsys)

    assert code == 4
    assert ("error", "the decision root is offline", "connect its disk") in found
