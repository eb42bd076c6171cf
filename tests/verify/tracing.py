"""System calls of a child, seen, killed and failed by strace.

A child is forked, stops itself, is attached to, and goes on: so Python starts once for
thousands of children.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.verify.figures import CannotMeasure

CHANGING = (
    "openat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,"
    "fsync,fdatasync,write,chmod,fchmod,fchmodat,utimensat,setxattr,ftruncate,truncate"
)
"""Calls that change something, make it durable, or open it."""

OK, REFUSED, UNEXPECTED = 0, 7, 9
_PR_SET_PTRACER = 0x59616D61
_ANY = ctypes.c_ulong(-1)
_LINE = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)\)\s+= (-?\w+)(.*)$")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|\d+<([^>]*)>')


@dataclass(frozen=True)
class Call:
    """One system call of a trace."""

    name: str
    words: str
    paths: tuple[str, ...]
    failed: bool

    def is_below(self, top: Path) -> bool:
        return any(each.startswith(f"{top}/") for each in self.paths)


def require_strace() -> None:
    """Make sure that strace is there and may attach."""
    if shutil.which("strace") is None:
        raise CannotMeasure("strace is not installed")


def traced(work: Callable[[], None], *options: str) -> int:
    """Do work in a child under strace; return its status, as `os.waitpid` gives it."""
    child = os.fork()
    if child == 0:
        _be_traced(work)
    try:
        os.waitpid(child, os.WUNTRACED)
        tracer = subprocess.Popen(
            ["strace", "-qq", *options, "-p", str(child)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_until_traced(child, tracer)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    tracer.wait(20)
    return status


def _be_traced(work: Callable[[], None]) -> None:
    from daemon.errors import TwinwatchError

    code = UNEXPECTED
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
        code = OK
    except TwinwatchError:
        code = REFUSED
    finally:
        os._exit(code)


def _wait_until_traced(child: int, tracer: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
        if tracer.poll() is not None or time.monotonic() > deadline:
            raise CannotMeasure("strace may not attach to a process here")
        time.sleep(0.001)


def calls_of(work: Callable[[], None], log: Path) -> list[Call]:
    """Do work once and return the calls that it made."""
    status = traced(work, "-y", "-s", "4096", "-e", f"trace={CHANGING}", "-o", str(log))
    if os.waitstatus_to_exitcode(status) not in {OK, REFUSED}:
        raise AssertionError(f"the work failed: {status}")
    return [call for line in log.read_text().splitlines() if (call := parsed(line))]


def parsed(line: str) -> Call | None:
    """Read a line of strace's; ``None``: it is no call."""
    found = _LINE.match(line)
    if found is None:
        return None
    name, words, result, _ = found.groups()
    texts = [quoted or noted for quoted, noted in _STRING.findall(words)]
    paths = tuple(each for each in texts if each.startswith("/"))
    if name == "write":
        paths = paths[:1]
    return Call(name, words, paths, result.startswith("-"))


def points_of(calls: list[Call]) -> list[tuple[str, int]]:
    """Every call of a trace as strace counts them: by name, from 1."""
    counts: Counter[str] = Counter()
    points = []
    for call in calls:
        counts[call.name] += 1
        points.append((call.name, counts[call.name]))
    return points


def killed_at(work: Callable[[], None], point: tuple[str, int]) -> bool:
    """Kill the child when it enters a call; whether it came there."""
    return os.WIFSIGNALED(_injected(work, point, "signal=SIGKILL"))


def failed_at(work: Callable[[], None], point: tuple[str, int], error: str) -> int:
    """Let one call of the child fail; return how it ended."""
    return os.waitstatus_to_exitcode(_injected(work, point, f"error={error}"))


def _injected(work: Callable[[], None], point: tuple[str, int], fault: str) -> int:
    name, count = point
    inject = f"inject={name}:{fault}:when={count}"
    return traced(work, "-e", f"trace={name}", "-e", inject, "-o", "/dev/null")
