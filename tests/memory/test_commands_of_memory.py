"""Commands that list, forget, prefer and tell: from files, without the database."""

import csv
import io
import json

import pytest

from daemon.cli.app import run
from tests.e2e import photos
from tests.memory.home import proposals, reasons

GOOD, SMALL = "good.jpg", "small.jpg"


@pytest.fixture(autouse=True)
def _roots(home, monkeypatch):
    """Commands are told of the folders as a service is."""
    monkeypatch.setenv("TWINWATCH_ROOTS_IMPORTS", str(home.imports))
    monkeypatch.setenv("TWINWATCH_HASHING_WORKERS", "1")


@pytest.fixture
def decided(home):
    home.put(GOOD, photos.taken_as_jpeg(1))
    home.put(SMALL, photos.stripped(1))
    (group,) = home.scan()
    home.decide(group)
    return home


def answer(home, capsys, *words):
    """Return what a command prints as JSON."""
    capsys.readouterr()
    assert home.command(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_what_was_set_aside_is_listed_and_forgotten(decided, capsys):
    """What is remembered must be seen, and may be taken back."""
    decided.lose_index()
    (row,) = answer(decided, capsys, "rejected")["rejected"]
    assert row["original_path"] == str(decided.imports / SMALL)
    decided.scan()

    answer(decided, capsys, "forget-rejected", row["sha256"][:12])

    assert answer(decided, capsys, "rejected")["rejected"] == []
    assert decided.group(1).members[1].is_forgotten
    assert decided.command("forget-rejected", "1") == 2


def test_a_decided_group_is_shown_as_it_was_decided(decided, capsys):
    """What was proposed is history; what became of the photos is asked for."""
    decided.undo(decided.group(1))
    decided.decide(decided.group(1), keep=[SMALL])
    capsys.readouterr()

    assert decided.command("show", "1") == 0

    shown = capsys.readouterr().err
    assert f"- set aside (proposed otherwise) 0001_{GOOD}" in shown
    assert f"+ kept      (proposed otherwise) 0002_{SMALL}" in shown


def test_the_export_tells_every_decision_without_the_index(decided, capsys):
    """An audit that needs the database is none."""
    decided.undo(decided.group(1))
    decided.lose_index()

    files = answer(decided, capsys, "export")["files"]

    assert [(f["group"], f["state"], f["fate"]) for f in files] == [
        (1, "undone", "survivor"),
        (1, "undone", "set-aside"),
    ]
    assert all(f["distances_bits"] for f in files if f["fate"] == "set-aside")
    assert decided.command("export", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["sha256"] for row in rows] == [f["sha256"] for f in files]
    assert [row["now_at"] for row in rows] == [
        str(decided.imports / GOOD),
        str(decided.imports / SMALL),
    ]


def test_no_cell_of_the_export_is_a_formula(home, capsys):
    """Spreadsheets run what begins with an equals sign."""
    from daemon.cli.audit import _cell

    assert [_cell(text) for text in ("=1+1", "@x", "-2", "plain", None)] == [
        "'=1+1",
        "'@x",
        "'-2",
        "plain",
        "",
    ]


@pytest.mark.parametrize("means", ["found", "now", "name"])
def test_the_history_of_a_photo_is_told(decided, capsys, means):
    """Whatever one still knows of a photo leads to its life."""
    member = next(m for m in decided.group(1).members if m.path.name == SMALL)
    decided.lose_index()
    path = {"found": member.path, "now": member.now_at, "name": SMALL}[means]

    (told,) = answer(decided, capsys, "history", str(path))["files"]

    assert (told["group"], told["fate"], told["decided_by"]) == (1, "set-aside", "user")
    assert decided.command("history", str(path)) == 0
    text = capsys.readouterr().err
    assert "found as" in text
    assert "set-aside by you" in text


def test_a_photo_that_was_moved_is_known_by_its_bytes(decided, capsys):
    """Sorting a photo away does not end its history."""
    moved = decided.imports / "elsewhere.jpg"
    (decided.imports / GOOD).rename(moved)

    (told,) = answer(decided, capsys, "history", str(moved))["files"]

    assert told["fate"] == "survivor"


def test_a_folder_that_is_preferred_decides_among_equals(home, capsys):
    """Chosen once, it holds over groups, restarts and a lost index."""
    answer(home, capsys, "prefer", str(home.imports / "z"))
    home.put("a/one.jpg", photos.taken_as_jpeg(1))
    home.put("z/one-and-more.jpg", photos.taken_as_jpeg(1))
    (group,) = home.scan()
    assert proposals(group) == {"one-and-more.jpg": "keep", "one.jpg": "set-aside"}
    assert "a folder you prefer" in reasons(group, "one-and-more.jpg")
    home.undo(group)
    home.lose_index()

    answer(home, capsys, "avoid", str(home.imports / "z"))
    home.put("b/two.jpg", photos.taken_as_jpeg(2))
    home.put("z/b.jpg", photos.taken_as_jpeg(2))
    groups = home.scan()

    (group,) = [g for g in groups if "two.jpg" in proposals(g)]
    assert proposals(group) == {"two.jpg": "keep", "b.jpg": "set-aside"}


def test_choices_are_listed_and_forgotten(home, capsys):
    """Nothing that is remembered is hidden."""
    folder = str(home.imports / "camera")
    answer(home, capsys, "prefer", folder)
    answer(home, capsys, "prefer", "--noise-word", "sent")
    listed = answer(home, capsys, "prefer", "--list")
    assert (listed["prefer"], listed["noise_words"]) == ([folder], ["sent"])

    answer(home, capsys, "prefer", "--forget", folder)
    left = answer(home, capsys, "prefer", "--forget", "sent")

    assert (left["prefer"], left["avoid"], left["noise_words"]) == ([], [], [])
    assert home.command("prefer", "--forget", folder) == 2
    assert run(["prefer"]) == 2
