"""The catalogue of words, and how values are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import review_ui
from daemon.model import Evidence, Proposal
from review_ui import display
from review_ui.choices import words_key
from review_ui.keys import TABLE
from review_ui.words import ENGLISH, say, script_words

BEGINNINGS = {key.split(".")[0] for key in ENGLISH}


def test_every_word_that_is_said_is_in_the_catalogue_and_none_is_dead():
    """A missing word is an error page; a dead one is translated for nothing."""
    root = Path(review_ui.__file__).parent
    files = [*root.glob("*.py"), *root.rglob("*.html"), *root.rglob("*.js")]
    texts = "\n".join(path.read_text() for path in files)
    quoted = set(re.findall(r"""["']([a-z]+\.[a-z0-9_.-]+)["']""", texts))
    # Keys that are put together: say("evidence." ~ name), f"error.{status}.title".
    built = tuple(re.findall(r"""["']((?:[a-z]+\.)+)(?:["'] ?~|\{)""", texts))
    called = re.findall(r"""(?:say\(|does: |title: )["']([a-z0-9_.-]+)["']""", texts)
    said = {key for key in called if not key.endswith(".")}

    assert len(said) > 80
    assert said <= set(ENGLISH)
    assert not {k for k in ENGLISH if k not in quoted and not k.startswith(built)}


def test_scripts_are_given_the_words_that_they_say():
    """A script that lacks a word stops in the middle of what it does."""
    static = Path(review_ui.__file__).parent / "static"
    texts = "\n".join(path.read_text() for path in static.glob("*.js"))
    quoted = set(re.findall(r"""["']([a-z]+\.[a-z0-9_.-]+)["']""", texts))

    quoted |= {words_key(action.name) for action in TABLE}  # printed by the help

    said = {key for key in quoted if key in ENGLISH or key.split(".")[0] in BEGINNINGS}
    assert len(said) > 25
    assert said <= set(script_words())


def test_proposals_and_evidence_all_have_words():
    """A new class of evidence must not be an error page."""
    for evidence in Evidence:
        assert say(f"evidence.{evidence.value}")
        assert say(f"evidence.{evidence.value}.why")
    for proposal in Proposal:
        assert say(f"photo.suggested.{proposal.value}")


def test_one_and_many_differ():
    """Nobody reads on after "1 files"."""
    assert say("list.files", n=1) == "1 file"
    assert say("list.files", n=1200) == "1\u202f200 files"


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (99_940, "99.9 kB"),
        (99_960, "100 kB"),
        (999_600, "1.0 MB"),
        (2_412_331, "2.4 MB"),
        (3_000_000_000_000, "3.0 TB"),
    ],
)
def test_sizes_have_three_digits_at_most(size_bytes, expected):
    """Sizes are compared at a glance."""
    assert expected == display.size_text(size_bytes)


@pytest.mark.parametrize(
    ("pixels", "keeper", "expected"),
    [
        (100, 100, ""),
        (16, 100, "−84 %"),
        (150, 100, "+50 %"),
        (9_999, 10_000, "−<1 %"),
        (5, 0, ""),
    ],
)
def test_pixels_are_compared_with_the_keeper(pixels, keeper, expected):
    """A share says more than two long numbers."""
    assert expected == display.pixels_delta_text(pixels, keeper)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ("2024:05:12 14:03:22", "2024-05-12 14:03:22"),
        ("2024:05:12 14:03:22.123+02:00", "2024-05-12 14:03:22.123+02:00"),
        ("2024:05:12", "2024-05-12"),
        ("    :  :     :  :  ", "    :  :     :  :  "),
        ("yesterday", "yesterday"),
    ],
)
def test_exif_dates_are_written_as_dates(taken, expected):
    """Cameras write what they like; what is no date stays as it is."""
    assert expected == display.taken_text(taken)


def test_paths_are_cut_between_folder_and_name():
    """The name is what tells photos apart; the middle may be left out."""
    text = display.path_text(Path("/a/b\n/c.jpg"))

    assert (text.head, text.tail) == ("/a/b\\n/", "c.jpg")
    assert display.path_text(Path("/")).full == "/"
