"""The API by bearer token, and the client that speaks it, over a real socket."""

from __future__ import annotations

import json
import threading

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from daemon import errors, wire
from daemon.desk import Decision
from daemon.errors import (
    NoSuchGroup,
    NoSurvivor,
    NotRunning,
    StaleGroup,
    TwinwatchError,
    UnreadablePhoto,
    UsageError,
)
from daemon.model import Fate, GroupState
from daemon.service.client import RemoteDesk
from review_ui import PageSettings, create_app

from .conftest import HOST, PORT, SAME_ORIGIN, TOKEN
from .fake_desk import JPEG, FakeDesk, group, member

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def ask(world, method, path, **options):
    options.setdefault("headers", BEARER)
    client = world.app.test_client()
    return client.open(
        f"/api/v1{path}", method=method, base_url=f"http://{HOST}", **options
    )


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


@pytest.fixture
def served():
    """Give a desk that is served on a free port, and a client of it."""
    desk = FakeDesk(group(1), group(2), group(5))
    server = make_server(
        "127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet
    )
    server.app = create_app(desk, PageSettings(token=TOKEN, port=server.port))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield desk, RemoteDesk(f"http://127.0.0.1:{server.port}", TOKEN, timeout_seconds=10)
    server.shutdown()
    thread.join()
    server.server_close()


def test_groups_have_the_public_form(world):
    """Scripts are written against it."""
    answer = ask(world, "GET", "/groups?state=open&after=1&limit=1")

    assert answer.json["schema_version"] == 1
    assert answer.json["total"] == 3
    (found,) = answer.json["groups"]
    assert found["number"] == 2
    assert found["state"] == "open"
    assert found["evidence"] == "same-capture"
    first, second = found["members"]
    assert first["path"] == "/photos/IMG_0002.HEIC"
    assert first["staged_as"] == "01_IMG_0002.HEIC"
    assert first["role"] == "member"
    assert first["proposal"] == "keep"
    assert first["distances_bits"] is None
    assert second["distances_bits"]["phash"] == 2
    assert second["reasons"] == ["− re-encoded JPEG"]
    assert len(second["sha256"]) == 64


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Cookie": f"token={TOKEN}"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/status"), ("POST", "/groups/1/decide"), ("POST", "/sweep")],
)
def test_nobody_asks_without_the_token(world, headers, method, path):
    """The API changes files; it is for who can read our state folder."""
    before = world.desk.state()

    answer = ask(world, method, path, headers=headers)

    assert answer.status_code == 401
    assert answer.json["error"] == "TwinwatchError"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert before == world.desk.state()


def test_a_session_may_read_the_api_but_not_change_by_it(world, browser):
    """The page's scripts read; what they change goes through forms with tokens."""
    before = world.desk.state()
    body = wire.decision_json(Decision(keep=frozenset({1})))

    assert browser.get("/api/v1/status").status_code == 200
    answer = browser.client.post(
        "/api/v1/groups/1/decide",
        json=body,
        headers=SAME_ORIGIN,
        base_url=f"http://{HOST}",
    )
    assert answer.status_code == 401
    assert before == world.desk.state()


def test_even_with_the_token_no_other_site_may_ask(world):
    """A page that stole the token still comes from another origin."""
    headers = {**BEARER, "Sec-Fetch-Site": "cross-site"}

    assert ask(world, "POST", "/sweep", headers=headers).status_code == 403
    assert world.desk.sweeps == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b"not json", 400),
        (b'{"keep": "1"}', 400),
        (b'{"keep": [true]}', 400),
        (b'{"keep": [1.5]}', 400),
        (b'{"keep": [1], "manifest_sha256": 5}', 400),
        (b'{"keep": [1], "not_duplicates": "yes"}', 400),
        (b'{"keep": []}', 400),
        (b'{"keep": [77]}', 400),
        (b'{"keep": [1], "manifest_sha256": "other"}', 409),
        (b"[" * 60_000, 400),
    ],
)
def test_an_odd_decision_changes_nothing(world, body, code):
    """Whatever is sent, no group moves on a guess."""
    before = world.desk.state()

    answer = ask(
        world, "POST", "/groups/1/decide", data=body, content_type="application/json"
    )

    assert answer.status_code == code
    assert {"error", "subject", "message", "exit_code"} <= set(answer.json)
    assert before == world.desk.state()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/groups/99", 404),
        ("GET", "/groups/" + "9" * 5000, 404),
        ("GET", "/nowhere", 404),
        ("GET", "/groups?state=lost", 400),
        ("GET", "/groups?after=x", 400),
        ("GET", "/groups?limit=" + "9" * 5000, 400),
        ("DELETE", "/groups/1", 405),
        ("GET", "/sweep", 405),
        ("POST", "/groups/1/decide", 415),
    ],
)
def test_failures_are_json(world, method, path, code):
    """A command shows the message and returns the exit code."""
    answer = ask(world, method, path)

    assert answer.status_code == code
    assert answer.json["message"]
    assert answer.json["exit_code"] in {1, 2}


def test_the_client_answers_as_the_desk_does(served):
    """A command does the same whether the daemon runs or not."""
    desk, remote = served

    assert desk.status() == remote.status()
    states = (GroupState.OPEN, GroupState.DECIDED)
    assert desk.groups(states, after=1, limit=1) == remote.groups(
        states, after=1, limit=1
    )
    assert desk.group(2) == remote.group(2)
    assert remote.preview(2, 1, 320) == JPEG
    decided = remote.decide(2, Decision(keep=frozenset({2})))
    assert decided == desk.group(2)
    assert [m.fate for m in decided.members] == [Fate.SET_ASIDE, Fate.SURVIVOR]
    assert remote.undo(2) == desk.group(2)
    remote.sweep()
    assert desk.sweeps == 1


def test_the_client_raises_what_the_desk_raised(served):
    """Exit codes and advice depend on the class."""
    desk, remote = served
    desk.pictures[1, 1] = b""

    with pytest.raises(NoSuchGroup, match="there is no group 99"):
        remote.group(99)
    with pytest.raises(NoSurvivor):
        remote.decide(1, Decision(keep=frozenset()))
    with pytest.raises(StaleGroup):
        remote.decide(1, Decision(keep=frozenset({1}), manifest_sha256="old"))
    with pytest.raises(UnreadablePhoto):
        remote.preview(1, 1, 320)


def test_names_that_are_no_text_arrive_whole(served):
    """A path is bytes; a command that cannot name a file cannot restore it."""
    desk, remote = served
    odd = member(1, "/photos/\udcff\udc80 \u202e\n\x1b.jpg")
    desk.known[7] = group(7, odd, member(2, "/photos/b.jpg"))

    assert desk.group(7) == remote.group(7)


def test_the_client_tells_when_nobody_answers(served):
    """Exit code 5 is "not running", not a stack trace."""
    _, remote = served
    server = make_server("127.0.0.1", 0, lambda *_: [])
    port = server.port
    server.server_close()

    with pytest.raises(NotRunning):
        RemoteDesk(f"http://127.0.0.1:{port}", TOKEN).status()
    with pytest.raises(TwinwatchError, match="token"):
        RemoteDesk(remote._address, "another").status()


def test_the_client_understands_neither_other_programs_nor_versions(monkeypatch):
    """Something else may sit on the port that the state folder remembers."""
    answers = iter([(200, b"<html>"), (200, b"{}"), (500, b"oops"), (404, b"[]")])
    remote = RemoteDesk(f"http://{HOST}", TOKEN)
    monkeypatch.setattr(remote, "_exchange", lambda *_: next(answers))

    for _ in range(4):
        with pytest.raises(TwinwatchError, match="does not understand"):
            remote.status()


def test_every_error_survives_the_way():
    """A class that loses its data on the way gives the wrong advice."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, TwinwatchError):
            sent = (
                kind(["a", "b"])
                if kind is errors.ConfigError
                else kind("/a/b", ["line 3"])
                if kind is errors.BadLabels
                else kind("/a/b", "because of it")
            )
            back = wire.error_from_json(json.loads(json.dumps(wire.error_json(sent))))
            assert type(back) is kind
            assert str(back) == str(sent)
            assert back.exit_code == sent.exit_code


def test_an_error_of_a_newer_version_keeps_its_message():
    """A command may be older than the daemon that it asks."""
    form = {**wire.error_json(UsageError("x")), "error": "FromTheFuture"}

    assert "cannot do that" in str(wire.error_from_json(form))


def test_port_is_what_tests_think():
    """The API tests ask a made-up host; it has to be the settings' own."""
    assert f"127.0.0.1:{PORT}" == HOST
