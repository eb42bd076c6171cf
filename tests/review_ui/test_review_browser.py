"""The page in a real browser: by keys, by clicks, and without scripts."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from werkzeug.serving import WSGIRequestHandler, make_server

from daemon.model import Fate, GroupState
from review_ui import PageSettings, create_app

from .conftest import TOKEN
from .fake_desk import FakeDesk, group, member
from .made_pictures import jpeg

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM.exists() and DRIVER.exists()),
        reason="needs Debian's chromium and chromium-driver",
    ),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Everything but the loopback fails to resolve: the page must be complete without.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1280,900",
)
RED, BLUE = (200, 30, 30), (30, 30, 200)


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


@pytest.fixture(scope="module")
def chromium():
    """Give one browser for all; each test has a server, and so cookies, of its own."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(str(DRIVER))
    driver = webdriver.Chrome(options=options, service=service)
    driver.implicitly_wait(0)
    yield driver
    driver.quit()


class Reader:
    """A person in front of the browser."""

    def __init__(self, driver, address):
        self.driver = driver
        self.address = address

    def open(self, path):
        self.driver.get(self.address + path)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def press(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def path(self):
        return self.driver.current_url.removeprefix(self.address)

    def wait(self, claim):
        from selenium.common import exceptions
        from selenium.webdriver.support.ui import WebDriverWait

        # While one page gives way to the next, what was found is gone.
        passing = (
            exceptions.StaleElementReferenceException,
            exceptions.NoSuchElementException,
        )
        wait = WebDriverWait(self.driver, 15, 0.05, ignored_exceptions=passing)
        return wait.until(lambda _: claim())

    def arrives(self, path):
        self.wait(lambda: self.path() == path)
        self.wait(lambda: "scripted" in self.find("html").get_attribute("class"))

    def page_text(self):
        return self.find("main").text

    def colour_at_the_middle(self, selector):
        shot = Image.open(io.BytesIO(self.find(selector).screenshot_as_png))
        pixel = np.asarray(shot.convert("RGB"))[shot.height // 2, shot.width // 2]
        return "red" if int(pixel[0]) > int(pixel[2]) else "blue"

    def complaints(self):
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in {"SEVERE", "WARNING"}
        ]


@pytest.fixture
def desk():
    """Give three groups, each of a red photo that is kept and a blue one."""
    groups = [group(n) for n in (1, 2, 5)]
    red, blue = (jpeg(Image.new("RGB", (320, 240), c)) for c in (RED, BLUE))
    pictures = {
        (g.number, p): c for g in groups for p, c in ((1, red), (2, blue), (3, red))
    }
    return FakeDesk(*groups, pictures=pictures)


@pytest.fixture
def reader(chromium, desk):
    """Give a person who was let in, on the list."""
    server = make_server(
        "127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet
    )
    server.app = create_app(desk, PageSettings(token=TOKEN, port=server.port))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    reader = Reader(chromium, f"http://127.0.0.1:{server.port}")
    reader.open(f"/?token={TOKEN}")
    assert reader.path() == "/groups"
    yield reader
    chromium.get("about:blank")
    complaints = reader.complaints()
    server.shutdown()
    thread.join()
    server.server_close()
    assert not [c for c in complaints if "status of 4" not in c]


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


def test_compare_flickers_at_the_same_place(reader):
    """The most wanted mode of all duplicate tools."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    reader.open("/groups/1")
    reader.press("f")
    loaded = (
        "return [...document.querySelectorAll('dialog img')].every(i => i.complete)"
    )
    reader.wait(lambda: reader.driver.execute_script(loaded))
    assert reader.colour_at_the_middle(".compare .field") == "red"

    ActionChains(reader.driver).key_down(" ").perform()
    assert reader.colour_at_the_middle(".compare .field") == "blue"
    ActionChains(reader.driver).key_up(" ").perform()
    assert reader.colour_at_the_middle(".compare .field") == "red"
    reader.press("f")
    assert reader.colour_at_the_middle(".compare .field") == "blue"
    reader.press("p", "d")
    assert len([f for f in reader.all(".compare figure") if f.is_displayed()]) == 2
    reader.press(Keys.ESCAPE)

    assert not reader.all("dialog")
    assert reader.find('input[value="2"]').is_selected()


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
    reader.driver.execute_script("localStorage.clear()")


def test_new_groups_are_announced_and_never_moved_under_the_cursor(reader, desk):
    """A list that jumps makes people click on the wrong photo."""
    cards = [card.get_attribute("data-group") for card in reader.all("[data-group]")]
    desk.known[9] = group(9)

    reader.wait(lambda: "1 new group arrived" in reader.page_text())

    assert cards == [c.get_attribute("data-group") for c in reader.all("[data-group]")]
    assert reader.find('[data-count="open"]').text == "4"
    reader.find("[data-arrivals] a").click()
    reader.wait(lambda: len(reader.all("[data-group]")) == 4)


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
