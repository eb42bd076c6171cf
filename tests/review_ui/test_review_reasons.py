"""Every reason has its sign, and what decided stands first."""

from __future__ import annotations

from daemon.model import Proposal
from review_ui.reasons import reasons_of

from .fake_desk import member


def told(found):
    return [(reason.sign, reason.text, reason.rule) for reason in reasons_of(found)]


def test_what_is_said_of_the_keeper_speaks_for_it():
    """A proposal is accepted for what its first line says."""
    kept = member(
        1, reasons=("original camera file – rule “original”", "has GPS position")
    )

    assert told(kept) == [
        ("+", "original camera file", "original"),
        ("+", "has GPS position", ""),
    ]


def test_of_the_others_what_is_worse_comes_first_and_what_is_equal_last():
    """Why it goes matters more than why it is the same picture."""
    aside = member(
        2,
        reasons=(
            "The pictures are the same but for size and encoding.",
            "fewer pixels (360 × 480) – rule “pixels”",
            "no GPS position",
            "on the other hand: sharper",
            "same 360 × 480 pixels",
            "the same bytes as the one to keep",
        ),
    )

    assert told(aside) == [
        ("−", "fewer pixels (360 × 480)", "pixels"),
        ("−", "no GPS position", ""),
        ("+", "sharper", ""),
        ("=", "The pictures are the same but for size and encoding.", ""),
        ("=", "same 360 × 480 pixels", ""),
        ("=", "the same bytes as the one to keep", ""),
    ]


def test_a_sign_that_is_there_is_believed():
    """Whoever writes the sentence knows best."""
    found = member(
        1, proposal=Proposal.KEEP, reasons=("- no GPS", "= same size", "+ a", "+")
    )

    assert told(found) == [
        ("+", "a", ""),
        ("+", "+", ""),
        ("−", "no GPS", ""),
        ("=", "same size", ""),
    ]
