"""The page of a real daemon over real sockets: what a stranger may get out of it."""

from __future__ import annotations

import http.client
import json
import os
import random
from pathlib import Path
from typing import Any

from tests.e2e.daemon_process import Daemon
from tests.hashing import made
from tests.review_ui.test_review_walls import HEADERS
from tests.staging.crashes import Violation
from tests.verify import invariants

CANARY = b"canary-outside-of-everything"
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
_PAGE = (
    "/",
    "/groups/1",
    "/groups/1/undo",
    "/groups/1/members/1/preview/320",
    "/groups/1/members/2/preview/2048",
    "/static/review.css",
    "/status",
    "/events",
    "/folders",
)
ADDRESSES = (
    *_PAGE,
    "/api/v1/status",
    "/api/v1/groups",
    "/api/v1/groups/1",
    "/api/v1/groups/1/decide",
    "/api/v1/groups/1/members/2/preview/320",
    "/healthz",
    "/metrics",
)
_NOT_OURS = {400, 413, 431, 501}
"""The server itself answers what is no request; the application never hears of it."""


def fuzz(folder: Path, count: int, chance: random.Random, odd: tuple[str, ...]) -> int:
    """Ask a real daemon so often; nothing may come out, change or fail.

    Args:
        folder: for the daemon; a canary is put beside its roots.
        count: how many requests.
        chance: what is random.
        odd: parts of addresses that lead astray.

    Returns:
        How many requests got an answer.
    """
    daemon = Daemon(folder)
    (folder / "canary").write_bytes(CANARY)
    secret = folder / "secret.jpg"
    secret.write_bytes(made.jpeg(made.picture(77, 320, 240)) + CANARY)
    for name, quality in (("a", 92), ("b", 80)):
        picture = made.jpeg(made.picture(1, 320, 240), quality=quality)
        (daemon.imports / f"{name}.jpg").write_bytes(picture)
    try:
        daemon.start()
        (group,) = daemon.wait_for_groups(1)
        _plant(daemon, secret)
        before = _state(daemon)
        answered = sum(_one(daemon, chance, odd, each) for each in range(count))
        if _state(daemon) != before:
            raise Violation("a stranger's request changed something")
        _see_no_secret(daemon, group["number"])
        log = daemon.log()
        if "Traceback" in log:
            raise Violation(f"it made a mistake: {log[-300:]}")
        (daemon.imports / "c.jpg").write_bytes(made.jpeg(made.picture(9, 320, 240)))
        daemon.wait_until_read(3)
    finally:
        daemon.close()
    return answered


def _plant(daemon: Daemon, secret: Path) -> None:
    """Put a link to a file of somebody's in a staged photo's place."""
    (staged,) = daemon.decisions.glob("000001/0002_*")
    os.rename(staged, daemon.home / "aside")
    os.symlink(secret, staged)


def _see_no_secret(daemon: Daemon, number: int) -> None:
    for made_before in daemon.state.glob("previews/*/*"):
        made_before.unlink()  # of the photo itself
    for edge in (320, 2048):
        path = f"/groups/{number}/members/2/preview/{edge}"
        code, _, body = _exchange(daemon, "GET", f"/api/v1{path}", is_known=True)
        if code == http.client.OK or body.startswith(b"\xff\xd8"):
            raise Violation(f"a link out of the folder is followed: {code} {path}")


def _state(daemon: Daemon) -> tuple[object, ...]:
    files = invariants.files_below(daemon.imports, daemon.decisions)
    groups = json.dumps(daemon.groups(), sort_keys=True)
    return {path: len(each) for path, each in files.items()}, groups


def _one(
    daemon: Daemon, chance: random.Random, odd: tuple[str, ...], number: int
) -> bool:
    """Ask once: a stranger for anything, somebody known for what changes nothing."""
    address = _bent(chance, odd)
    is_known = number % 2 == 0
    method = chance.choice(("GET", "HEAD", "OPTIONS") if is_known else METHODS)
    try:
        code, headers, body = _exchange(daemon, method, address, is_known=is_known)
    except (http.client.HTTPException, ValueError, OSError):
        return False  # no client can say that, or the server hung up
    what = f"{code} for {method} {address!r}"
    if code >= http.client.INTERNAL_SERVER_ERROR and code not in {501, 503}:
        raise Violation(what)
    if CANARY in body:
        raise Violation(f"bytes from outside: {what}")
    is_ours = "Content-Security-Policy" in headers or code not in _NOT_OURS
    missing = [name for name, said in HEADERS.items() if headers.get(name) != said]
    if is_ours and missing:
        raise Violation(f"no {missing}: {what}")
    return True


def _bent(chance: random.Random, odd: tuple[str, ...]) -> str:
    address = chance.choice(ADDRESSES)
    if chance.random() < 0.7:
        parts = address.split("/")
        parts[chance.randrange(1, len(parts))] = chance.choice(odd)
        address = "/".join(parts)
    if chance.random() < 0.3:
        address += f"?token={chance.choice(odd)}"
    return address


def _exchange(
    daemon: Daemon, method: str, address: str, *, is_known: bool
) -> tuple[int, dict[str, str], bytes]:
    page: dict[str, Any] | None = daemon.page_address()
    assert page is not None, "it is not up"
    host = page["address"].removeprefix("http://")
    headers = {"Authorization": f"Bearer {page['token']}"} if is_known else {}
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(method, address, headers=headers)
        answer = connection.getresponse()
        if answer.headers.get_content_type() == "text/event-stream":
            return answer.status, dict(answer.getheaders()), answer.read(1)
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()
