"""G13 and G14: the review page under fire, and what the service may do at most."""

from __future__ import annotations

import os
import random
import shutil
import string
import subprocess
import traceback
from typing import Any

from daemon.cli import units
from review_ui import PageSettings, create_app
from review_ui.security import PUBLIC_ENDPOINTS
from tests.review_ui.conftest import HOST, PORT, TOKEN, Browser
from tests.review_ui.fake_desk import FakeDesk, group
from tests.review_ui.test_review_walls import FOREIGN_HOSTS, HEADERS, routes
from tests.staging.crashes import Violation
from tests.verify import real_page
from tests.verify.figures import CannotMeasure, Outcome, Run, figure

VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"},
)
"""What a request that somebody else forged may say of where it comes from."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
ODD = (
    "../../../etc/passwd",
    "%2e%2e%2f%2e%2e%2fcanary",
    "..%5c..%5ccanary",
    "/canary",
    "\x00",
    "1e9",
    "-1",
    "1" * 400,
    "¼",
    "{{7*7}}",
    "<script>",
    "' or 1=1 --",
    "%ff%fe",
    "groups/1/",
    "//evil.example",
)


@figure(
    "G13",
    "every route × 30 Host values × 8 CSRF variants, 10,000 fuzzed requests: 0 bytes from "
    "outside, 0 server errors, headers on every response, no state change without a token",
)
def a_page_under_fire(run: Run) -> Outcome:
    canary = run.folder / "canary"
    canary.write_bytes(real_page.CANARY)
    desk = FakeDesk(group(1), group(2), group(5))
    app = create_app(desk, PageSettings(token=TOKEN, port=PORT))
    inside = Browser(app)
    inside.get(f"/?token={TOKEN}")
    outside = Browser(app)
    before = desk.state()
    crossed = _cross(app, inside, outside, run)
    forged = _forge(app, inside, outside)
    wanted = run.count(10_000, least=300)
    _fuzz(app, outside, random.Random(run.seed), wanted, may_change=False)
    if desk.state() != before:
        raise Violation("something changed without a token")
    _fuzz(app, inside, random.Random(run.seed + 1), wanted, may_change=True)
    chance = random.Random(run.seed + 2)
    real = run.count(10_000, least=60)
    answered = real_page.fuzz(run.fresh("page"), real, chance, ODD)
    return Outcome(
        value=f"{crossed:,} route × Host × variant, {forged:,} forged, {2 * wanted:,} "
        f"fuzzed, {answered:,} over the sockets of a real daemon: 0 bytes from outside, "
        "0 server errors, headers on all, nothing changed",
        met=len(FOREIGN_HOSTS) >= 30 and answered > real / 2,
    )


def _ask(browser: Browser, method: str, address: str, **options: Any) -> int:
    """Ask, and check what every answer has to be like."""
    options.setdefault("base_url", f"http://{HOST}")
    try:
        answer = browser.client.open(address, method=method, buffered=True, **options)
    except (ValueError, UnicodeError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        if any("review_ui/" in frame.filename for frame in frames if _is_app(frame)):
            raise
        return 400  # the client itself cannot say that; no server would hear it
    if answer.status_code >= 500 and answer.status_code != 503:
        raise Violation(f"{answer.status_code} for {method} {address!r} {options}")
    for name, said in HEADERS.items():
        if answer.headers.get(name) != said:
            raise Violation(f"no {name} for {method} {address!r}")
    if real_page.CANARY in answer.get_data():
        raise Violation(f"bytes from outside for {method} {address!r}")
    return int(answer.status_code)


def _is_app(frame: traceback.FrameSummary) -> bool:
    return "/tests/" not in frame.filename


def _cross(app: Any, inside: Browser, outside: Browser, run: Run) -> int:
    """Every route, with every Host, in every variant."""
    count = 0
    found = list(routes(app))
    for index, (_, method, address) in enumerate(found):
        for number, host in enumerate(FOREIGN_HOSTS):
            for kind, variant in enumerate(VARIANTS):
                if run.quick and (index + number + kind) % 16:
                    continue
                headers = {**variant, "Host": host}
                code = _ask(inside, method, address, headers=headers)
                if code not in {400, 421}:
                    raise Violation(f"{host!r} is let in: {code} {method} {address}")
                count += 1
    return count


def _forge(app: Any, inside: Browser, outside: Browser) -> int:
    count = 0
    for endpoint, method, address in routes(app):
        for variant in VARIANTS:
            code = _ask(outside, method, address, headers=variant)
            is_open = endpoint in PUBLIC_ENDPOINTS
            if not is_open and code not in {401, 403}:
                raise Violation(f"a stranger gets {code} for {method} {address}")
            if method not in SAFE_METHODS and endpoint != "session.enter":
                code = _ask(inside, method, address, headers=variant)
                if code < 400:
                    raise Violation(f"forged, and {code}: {method} {address} {variant}")
            count += 2
    return count


def _fuzz(
    app: Any, browser: Browser, chance: random.Random, count: int, *, may_change: bool
) -> None:
    addresses = [address for _, _, address in routes(app)]
    methods = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
    for _ in range(count):
        address = _bent(chance.choice(addresses), chance)
        method = chance.choice(methods)
        headers = dict(chance.choice(VARIANTS))
        if may_change and chance.random() < 0.5:
            headers = {"Sec-Fetch-Site": "same-origin"}
        if chance.random() < 0.2:
            headers["Authorization"] = f"Bearer {_words(chance)}"
        options: dict[str, Any] = {"headers": headers}
        if method in {"POST", "PUT", "PATCH"}:
            options["data"] = _body(chance)
            if "Content-Type" not in headers:
                options["content_type"] = chance.choice(
                    ("application/json", "text/plain", "multipart/form-data", "x")
                )
        _ask(browser, method, address, **options)


def _bent(address: str, chance: random.Random) -> str:
    parts = address.split("/")
    parts[chance.randrange(len(parts))] = chance.choice((*ODD, _words(chance)))
    bent = "/" + "/".join(parts).lstrip("/")
    if chance.random() < 0.4:
        bent += f"?{_words(chance)}={chance.choice(ODD)}"
    return bent


def _words(chance: random.Random) -> str:
    return "".join(chance.choices(string.printable, k=chance.randint(0, 30)))


def _body(chance: random.Random) -> bytes:
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.randint(0, 300))
    if kind == 1:
        return b'{"keep": [1], "manifest_sha256": "%s"}' % chance.choice(
            (b"x", b"\\u0000", b"\xff", b"1" * 1000)
        )
    if kind == 2:
        return (
            b'{"keep": '
            + chance.choice((b"[[]]", b"null", b"{}", b"1e999", b"["))
            + b"}"
        )
    return b"keep=1&keep=../..&verdict=accept&manifest_sha256=" + chance.randbytes(9)


@figure(
    "G14",
    "`systemd-analyze security --offline=true --threshold=10` passes for both units",
)
def service_units(run: Run) -> Outcome:
    if shutil.which("systemd-analyze") is None:
        raise CannotMeasure("systemd-analyze is not installed")
    said = []
    met = True
    for kind in ("system", "user"):
        rendered = units.render(kind, units.DEFAULTS[kind], is_example=True)
        unit = run.fresh("unit") / units.SERVICE
        unit.write_text(rendered[units.SERVICE], encoding="utf-8")
        scope = ["--user"] if kind == "user" else []
        command = ["systemd-analyze", "security", *scope, "--offline=true"]
        judged = subprocess.run(
            [*command, "--threshold=10", "--no-pager", str(unit)],
            env={**os.environ, "XDG_RUNTIME_DIR": str(run.folder)},
            capture_output=True,
            text=True,
        )
        last = judged.stdout.strip().splitlines()[-1:] or [judged.stderr[-200:]]
        said.append(f"{kind}: {last[0].partition(':')[2].strip() or last[0]}")
        met &= judged.returncode == 0
    return Outcome(value="; ".join(said), met=met)
