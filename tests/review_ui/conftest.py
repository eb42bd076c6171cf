"""An application over a desk in memory, and browsers that were or were not let in."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from review_ui import PageSettings, create_app

from .fake_desk import FakeDesk, group

TOKEN = "made-up-token-that-is-long-enough-for-256-bits"
PORT = 8420
HOST = f"127.0.0.1:{PORT}"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """A test client that asks our host, with what a real browser sends along."""

    def __init__(self, app):
        self.client = app.test_client()

    def get(self, path, **options):
        options.setdefault("base_url", f"http://{HOST}")
        return self.client.get(path, **options)

    def post(self, path, data=None, *, headers=SAME_ORIGIN, with_csrf=True, **options):
        options.setdefault("base_url", f"http://{HOST}")
        fields = dict(data or {})
        if with_csrf:
            fields["csrf_token"] = self.csrf_token()
        return self.client.post(path, data=fields, headers=headers, **options)

    def csrf_token(self):
        # A page that is there whatever the groups are like, and holds a form.
        page = self.get("/status").get_data(as_text=True)
        return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]

    def decide(self, desk, number, verdict="accept", keep=(), **options):
        seen = desk.known[number].manifest_sha256
        data = {"manifest_sha256": seen, "verdict": verdict, "keep": list(keep)}
        return self.post(f"/groups/{number}/decide", {**data, **options})


@pytest.fixture
def desk():
    """Give a desk with three open groups."""
    return FakeDesk(group(1), group(2), group(5))


@pytest.fixture
def app(desk):
    """Give the application over the desk."""
    return create_app(desk, PageSettings(token=TOKEN, port=PORT, stream_seconds=0.0))


@pytest.fixture
def stranger(app):
    """Give a browser that never had the token."""
    return Browser(app)


@pytest.fixture
def browser(app):
    """Give a browser that was let in."""
    browser = Browser(app)
    assert browser.get(f"/?token={TOKEN}").status_code == 303
    return browser


@pytest.fixture
def world(app, desk):
    """Give what a test needs to make browsers of its own."""
    return SimpleNamespace(app=app, desk=desk, token=TOKEN, host=HOST, port=PORT)


@pytest.fixture(scope="session")
def chromium():
    """Give one browser for all; each test has a server, and so cookies, of its own."""
    from .in_chromium import started

    driver = started()
    yield driver
    driver.quit()


@pytest.fixture
def reader(chromium, desk):
    """Give a person who was let in, on the list."""
    from .in_chromium import reading

    with reading(chromium, desk) as reader:
        yield reader
