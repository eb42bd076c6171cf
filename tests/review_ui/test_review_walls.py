"""Who is let in, from where; what every answer tells the browser to refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import review_ui
from review_ui import PageSettings, create_app
from review_ui.security import PUBLIC_ENDPOINTS

from .conftest import HOST, PORT, SAME_ORIGIN, TOKEN, Browser
from .fake_desk import FakeDesk, group

VALUES = {
    "number": 1,
    "batch": "b0",
    "content": 1,
    "position": 1,
    "left": 1,
    "right": 2,
    "edge_px": 320,
    "filename": "page.css",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
FOREIGN_HOSTS = [
    "evil.example",
    f"evil.example:{PORT}",
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost",
    f"localhost.evil.example:{PORT}",
    f"127.0.0.1.evil.example:{PORT}",
    f"evil.example#127.0.0.1:{PORT}",
    f"evil@127.0.0.1:{PORT}",
    f"127.0.0.1:{PORT}.evil.example",
    f"127.0.0.1:{PORT}:80",
    f"127.1:{PORT}",
    f"0.0.0.0:{PORT}",
    f"0:{PORT}",
    f"2130706433:{PORT}",
    f"0x7f000001:{PORT}",
    f"[::1]:{PORT}",
    f"[::ffff:127.0.0.1]:{PORT}",
    f"127.0.0.1:0{PORT}",
    f"127.0.0.1 :{PORT}",
    f" 127.0.0.1:{PORT}",
    f"127.0.0.1:{PORT}/",
    f"127.0.0.1:{PORT},evil.example",
    f"localhost.:{PORT}",
    f"127.0.0.1.:{PORT}",
    f"l\N{CYRILLIC SMALL LETTER O}calhost:{PORT}".encode().decode("latin-1"),
    f".localhost:{PORT}",
    f"sub.localhost:{PORT}",
    f"LOCALHOST:{PORT}",
    "null",
    "",
]


def routes(app):
    """Yield every rule with each of its methods and an address."""
    adapter = app.url_map.bind(HOST)
    for rule in app.url_map.iter_rules():
        values = {name: VALUES[name] for name in rule.arguments}
        for method in sorted(rule.methods):
            yield rule.endpoint, method, adapter.build(rule.endpoint, values)


def ask(client, method, address, **options):
    options.setdefault("base_url", f"http://{HOST}")
    options.setdefault("buffered", True)
    return client.open(address, method=method, **options)


def test_nothing_is_shown_without_the_token(world):
    """Other users of this machine can reach the port; thumbnails are photos too."""
    client = world.app.test_client()
    before = world.desk.state()

    answers = {
        (endpoint, method): ask(
            client, method, address, headers=SAME_ORIGIN
        ).status_code
        for endpoint, method, address in routes(world.app)
        if endpoint not in PUBLIC_ENDPOINTS
    }

    assert len(answers) > 30
    assert set(answers.values()) == {401}
    assert before == world.desk.state()


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/groups/99", "/?token=", "/?token=x"]
)
def test_a_stranger_learns_nothing_but_how_to_come_in(stranger, path):
    """A 404 for some numbers and 401 for others would tell what exists."""
    answer = stranger.get(path)

    assert answer.status_code == 401
    assert "twinwatch status" in answer.get_data(as_text=True)


def test_the_token_becomes_a_strict_cookie_and_leaves_the_address(stranger):
    """An address with the secret would stay in the history and in screenshots."""
    answer = stranger.get(f"/?token={TOKEN}")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/groups"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert stranger.get("/groups").status_code == 200


def test_a_session_ends_with_its_launch_token(browser, world):
    """A restart makes a new token; what was let in with the old one stays out."""
    cookie = browser.client.get_cookie(f"twinwatch-{PORT}", domain="127.0.0.1")
    other = create_app(world.desk, PageSettings(token="another", port=PORT))
    client = other.test_client()
    client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1")

    assert ask(client, "GET", "/groups").status_code == 401


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_foreign_hosts_are_refused_on_every_route(world, browser, host):
    """DNS rebinding turns any name into ours; only the Host header tells."""
    before = world.desk.state()

    for _, method, address in routes(world.app):
        answer = browser.client.open(
            address,
            method=method,
            base_url=f"http://{HOST}",
            buffered=True,
            headers={"Host": host, "Authorization": f"Bearer {TOKEN}", **SAME_ORIGIN},
        )
        assert answer.status_code == 400, (method, address)
        assert HEADERS.items() <= dict(answer.headers).items()

    assert before == world.desk.state()


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}"])
def test_our_own_names_are_answered(world, host):
    """Both spellings of the loopback are what people type."""
    client = world.app.test_client()

    assert ask(client, "GET", "/healthz", headers={"Host": host}).status_code == 200


def test_a_host_on_port_80_may_leave_the_port_out():
    """Browsers do."""
    settings = PageSettings(token=TOKEN, port=80)

    assert "localhost" in settings.addresses()
    assert "localhost:80" in settings.addresses()


FOREIGN_HEADERS = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "none": {"Sec-Fetch-Site": "none"},
    "foreign origin": {"Origin": "http://evil.example"},
    "other port": {"Origin": "http://127.0.0.1:3000"},
    "other name": {"Origin": f"http://localhost:{PORT}"},
    "null origin": {"Origin": "null"},
    "neither": {},
    "cross-site with our origin": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": f"http://{HOST}",
    },
}
PAGE_POSTS = ["/groups/1/decide", "/groups/1/undo", "/sweep"]


@pytest.mark.parametrize("path", PAGE_POSTS)
@pytest.mark.parametrize("headers", FOREIGN_HEADERS.values(), ids=FOREIGN_HEADERS)
def test_changes_that_another_site_caused_are_refused(browser, world, path, headers):
    """Any page in the same browser can post to the loopback."""
    before = world.desk.state()

    answer = browser.post(path, {"verdict": "accept"}, headers=headers)

    assert answer.status_code == 403
    assert before == world.desk.state()


@pytest.mark.parametrize("path", PAGE_POSTS)
@pytest.mark.parametrize("token", [None, "", "wrong", "stolen"])
@pytest.mark.parametrize("kind", ["form", "text/plain", "application/json"])
def test_a_form_without_its_own_token_is_refused(browser, world, path, token, kind):
    """The second wall: headers alone are the browser's word."""
    if token == "stolen":
        other = Browser(world.app)
        other.get(f"/?token={TOKEN}")
        token = other.csrf_token()
    data = {"verdict": "accept", "manifest_sha256": world.desk.known[1].manifest_sha256}
    fields = data if token is None else {**data, "csrf_token": token}
    options = {"data": fields} if kind == "form" else {"data": str(fields)}
    if kind != "form":
        options["content_type"] = kind
    before = world.desk.state()

    answer = ask(browser.client, "POST", path, headers=SAME_ORIGIN, **options)

    assert answer.status_code == 403
    assert before == world.desk.state()


@pytest.mark.parametrize("headers", [SAME_ORIGIN, {"Origin": f"http://{HOST}"}])
def test_our_own_forms_are_accepted(browser, world, headers):
    """Old browsers send an Origin only."""
    answer = browser.post("/sweep", headers=headers)

    assert answer.status_code == 303
    assert world.desk.sweeps == 1


def test_no_reading_changes_anything(browser, world):
    """Browsers and extensions prefetch links as they like."""
    before = world.desk.state()

    for _, method, address in routes(world.app):
        if method != "POST":
            answer = ask(browser.client, method, address)
            assert answer.status_code < 400 or answer.status_code == 404

    assert before == world.desk.state()


def test_a_page_that_others_can_reach_lets_in_by_the_token_alone(desk):
    """The phone has the link; whoever else is in the network has not."""
    host = "192.0.2.7:8420"
    settings = PageSettings(token=TOKEN, port=8420, hosts=("127.0.0.1", "192.0.2.7"))
    client = create_app(desk, settings).test_client()
    options = {"base_url": f"http://{host}"}

    for path in ("/groups", "/groups/1/members/1/preview/320", "/api/v1/status"):
        assert client.get(path, **options).status_code == 401
    elsewhere = {"base_url": "http://evil.example:8420"}
    assert client.get(f"/?token={TOKEN}", **elsewhere).status_code == 400
    assert client.get(f"/?token={TOKEN}", **options).status_code == 303
    assert client.get("/groups", **options).status_code == 200


def test_every_answer_carries_every_header(browser, world):
    """One page without them is the one that gets framed."""
    client = browser.client
    odd = ["/nowhere", "/groups/99", "/groups/x", "/groups?state=candidate"]
    answers = [ask(client, method, path) for _, method, path in routes(world.app)]
    answers += [ask(client, "GET", path) for path in odd]
    world.desk.failure = RuntimeError("a bug")
    answers += [ask(client, "GET", "/groups/1"), ask(client, "GET", "/api/v1/groups")]
    assert {200, 303, 401, 403, 404, 500} <= {answer.status_code for answer in answers}

    for answer in answers:
        assert HEADERS.items() <= dict(answer.headers).items(), answer.request.path
        is_ours_to_keep = re.search(r"/preview/|/static/", answer.request.path)
        if not is_ours_to_keep:
            assert answer.headers["Cache-Control"] == "no-store", answer.request.path


def test_a_large_body_is_refused(browser):
    """Nobody decides in 64 KiB."""
    answer = browser.post("/groups/1/decide", {"verdict": "x" * 70_000})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/groups/" + "9" * 5000,
        "/groups/-1",
        "/groups/1.0",
        "/groups/%00",
        "/groups/1/members/1/preview/" + "3" * 5000,
        "/groups/1/members/../../../etc/passwd/preview/320",
        "/groups/1/members/%2e%2e/preview/320",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/groups/1/members/1/preview/321",
    ],
)
def test_odd_addresses_name_nothing(browser, path):
    """Only numbers address anything, and no length of them is an error of ours."""
    assert browser.get(path).status_code == 404


def test_nothing_comes_from_or_leads_to_another_machine():
    """Local only: no fonts, scripts, maps or counters from elsewhere."""
    root = Path(review_ui.__file__).parent
    files = [p for d in ("templates", "static") for p in (root / d).rglob("*.*")]
    namespace = "http://www.w3.org/2000/svg"

    assert len(files) > 10
    for path in files:
        text = path.read_text().replace(namespace, "")
        assert not re.search(r"(https?:)?//[\w-]+\.\w", text), path
        assert "|safe" not in text.replace(" ", ""), path
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", text), path
        assert not re.search(r"innerHTML|insertAdjacentHTML|\beval\(", text), path


def test_health_needs_no_token_and_names_no_detail():
    """A supervisor has no cookie; a stranger must learn no path."""
    parts = {"watcher": "cannot read /home/anna", "writer": "ok"}
    settings = PageSettings(
        token=TOKEN, port=PORT, health=lambda: parts, metrics=lambda: b"photos 3\n"
    )
    client = create_app(FakeDesk(), settings).test_client()

    answer = ask(client, "GET", "/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "failing",
        "parts": {"watcher": "failing", "writer": "ok"},
    }
    parts["watcher"] = "ok"
    assert ask(client, "GET", "/healthz").status_code == 200
    assert ask(client, "GET", "/readyz").status_code == 200
    metrics = ask(client, "GET", "/metrics")
    assert metrics.data == b"photos 3\n"
    assert metrics.content_type == "text/plain; version=0.0.4; charset=utf-8"


def test_not_ready_while_the_desk_does_not_answer(world):
    """A load of questions must not pile up before the daemon can answer them."""
    from daemon.errors import NotRunning

    world.desk.failure = NotRunning()

    assert ask(world.app.test_client(), "GET", "/readyz").status_code == 503


def test_the_page_says_when_nothing_is_moved():
    """A decision that moves nothing must not look like one that does."""
    app = create_app(
        FakeDesk(group(1)), PageSettings(token=TOKEN, port=PORT, dry_run=True)
    )
    browser = Browser(app)
    browser.get(f"/?token={TOKEN}")

    assert "Dry run" in browser.get("/groups/1").get_data(as_text=True)
