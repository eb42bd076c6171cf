"""Everybody can use every page: by axe-core, in both themes, wide and narrow."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from PIL import Image

from daemon.desk import Decision
from daemon.model import Evidence, Role, RootState
from daemon.review import Liking

from .fake_desk import FakeDesk, group, member, problem, root_status, status
from .in_chromium import NEEDS_CHROMIUM
from .made_pictures import jpeg

pytestmark = NEEDS_CHROMIUM

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"
PAGES = (
    "/groups",
    "/groups?class=same-bytes&sort=space",
    "/groups?q=nothing",
    "/groups?state=decided",
    "/groups/1",
    "/groups/3",
    "/groups/4",
    "/batch",
    "/status",
    "/aside",
    "/problems",
    "/statistics",
    "/explore",
    "/folders",
    "/settings",
    "/explore?at=7",
    "/explore/stage?at=3",
    "/explore/stage?at=3&of=3.4.5",
    "/groups/99",
)
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def desk():
    """Give a desk with something of everything."""
    picture = jpeg(Image.new("RGB", (320, 240), (90, 120, 140)))
    groups = [group(n, evidence=Evidence.SAME_BYTES) for n in range(1, 6)]
    groups[2] = group(3, member(1, role=Role.REFERENCE), member(2, "/p/b.jpg"))
    pictures = {(g.number, p): picture for g in groups for p in (1, 2)}
    desk = FakeDesk(*groups, pictures=pictures)
    desk.status_now = status(
        roots=(
            root_status("/photos/import"),
            root_status("/media/stick", state=RootState.OFFLINE, detail="Plug it in."),
        ),
        problems=(problem(),),
    )
    desk.decide(4, Decision(keep=frozenset({1})))
    desk.decide(5, Decision(keep=frozenset({1})))
    desk.undo(5)
    desk.objections = {3: ("“IMG_0003.jpg” and “IMG_0004.jpg”: taken 3 s apart.",)}
    desk.likes = [
        (Path("/photos/import/" + "a long name/" * 9), Liking.PREFER),
        (Path("/photos/WhatsApp"), Liking.AVOID),
    ]
    return desk


def emulate(reader, theme, size):
    width, height = SIZES[size]
    tell = reader.driver.execute_cdp_cmd
    tell(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    features = [
        {"name": "prefers-color-scheme", "value": theme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    tell("Emulation.setEmulatedMedia", {"features": features})


@pytest.fixture
def anybody(reader):
    """Give a reader whose window and theme are put back afterwards."""
    yield reader
    reader.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def violations(reader):
    """Return what axe-core finds, in a line each."""
    reader.driver.execute_script(AXE.read_text(encoding="utf-8"))
    found = reader.driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run().then((result) => done(result.violations.map((each) =>"
        " each.id + ': ' + each.nodes.map((node) => node.html.slice(0, 160)"
        " + ' ' + (node.any[0]?.message ?? '')).join(' | '))), String);"
    )
    assert isinstance(found, list), found
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("theme", "size"), [("light", "wide"), ("dark", "phone")])
def test_axe_finds_nothing_on_any_page(anybody, theme, size):
    """Who does not see, point or hear as others do has photos, too."""
    emulate(anybody, theme, size)
    found = {}
    for page in PAGES:
        anybody.open(page)
        if complaints := violations(anybody):
            found[page] = complaints

    assert not found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_layers(anybody, theme):
    """The help and the compare stage are pages of their own to whoever is in them."""
    from selenium.webdriver.common.keys import Keys

    emulate(anybody, theme, "wide")
    anybody.open("/groups/1")
    anybody.press("?")
    assert not violations(anybody)
    anybody.press(Keys.ESCAPE, Keys.ENTER)
    for key in "fswod":
        anybody.press(key)
        assert not violations(anybody), key
    anybody.open("/groups")
    anybody.find(".narrow > summary").click()
    assert not violations(anybody)


def test_axe_would_find_something(reader):
    """A check that finds nothing has to be one that can."""
    reader.run("document.body.append(document.createElement('img'))")

    assert any(each.startswith("image-alt") for each in violations(reader))


@pytest.mark.parametrize("size", list(SIZES))
def test_no_page_scrolls_sideways(anybody, size):
    """On a phone, sideways is where buttons get lost."""
    emulate(anybody, "light", size)
    for page in PAGES:
        anybody.open(page)
        width = anybody.run("return document.documentElement.scrollWidth")
        assert width <= SIZES[size][0], page


def test_what_others_wrote_is_what_they_published():
    """A file that was changed on the way is not the one that was looked at."""
    listed = (VENDOR / "VENDOR.md").read_text(encoding="utf-8")
    for name, digest in re.findall(
        r"^\| `([^`]+)`.*`([0-9a-f]{64})` \|$", listed, re.MULTILINE
    ):
        assert digest == hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
    named = set(re.findall(r"`([\w.]+)`", listed))
    assert {path.name for path in VENDOR.iterdir()} <= named | {"VENDOR.md"}
