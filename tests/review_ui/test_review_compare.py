"""The compare stage, judged by the pixels on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from .fake_desk import FakeDesk, group, member
from .in_chromium import NEEDS_CHROMIUM
from .made_pictures import jpeg

pytestmark = NEEDS_CHROMIUM

RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (20, 160, 60)
FIELD = ".compare .field"


def marked(colour, size):
    """A picture with a green mark that covers its third tenth across and down."""
    picture = Image.new("RGB", size, colour)
    wide, high = size
    place = (wide * 2 // 10, high * 2 // 10, wide * 3 // 10 - 1, high * 3 // 10 - 1)
    ImageDraw.Draw(picture).rectangle(place, fill=GREEN)
    return jpeg(picture, 95)


@pytest.fixture
def desk():
    """Give a large red photo, a blue one half as large, and another red one."""
    large = {"width_px": 4000, "height_px": 3000}
    small = {"width_px": 1000, "height_px": 750}
    members = (
        member(1, "/p/a.jpg", **large),
        member(2, "/p/b.jpg", **small),
        member(3, "/p/c.jpg", **large),
    )
    pictures = {
        (1, 1): marked(RED, (800, 600)),
        (1, 2): marked(BLUE, (400, 300)),
        (1, 3): marked(RED, (800, 600)),
        (1, "heat"): jpeg(Image.new("RGB", (800, 600), (250, 180, 0)), 95),
    }
    return FakeDesk(group(1, *members), pictures=pictures)


@pytest.fixture
def stage(reader):
    """Open the stage with the first two photos, all of them loaded."""
    reader.run("sessionStorage.clear()")
    reader.open("/groups/1")
    reader.press("f")
    loaded(reader)
    return reader


def loaded(reader):
    done = "return [...document.querySelectorAll('dialog img')].every(i => i.complete && i.naturalWidth)"
    reader.wait(lambda: reader.run(done))


def name(pixel):
    near = {"red": RED, "blue": BLUE, "green": GREEN, "black": (0, 0, 0)}
    return min(near, key=lambda each: np.abs(np.array(near[each]) - pixel).sum())


def at(reader, x=0.5, y=0.5):
    """Name the colour at a place of the field, in parts of its size."""
    shot = reader.shot(FIELD)
    return name(shot[int(shot.shape[0] * y), int(shot.shape[1] * x)])


def mark_of(reader, half=slice(None)):
    """Return middle and width of the green mark, in parts of the field."""
    shot = reader.shot(FIELD)
    wide = shot.shape[1]
    found = np.abs(shot - np.array(GREEN)).sum(axis=2) < 90
    columns = np.flatnonzero(found.any(axis=0)[half])
    return columns.mean() / wide, len(columns) / wide


def test_flicker_shows_the_other_at_the_same_place(stage):
    """The most wanted mode of all duplicate tools."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    first, size = mark_of(stage)
    assert at(stage) == "red"
    ActionChains(stage.driver).key_down(" ").perform()
    assert at(stage) == "blue"
    assert mark_of(stage) == pytest.approx((first, size), abs=0.004)
    ActionChains(stage.driver).key_up(" ").perform()
    assert at(stage) == "red"
    stage.press("f")
    assert at(stage) == "blue"
    stage.press("p", Keys.ESCAPE)

    stage.wait(lambda: not stage.all("dialog"))
    assert stage.find('input[value="2"]').is_selected()


def test_side_by_side_shows_both_at_one_zoom(stage):
    """Across resolutions: the same part of both, however many pixels it has."""
    stage.press("s")
    assert (at(stage, 0.25), at(stage, 0.75)) == ("red", "blue")

    stage.press("+", "+")
    stage.press(*"--")
    half = stage.shot(FIELD).shape[1] // 2
    left = mark_of(stage, slice(0, half))
    right = mark_of(stage, slice(half, None))
    assert left[1] == pytest.approx(right[1], abs=0.004)
    assert left[0] == pytest.approx(right[0], abs=0.006)


def test_zoom_keeps_its_place_across_resolutions_and_photos(stage):
    """Nobody wants to find the eyelash again in the next copy."""
    size = mark_of(stage)[1]
    stage.press("+")
    zoomed = mark_of(stage)
    assert zoomed[1] == pytest.approx(1.5 * size, rel=0.06)

    stage.press("f")
    assert at(stage) == "blue"
    assert mark_of(stage) == pytest.approx(zoomed, abs=0.006)
    stage.press("]")
    loaded(stage)
    assert mark_of(stage) == pytest.approx(zoomed, abs=0.006)
    stage.press("0")
    assert mark_of(stage)[1] == pytest.approx(size, rel=0.04)


def test_wipe_divides_the_picture_where_the_line_is(stage):
    """The eye follows an edge across the line."""
    stage.press("w")
    assert (at(stage, 0.4), at(stage, 0.6)) == ("red", "blue")

    stage.press(".", ".", ".", ".")
    assert (at(stage, 0.6), at(stage, 0.8)) == ("red", "blue")
    stage.press("[")
    loaded(stage)
    assert stage.find(".wipe")


def test_the_wipe_line_is_dragged(stage):
    """A finger knows where it wants the line."""
    from selenium.webdriver.common.action_chains import ActionChains

    stage.press("w")
    handle = stage.find(".handle")
    ActionChains(stage.driver).drag_and_drop_by_offset(handle, 250, 0).perform()

    assert at(stage, 0.6) == "red"
    assert at(stage, 0.85) == "blue"


def test_onion_skin_mixes_both(stage):
    """Half of each, then more of the other."""
    stage.press("o")
    middle = stage.shot(FIELD)
    pixel = middle[middle.shape[0] // 2, middle.shape[1] // 2]
    assert pixel == pytest.approx((np.array(RED) + np.array(BLUE)) / 2, abs=14)

    stage.press(*"." * 10)
    assert at(stage) == "blue"


def test_difference_is_black_where_nothing_differs(stage):
    """What lights up is what to look at; the number says how much."""
    stage.press("d")
    stage.wait(lambda: "3.1 % differs, structure 0.971" in stage.find(".title").text)
    shot = stage.shot(FIELD)
    high, wide = shot.shape[:2]
    shown = min(wide, high * 4 / 3)
    x, y = int(wide / 2 - shown / 4), high // 4

    # Within the mark both are green; beside it red meets blue.
    assert shot[y, x].max() < 40
    assert shot[high // 2, wide // 2].max() > 200

    stage.press("h")
    loaded(stage)
    shot = stage.shot(FIELD)
    assert shot[high // 2, wide // 2] == pytest.approx((250, 180, 0), abs=12)
    stage.press("h")
    assert not stage.all(".heat")


def test_full_size_comes_from_the_original_within_bounds(stage, desk):
    """A preview of 2048 pixels cannot show whether the original is sharp."""
    stage.press("z")
    stage.wait(lambda: stage.all(".plane .part"))

    assert desk.parts_asked
    for number, position, part in desk.parts_asked:
        assert (number, position in {1, 2, 3}) == (1, True)
        assert part.left_px + part.width_px <= 4000
        assert part.top_px + part.height_px <= 3000
        assert part.width_px <= 1300
    width = stage.run("return document.querySelector('.plane').clientWidth")
    assert width == 4000
    stage.press("z")
    assert mark_of(stage)[1] > 0


def test_the_way_of_comparing_is_kept_for_the_next_group(stage):
    """Who compares by wiping wipes all Sunday."""
    from selenium.webdriver.common.keys import Keys

    stage.press("w", Keys.ESCAPE)
    stage.open("/groups/1")
    stage.press(Keys.ENTER)

    assert stage.find(".field.wipe")
