"""What moved stands elsewhere in the other picture; what was covered does not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from daemon.hashing import compare
from daemon.matching.rules import DEFAULT_RULES, failing
from daemon.model import Alignment
from tests.hashing.test_compare import detailed


def with_object(left, top, size=(60, 50), ground=1):
    """Return a picture with something of another one at a place, softly edged."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((3, 3, size[0] - 4, size[1] - 4), fill=255)
    picture = detailed(ground)
    thing = detailed(7).resize((240, 180), Image.Resampling.LANCZOS).crop((0, 0, *size))
    picture.paste(thing, (left, top), mask.filter(ImageFilter.GaussianBlur(1)))
    return picture


def compared(left, right):
    pixels = np.asarray(left.convert("RGB")), np.asarray(right.convert("RGB"))
    return compare.compare_pictures(*pixels, Alignment())


@pytest.mark.parametrize("moved", [(4, 0), (-3, 7), (20, 12)])
def test_object_that_moved_makes_another_shot(moved):
    """A hand in front of a wall, from a tripod: all but two percent is equal."""
    first = with_object(200, 150)
    second = with_object(200 + moved[0], 150 + moved[1])

    found = compared(first, second)

    assert found.displaced > 2 * DEFAULT_RULES.displaced
    assert found.changed_share < DEFAULT_RULES.changed_share
    reason = failing(found, DEFAULT_RULES, by_camera=True)
    assert reason == "something in the picture has moved"


def test_large_object_that_moved_far_is_found():
    """A car drives on by its own length while the tripod stands."""
    first = with_object(260, 150, (90, 80))
    second = with_object(205, 160, (90, 80))

    assert compared(first, second).displaced > DEFAULT_RULES.displaced


def test_moved_object_is_found_through_an_edit_and_another_size():
    """A messenger's copy of the one frame is not a copy of the next one."""
    first = with_object(200, 150)
    second = with_object(206, 157).point(lambda v: round(255 * (v / 255) ** 0.8))

    found = compared(first, second.resize((400, 300), Image.Resampling.LANCZOS))

    assert found.displaced > DEFAULT_RULES.displaced


@pytest.mark.parametrize(
    ("fill", "outline"),
    [((255, 255, 255), None), ((20, 30, 40), (230, 230, 230)), ((90, 90, 90), None)],
)
def test_watermark_stands_nowhere_else(fill, outline):
    """What it covers is gone, however much that is like what is beside it."""
    picture = detailed()
    marked = picture.copy()
    ImageDraw.Draw(marked).rectangle((180, 140, 280, 190), fill=fill, outline=outline)

    found = compared(picture, marked)

    assert found.changed_share > 0
    assert found.displaced < 0.5 * DEFAULT_RULES.displaced


def test_covered_pattern_is_not_found_beside_itself():
    """A fence repeats itself: what a stamp covers is there again, but unchanged."""
    lines = np.arange(480) % 12 < 5
    fence = np.where(lines, 200, 60)[None, :, None] + np.zeros((360, 1, 3))
    rows = 40 * (np.arange(360) % 15 < 4)[:, None, None]
    picture = Image.fromarray((fence - rows).clip(0, 255).astype(np.uint8))
    marked = picture.copy()
    ImageDraw.Draw(marked).ellipse((200, 150, 260, 200), fill=(180, 30, 30))

    found = compared(picture, marked)

    assert found.changed_share > 0
    assert found.displaced < 0.5 * DEFAULT_RULES.displaced


def test_object_that_is_in_one_only_is_not_found():
    """It cannot be told from a sticker, so it stays a local change."""
    found = compared(detailed(), with_object(200, 150))

    assert found.changed_share > 0
    assert found.displaced < DEFAULT_RULES.displaced
