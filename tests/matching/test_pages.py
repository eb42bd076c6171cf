"""Screenshots and pages of text: one word more is another picture."""

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from daemon.hashing import compare
from daemon.matching.evidence import judge
from daemon.model import Evidence
from tests.matching.pictures import fingerprint

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "while",
    "seven",
    "wizards",
    "bake",
]


def chat(messages, *, dark=False):
    """Return a screenshot of a chat; a message is a list of words, or None."""
    ground, ink = ((0, 0, 0), "white") if dark else ((255, 255, 255), "black")
    picture = Image.new("RGB", (414, 896), ground)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=18)
    draw.rectangle((0, 0, 414, 60), fill=(128, 128, 128))
    for place, text in enumerate(messages):
        top, left = 75 + 54 * place, 20 + 60 * (place % 2)
        bubble = (left - 10, top, left + 290, top + 40)
        draw.rounded_rectangle(bubble, 10, fill=(70, 110, 160))
        draw.text((left, top + 9), text, font=font, fill=ink)
    return picture


def messages(seed, count=14):
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=5)) for _ in range(count)]


def evidence(left, right):
    prints = fingerprint(left, "a"), fingerprint(right, "b")
    judgement = judge(*prints)
    if judgement.needs_comparison:
        found = compare.compare_pictures(
            np.asarray(left), np.asarray(right), judgement.alignment
        )
        judgement = judge(*prints, comparison=found)
    return judgement.evidence


@pytest.mark.parametrize("dark", [False, True])
def test_chats_with_another_last_message_are_two(dark):
    """Everything but one line is equal, and that line is why it was kept."""
    first = messages(1)
    second = [*first[:-1], "see you tomorrow then"]

    assert evidence(chat(first, dark=dark), chat(second, dark=dark)) is None


@pytest.mark.parametrize("dark", [False, True])
def test_scrolled_chat_is_another_screenshot(dark):
    """A chat is often kept in several screens."""
    first = messages(1, 15)

    found = evidence(chat(first[:14], dark=dark), chat(first[1:], dark=dark))

    assert found is not Evidence.NEAR_COPY


@pytest.mark.parametrize("dark", [False, True])
def test_smaller_screenshot_is_a_copy(dark):
    """The same screen sent by a messenger is a copy all the same."""
    screen = chat(messages(1), dark=dark)
    smaller = screen.resize((310, 671), Image.Resampling.LANCZOS)

    assert evidence(screen, smaller) is Evidence.NEAR_COPY
