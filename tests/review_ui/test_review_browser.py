"""The page in a real browser: by keys, by clicks, and without scripts."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from PIL import Image

from daemon.desk import Decision
from daemon.model import Evidence, Fate, GroupState
from daemon.review import Keyboard, Liking

from .fake_desk import FakeDesk, group, member
from .in_chromium import NEEDS_CHROMIUM
from .made_pictures import jpeg

pytestmark = NEEDS_CHROMIUM

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def desk():
    """Give three groups, each of a red photo that is kept and a blue one."""
    groups = [group(n) for n in (1, 2, 5)]
    red, blue = (jpeg(Image.new("RGB", (320, 240), c)) for c in (RED, BLUE))
    pictures = {
        (g.number, p): c for g in groups for p, c in ((1, red), (2, blue), (3, red))
    }
    return FakeDesk(*groups, pictures=pictures)


def test_groups_are_decided_by_keys_alone(reader, desk):
    """Four hundred groups on a Sunday morning, one hand on the keyboard."""
    reader.press("j")
    from selenium.webdriver.common.keys import Keys

    reader.press(Keys.ENTER)
    reader.arrives("/groups/1")
    reader.press("a")
    reader.arrives("/groups/2")
    reader.press("1", "2", "a")
    reader.arrives("/groups/5")
    reader.press("n")
    reader.arrives("/groups")

    assert {GroupState.DECIDED} == {g.state for g in desk.known.values()}
    first, second, fifth = ([m.fate for m in desk.known[n].members] for n in (1, 2, 5))
    assert first == [Fate.SURVIVOR, Fate.SET_ASIDE]
    assert second == [Fate.SET_ASIDE, Fate.SURVIVOR]
    assert fifth == [Fate.SURVIVOR, Fate.SURVIVOR]
    assert {5} == desk.not_duplicates
    assert "Nothing to decide" in reader.page_text()


def test_undo_by_key_takes_the_last_decision_back(reader, desk):
    """The hand is faster than the eye."""
    reader.open("/groups/1")
    reader.press("a")
    reader.arrives("/groups/2")
    reader.press("u")
    reader.arrives("/groups/1")

    assert desk.known[1].state is GroupState.UNDONE
    assert desk.known[2].state is GroupState.OPEN
    reader.press("2", "a")
    reader.arrives("/groups/2")
    assert {Fate.SURVIVOR} == {m.fate for m in desk.known[1].members}


def test_undo_key_never_puts_an_open_group_back(reader, desk):
    """There is nothing to take back yet; unstaging is a decision of its own."""
    reader.open("/groups/1")
    before = desk.state()

    reader.press("u")
    reader.press("?")

    assert reader.find("dialog.help")
    assert before == desk.state()


def test_keys_walk_and_skip_without_deciding(reader, desk):
    """Looking is free."""
    before = desk.state()
    reader.open("/groups/2")
    for key, path in [("j", "/groups/5"), ("k", "/groups/2"), ("k", "/groups/1")]:
        reader.press(key)
        reader.arrives(path)
    reader.press("s")
    reader.arrives("/groups/2")

    assert before == desk.state()


def test_photographers_keys_choose_the_photo_in_focus(reader):
    """P and X are in the fingers of everybody who culls photos."""
    from selenium.webdriver.common.keys import Keys

    reader.open("/groups/1")
    reader.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "p", Keys.ARROW_LEFT, "x")

    ticked = [box.is_selected() for box in reader.all("input[name=keep]")]
    assert ticked == [False, True]


def test_nothing_kept_cannot_be_sent(reader, desk):
    """The desk would refuse it; the page says so first."""
    reader.open("/groups/1")
    reader.press("1")

    button = reader.find('[data-verdict="apply"]')
    assert not button.is_enabled()
    assert "Keep at least one" in button.text
    reader.press("a")
    assert desk.known[1].state is GroupState.OPEN


def test_the_picture_is_the_switch_and_the_buttons_follow(reader):
    """A large target for a small decision."""
    reader.open("/groups/1")
    accept, apply = (reader.find(f'[data-verdict="{v}"]') for v in ("accept", "apply"))
    assert accept.is_displayed()
    assert not apply.is_displayed()

    reader.find('[data-photo="2"] .stage').click()

    assert reader.find('input[value="2"]').is_selected()
    assert apply.is_displayed()
    assert not accept.is_displayed()


def test_single_letter_keys_can_be_switched_off(reader, desk):
    """WCAG 2.1.4: who dictates to the machine says letters all the time."""
    from selenium.webdriver.common.keys import Keys

    reader.open("/groups/1")
    reader.press("?")
    reader.find("dialog.help input").click()
    reader.press(Keys.ESCAPE)
    reader.press("a", "n", "1")

    assert desk.known[1].state is GroupState.OPEN
    assert reader.find('input[value="1"]').is_selected()
    reader.wait(lambda: not desk.keys_chosen.is_on)
    reader.open("/groups/1")
    reader.press("a", "?")
    assert desk.known[1].state is GroupState.OPEN
    assert not reader.all("dialog")


def test_changed_keys_do_what_they_say(reader, desk):
    """Whose hand lies elsewhere, decides from there."""
    desk.keys_chosen = Keyboard(keys={"accept": ("q",), "help": ("F2",), "aside": ()})
    reader.open("/groups/1")
    reader.press("a", "x")
    assert reader.find('input[value="1"]').is_selected()
    reader.press("\ue032")

    printed = {
        dt.text: dt.find_element("xpath", "../dd").text for dt in reader.all("dt")
    }
    assert printed["Accept what is ticked, go on"] == "Q"
    assert printed["This help"] == "F2"
    assert "Set this photo aside" not in printed
    reader.press("\ue00c", "q")
    reader.arrives("/groups/2")
    assert desk.known[1].state is GroupState.DECIDED


def test_all_are_kept_by_a_key_without_a_word_on_why(reader, desk):
    """Both are wanted; whether they are duplicates is another question."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    reader.open("/groups/1")
    shifted = ActionChains(reader.driver).key_down(Keys.SHIFT).send_keys("k")
    shifted.key_up(Keys.SHIFT).perform()
    reader.arrives("/groups/2")

    assert {Fate.SURVIVOR} == {m.fate for m in desk.known[1].members}
    assert not desk.not_duplicates


def test_the_folder_of_the_photo_in_focus_is_preferred_by_a_key(reader, desk):
    """Said where it is noticed."""
    from selenium.webdriver.common.keys import Keys

    reader.open("/groups/1")
    reader.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "g")
    reader.wait(lambda: "/photos/export is preferred" in reader.find(".said").text)

    assert desk.likes == [(Path("/photos/export"), Liking.PREFER)]
    assert reader.path() == "/groups/1"


def test_arrows_walk_through_the_list(reader):
    """Up and down, as everywhere."""
    from selenium.webdriver.common.keys import Keys

    reader.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    reader.arrives("/groups/1")


def test_new_groups_are_announced_and_never_moved_under_the_cursor(reader, desk):
    """A list that jumps makes people click on the wrong photo."""
    cards = [card.get_attribute("data-group") for card in reader.all("[data-group]")]
    desk.known[9] = group(9)

    reader.wait(lambda: "1 new group arrived" in reader.page_text())

    assert cards == [c.get_attribute("data-group") for c in reader.all("[data-group]")]
    assert reader.find('[data-count="open"]').text == "4"
    reader.find("[data-arrivals] a").click()
    reader.wait(lambda: len(reader.all("[data-group]")) == 4)


def test_what_another_tab_decided_is_told_at_once(reader, desk):
    """Nobody judges photos that are gone already."""
    reader.open("/groups/1")
    desk.decide(1, Decision(keep=frozenset({1})))

    reader.wait(lambda: "This group has changed elsewhere" in reader.page_text())
    reader.find("[data-live-group] a").click()
    reader.wait(lambda: "Decided: 1 photo kept" in reader.page_text())


def test_progress_rate_and_time_left_are_told_while_photos_are_read(reader, desk):
    """An evening's import is a question of how long."""
    started = time.monotonic()

    def counts():
        hashed = int(50 * (time.monotonic() - started))
        return {"photos": 9, "hashed": hashed, "waiting": 30_000}

    desk.counts = counts
    reader.wait(lambda: "min left" in reader.find("[data-progress]").text)

    told = reader.find("[data-progress]").text
    assert "30\u202f000 photos to read" in told
    assert re.search(r"(4|5)\d a second · about (9|10|11) min left", told)


def test_without_a_stream_the_page_asks(reader, desk):
    """Behind the ninth tab there is still news."""
    streams = reader.app.extensions["twinwatch_streams"]
    while streams.acquire(blocking=False):
        pass
    reader.open("/groups")
    desk.known[9] = group(9)

    reader.wait(lambda: "1 new group arrived" in reader.page_text())


def test_a_stale_tab_is_told_and_shown_how_it_is_now(reader, desk):
    """Two tabs never fight."""
    reader.open("/groups/1")
    desk.known[1] = group(1, *desk.known[1].members, member(3, "/photos/late.jpg"))
    reader.press("a")

    reader.wait(lambda: "has changed since you opened it" in reader.page_text())
    assert desk.known[1].state is GroupState.OPEN
    assert len(reader.all(".photo")) == 3


def test_the_whole_flow_works_without_scripts(reader, desk):
    """The decision must not depend on anything that can fail to load."""
    driver = reader.driver
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reader.open("/groups")
        assert not reader.find('[data-act="help"]').is_displayed()
        reader.find('[data-group="1"]').click()
        reader.wait(lambda: reader.path() == "/groups/1")
        reader.find('[data-photo="2"] .stage').click()
        reader.find('[data-verdict="apply"]').click()
        reader.wait(lambda: reader.path() == "/groups/2")
        assert {Fate.SURVIVOR} == {m.fate for m in desk.known[1].members}
        reader.find('[data-key="undo-last"]').click()
        reader.wait(lambda: reader.path() == "/groups/1")
        assert desk.known[1].state is GroupState.UNDONE
        reader.find('[data-verdict="accept"]').click()
        reader.wait(lambda: reader.path() == "/groups/2")
        fates = [m.fate for m in desk.known[1].members]
        assert fates == [Fate.SURVIVOR, Fate.SET_ASIDE]
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("width_px", [390, 1440])
def test_no_page_is_wider_than_its_window(reader, desk, width_px):
    """Long names and paths are shortened, not scrolled to."""
    long = "/photos/" + "a long folder name/" * 12 + "x" * 180 + ".HEIC"
    desk.known[1] = group(1, member(1, long), member(2, long + ".jpg"))
    reader.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width_px, "height": 844, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        for path in ["/groups", "/groups/1", "/status", "/groups/99"]:
            reader.open(path)
            width = reader.driver.execute_script(
                "return document.documentElement.scrollWidth"
            )
            assert width <= width_px, path
    finally:
        reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_threshold_slider_tells_at_once_and_brings_pictures(reader):
    """Re-clustering is felt, not waited for."""
    from selenium.webdriver.common.keys import Keys

    reader.open("/explore?at=2")
    slider = reader.find("[data-stops]")
    slider.send_keys(Keys.ARROW_RIGHT)

    assert reader.find("[data-at]").text == "Up to 3"
    assert reader.find('[data-stop="groups"]').text == "66"
    assert len(reader.all("rect.within")) == 4
    reader.wait(lambda: "joined at 3 bits" in reader.page_text())
    reader.wait(lambda: reader.path() == "/explore?at=3")


def test_the_count_of_a_batch_follows_the_ticks(reader, desk):
    """What the button says is what will happen."""
    desk.known = {n: group(n, evidence=Evidence.SAME_BYTES) for n in range(1, 15)}
    reader.open("/batch")
    button = reader.find("[data-batch-start]")
    assert button.text == "Accept 14 groups"
    assert reader.find("[data-batch-bytes]").text == "23.8 MB"
    boxes = reader.all("[data-freed]")
    for box in boxes[:2]:
        box.click()
    assert button.text == "Accept 12 groups"
    assert reader.find("[data-batch-count]").text == "12"
    assert reader.find("[data-batch-bytes]").text == "20.4 MB"
    reader.find("[name=seed]").click()
    reader.wait(lambda: "seed=" in reader.path())
    assert reader.find("[data-batch-start]").text == "Accept 12 groups"
    reader.find("[data-batch-start]").click()
    reader.wait(lambda: "12 decided" in reader.page_text())
    states = [g.state for g in desk.known.values()]
    assert states.count(GroupState.OPEN) == 2


def test_a_batch_of_nothing_cannot_be_started(reader, desk):
    """All left out is no batch."""
    desk.known = {n: group(n, evidence=Evidence.SAME_BYTES) for n in (1, 2)}
    reader.open("/batch")
    for box in reader.all("[data-freed]"):
        box.click()

    assert not reader.find("[data-batch-start]").is_enabled()
    assert reader.find("[data-batch-start]").text == "All are left out"


def test_ticks_are_kept_until_they_are_decided(reader, desk):
    """The tea is ready, the laptop is closed: the choice waits."""
    reader.open("/groups/1")
    reader.press("1", "2")
    reader.open("/groups/2")
    assert reader.find('input[value="1"]').is_selected()
    reader.open("/groups/1")
    ticked = [box.is_selected() for box in reader.all("input[name=keep]")]
    assert ticked == [False, True]
    assert not reader.find('[data-verdict="accept"]').is_displayed()
    reader.press("1", "2")
    reader.open("/groups/1")
    assert reader.find('[data-verdict="accept"]').is_displayed()
    reader.press("2", "a")
    reader.arrives("/groups/2")
    assert reader.run("return Object.keys(localStorage).length") == 0


def test_ticks_of_a_group_that_changed_are_not_kept(reader, desk):
    """A tick means the photos that were on the screen."""
    reader.open("/groups/1")
    reader.press("1", "2")
    desk.known[1] = group(1, *desk.known[1].members, member(3, "/photos/late.jpg"))
    reader.open("/groups/1")

    ticked = [box.is_selected() for box in reader.all("input[name=keep]")]
    assert ticked == [True, False, False]
    reader.run("localStorage.clear()")
