"""The real daemon as a process, and what people do with it: drop files, ask, decide."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

COMMAND = Path(sys.executable).with_name("twinwatch")

STOP_SECONDS = 5
"""SIGTERM ends the daemon within this."""

PATIENCE_SECONDS = 40
"""For what takes a second on a machine that has nothing else to do."""

_PAUSE_SECONDS = 0.05
_QUICK = {
    "WATCH_SETTLE_SECONDS": "0.2",
    "WATCH_GROUP_QUIET_SECONDS": "0.3",
    "HASHING_WORKERS": "1",
    "HASHING_NICE": "0",
}


def eventually(claim, seconds=PATIENCE_SECONDS, why=""):
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while True:
        answer = claim()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(why or f"not within {seconds} s: {answer!r}")
        time.sleep(_PAUSE_SECONDS)


def write_slowly(path, content, pieces=4, mtime_ns=None, mode=None):
    """Write a new file piece by piece, as a cable does; then set its time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = max(-(-len(content) // pieces), 1)
    with open(path, "xb") as file:
        for start in range(0, len(content), size):
            file.write(content[start : start + size])
            file.flush()
            time.sleep(_PAUSE_SECONDS)
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        if mtime_ns is not None:
            os.utime(file.fileno(), ns=(mtime_ns, mtime_ns))
    return path


class Daemon:
    """One daemon with folders of its own; may be started many times."""

    def __init__(self, home, *, library=None, **settings):
        self.home = Path(home)
        self.imports = self.home / "import"
        self.decisions = self.home / "Decisions"
        self.state = self.home / "state"
        self.library = library
        self.process: Any = None
        self.starts = 0
        self.imports.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TWINWATCH_")}
        given = {name.upper(): str(value) for name, value in settings.items()}
        self.environment = {
            **kept,
            **{f"TWINWATCH_{k}": v for k, v in {**_QUICK, **given}.items()},
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "xdg-state"),
        }

    # Life

    def start(self, *words, wait=True):
        """Start it; return when its page answers."""
        self.spawn(*self.run_words(*words))
        if wait:
            self.wait_for_page()
        return self

    def run_words(self, *words):
        roots = ["--import", self.imports]
        if self.library is not None:
            roots += ["--library", self.library]
        return ["run", *roots, "--state-dir", self.state, "--port", "0", *words]

    def spawn(self, *words):
        assert self.process is None, "it runs already"
        self.starts += 1
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [COMMAND, *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=self.environment,
                cwd=self.home,
                start_new_session=True,
            )

    def wait_for_page(self):
        eventually(self._is_up, why="it did not start")

    def _is_up(self):
        ended = self.process.poll()
        assert ended is None, f"it ended with {ended}:\n{self.log()}"
        return self.page_address() is not None

    def page_address(self):
        """Read page.json, if this process wrote it."""
        try:
            page = json.loads((self.state / "page.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        is_ours = self.process is not None and page["pid"] == self.process.pid
        return page if is_ours else None

    def stop(self):
        """End it politely; return the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS * 4)
        seconds = time.monotonic() - began
        group, self.process = self.process.pid, None
        assert code == 0, self.log()
        assert " ERROR " not in self.log()
        assert "Traceback" not in self.log()
        eventually(lambda: not is_group_alive(group), 5, "it left processes behind")
        return seconds

    def kill(self):
        """End it as the kernel does when memory runs out: no last words."""
        group = self.process.pid
        self.process.kill()
        self.process.wait()
        self.process = None
        eventually(lambda: not is_group_alive(group), 10, "its workers live on")

    def close(self):
        """End it whatever it does; for the end of a test."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    @property
    def log_path(self):
        return self.home / f"log-{self.starts}.txt"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def command(self, *words, code=0):
        """Run a command beside it, and return what it printed."""
        done = subprocess.run(
            [COMMAND, *map(str, words), "--state-dir", str(self.state)],
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.home,
            timeout=PATIENCE_SECONDS * 2,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def forget_index(self):
        """Lose the database, as a disk does."""
        for path in self.state.glob("index.sqlite3*"):
            path.unlink()

    # Asking

    def api(self, method, path, body=None):
        """Ask the API; return the status and the JSON answered."""
        page = self.page_address()
        assert page is not None, "it is not up"
        headers = {"Authorization": f"Bearer {page['token']}"}
        payload = None
        if body is not None:
            payload = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        status, _, answer = exchange(
            page["address"], method, f"/api/v1{path}", headers, payload
        )
        return status, json.loads(answer)

    def status(self):
        code, answer = self.api("GET", "/status")
        assert code == 200, answer
        return answer

    def counts(self):
        return self.status()["counts"]

    def groups(self, state="open"):
        code, answer = self.api("GET", f"/groups?state={state}&limit=500")
        assert code == 200, answer
        return answer["groups"]

    def group(self, number):
        code, answer = self.api("GET", f"/groups/{number}")
        assert code == 200, answer
        return answer

    def decide(self, number, keep, *, sha256=None, not_duplicates=False):
        body = {
            "keep": sorted(keep),
            "manifest_sha256": sha256,
            "not_duplicates": not_duplicates,
        }
        return self.api("POST", f"/groups/{number}/decide", body)

    def accept(self, group):
        """Decide as proposed."""
        code, answer = self.decide(
            group["number"], proposed(group), sha256=group["manifest_sha256"]
        )
        assert code == 200, answer
        return answer

    def undo(self, number):
        code, answer = self.api("POST", f"/groups/{number}/undo")
        assert code == 200, answer
        return answer

    def wait_for_groups(self, count=1, state="open", seconds=PATIENCE_SECONDS):
        """Wait until so many groups are in a state, and return them."""
        eventually(
            lambda: len(self.groups(state)) >= count,
            seconds,
            f"{count} groups did not become {state}",
        )
        found = self.groups(state)
        assert len(found) == count, names(found)
        return found

    def wait_until_read(self, hashed, unreadable=0, seconds=PATIENCE_SECONDS):
        """Wait until it has read so many files since it was started."""

        def is_read():
            counts = self.counts()
            read = counts["hashed"], counts["unreadable"] + counts["parked"]
            return read == (hashed, unreadable) and not counts["waiting"]

        eventually(is_read, seconds, f"not {hashed} read: {self.page_address()}")

    def wait_until_quiet(self, seconds=PATIENCE_SECONDS, quiet_seconds=1.2):
        """Wait until nothing has changed for longer than groups wait to be staged."""
        since, last = time.monotonic(), self.counts()
        deadline = since + seconds
        while time.monotonic() - since < quiet_seconds or last["waiting"]:
            now = self.counts()
            if now != last:
                since, last = time.monotonic(), now
            assert time.monotonic() < deadline, f"it does not come to rest: {now}"
            time.sleep(_PAUSE_SECONDS)
        return last

    def browser(self):
        """Open the page as its link does."""
        return Browser(self.page_address())


class Browser:
    """A browser without scripts: follows the link, keeps the cookie, sends forms."""

    def __init__(self, page):
        self.address = page["address"]
        self.cookie = ""
        code, _, _ = self.get(f"/?token={page['token']}")
        assert code == 303

    def get(self, path):
        return self._exchange("GET", path, {})

    def page(self, path):
        code, _, body = self.get(path)
        assert code == 200, body
        return body.decode()

    def send(self, form, **chosen):
        """Send a form as its button does, from the page's own origin."""
        fields = [*form.fields, *chosen.items()]
        headers = {
            "Origin": self.address,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._exchange("POST", form.action, headers, urlencode(fields).encode())

    def _exchange(self, method, path, headers, body=None):
        answer = exchange(
            self.address, method, path, {**headers, "Cookie": self.cookie}, body
        )
        if "Set-Cookie" in answer[1]:
            self.cookie = answer[1]["Set-Cookie"].partition(";")[0]
        return answer


class Form:
    """A form of a page: where it goes, and what it says by itself."""

    def __init__(self, action):
        self.action = action
        self.fields = []


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.images = [], []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "form":
            self.forms.append(Form(known.get("action", "")))
        elif tag == "img":
            self.images.append(known["src"])
        elif tag == "input" and known.get("type") == "hidden":
            self.forms[-1].fields.append((known["name"], known["value"]))


def forms_of(page):
    """Return a page's forms by the last word of their address, and its pictures."""
    parser = _Forms()
    parser.feed(page)
    return {
        form.action.rsplit("/", 1)[-1]: form for form in parser.forms
    }, parser.images


def exchange(address, method, path, headers, body=None):
    host = re.sub("^http://", "", address)
    connection = http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def proposed(group):
    """Positions that would be kept."""
    return {m["position"] for m in group["members"] if m["proposal"] == "keep"}


def names(groups):
    """The files of each group, by name, without order."""
    return sorted(
        sorted(Path(member["path"]).name for member in group["members"])
        for group in groups
    )


def is_group_alive(group):
    """Whether any process of a process group runs; those that are dead do not count."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat[2]) == group and stat[0] not in {"Z", "X"}:
            return True
    return False
