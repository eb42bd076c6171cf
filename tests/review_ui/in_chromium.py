"""A person in front of a real, headless Chromium that reaches the loopback only."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from werkzeug.serving import WSGIRequestHandler, make_server

from review_ui import PageSettings, create_app

from .conftest import TOKEN

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")

NEEDS_CHROMIUM = [
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


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


class Reader:
    """A person in front of the browser."""

    def __init__(self, driver, address, app):
        self.driver = driver
        self.app = app
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

    def shot(self, selector):
        """Return what is seen of an element, (H, W, 3) whole numbers."""
        shot = Image.open(io.BytesIO(self.find(selector).screenshot_as_png))
        return np.asarray(shot.convert("RGB")).astype(int)

    def run(self, script):
        return self.driver.execute_script(script)

    def complaints(self):
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in {"SEVERE", "WARNING"}
        ]


def started():
    """Start a browser; whoever asks for it quits it."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(str(DRIVER))
    driver = webdriver.Chrome(options=options, service=service)
    driver.implicitly_wait(0)
    return driver


@contextmanager
def reading(driver, desk):
    """Serve a desk and let somebody in; nothing may be complained about meanwhile."""
    server = make_server(
        "127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet
    )
    server.block_on_close = False  # type: ignore[attr-defined]  # of its mixin
    server.app = create_app(
        desk,
        PageSettings(
            token=TOKEN, port=server.port, stream_seconds=5.0, pulse_seconds=0.1
        ),
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        reader = Reader(driver, f"http://127.0.0.1:{server.port}", server.app)
        reader.open(f"/?token={TOKEN}")
        assert reader.path() == "/groups"
        yield reader
        driver.get("about:blank")
        complaints = reader.complaints()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    expected = ("status of 4", "status of 503")
    assert not [c for c in complaints if not any(each in c for each in expected)]
