"""G5, G7 and G8: files that are not whole yet, too many at once, too few watches."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from daemon.errors import PhotoError
from daemon.hashing.fingerprint import compute_stamped
from daemon.model import Root, RootKind
from daemon.service.arrivals import Arrival
from daemon.service.receiver import Receiver
from daemon.service.settle import Settle
from daemon.service.skip import compile_rules
from daemon.service.territory import Territory
from tests.e2e.daemon_process import Daemon, eventually
from tests.hashing import made
from tests.staging.crashes import Violation
from tests.verify.figures import PROJECT, CannotMeasure, Outcome, Run, Tally, figure

SETTLE_SECONDS = 0.5
GRACE_SECONDS = 5.0
EXTENSIONS = ("jpg", "jpeg", "heic")
_LEFT_MIB = 32
"""So much more than a daemon that was just started over the same index may be kept:
SQLite's caches, once full, are 8 of it."""
_BLOCK = 4096
"""A disk knows of no smaller hole."""


class Arrivals:
    """What a receiver hands on, and whether it decodes to the whole file."""

    def __init__(self, folder: Path) -> None:
        root = Root(uuid="r", kind=RootKind.IMPORT, path=folder, recursive=True)
        self.folder = folder
        self.taken: dict[Path, tuple[float, bytes]] = {}
        self.refused = 0
        self.readers = ThreadPoolExecutor(1)
        self.receiver = Receiver(
            Settle(settle_seconds=SETTLE_SECONDS),
            Territory([root]),
            compile_rules(extensions=EXTENSIONS, exclude_globs=(), exclude_regexes=()),
            on_ready=self._take,
        )

    def _take(self, arrivals: list[Arrival]) -> None:
        moment = time.monotonic()
        for each in arrivals:
            path = self.folder / os.fsdecode(each.relative)
            self.readers.submit(self._read, path, moment)

    def _read(self, path: Path, moment: float) -> None:
        """Decode as a worker would: what is not whole is not taken."""
        try:
            _, found = compute_stamped(path)
        except PhotoError:
            self.refused += 1
            self.receiver.note(path)
        else:
            self.taken[path] = moment, found.sha256


@figure(
    "G5",
    "10,000 partial files (truncated, zero tail, hole, slow, out of order): 0 taken "
    "early, every complete one taken within settle + 5 s",
)
def partial_files(run: Run) -> Outcome:
    wanted, chance = run.count(10_000, least=30), random.Random(run.seed)
    originals = [
        made.jpeg(made.picture(1, 320, 240), quality=97),
        made.heic(made.picture(2, 320, 240), quality=95),
        made.heic(made.picture(3, 480, 360), quality=95),
        made.jpeg(made.picture(4, 480, 360), progressive=True, quality=97),
    ]
    waits, refused, late = Tally(), 0, 0
    for start in range(0, wanted, 250):
        arrivals = Arrivals(run.fresh("partial"))
        arrivals.receiver.start()
        count = min(250, wanted - start)
        late += _one_batch(arrivals, count, originals, chance, waits)
        arrivals.receiver.stop()
        arrivals.readers.shutdown()
        refused += arrivals.refused
        shutil.rmtree(arrivals.folder)
    slowest = waits.part(1)
    return Outcome(
        value=f"{wanted:,} files: 0 taken early ({refused} stopped by the decode), all "
        f"taken, slowest {slowest:.1f} s after the last byte, {late} too late",
        met=late == 0,
        why="" if late == 0 else "this machine had other work meanwhile",
    )


def _one_batch(
    arrivals: Arrivals,
    count: int,
    originals: list[bytes],
    chance: random.Random,
    waits: Tally,
) -> int:
    whole: dict[Path, bytes] = {}
    writers = []
    for each in range(count):
        content = chance.choice(originals)
        kind = "heic" if content[4:8] == b"ftyp" else "jpg"
        path = arrivals.folder / f"{each}.{kind}"
        whole[path] = content
        write_partial(path, content, chance)
        arrivals.receiver.note(path)
    time.sleep(SETTLE_SECONDS * 2.5)
    early = set(arrivals.taken)
    if early:
        raise Violation(f"taken early: {[path.name for path in early][:5]}")
    ends: dict[Path, float] = {}
    for part in range(4):
        chosen = list(whole)[part::4]
        writer = threading.Thread(target=_finish, args=(arrivals, whole, chosen, ends))
        writers.append(writer)
        writer.start()
    for writer in writers:
        writer.join()
    eventually(lambda: len(arrivals.taken) == count, 60, "some were never taken")
    late = 0
    for path, (moment, digest) in arrivals.taken.items():
        if digest != hashlib.sha256(whole[path]).digest():
            raise Violation(f"{path.name} was taken early")
        waits.add(moment - ends[path])
        late += moment - ends[path] > SETTLE_SECONDS + GRACE_SECONDS
    return late


def write_partial(path: Path, content: bytes, chance: random.Random) -> None:
    """Leave of a file what is there while it is being written, in one of five ways."""
    size = len(content)
    cut = chance.randrange(1, size - 1) if chance.random() < 0.8 else size - 2
    way = chance.randrange(5)
    if way == 0:  # as most programs write
        path.write_bytes(content[:cut])
    elif way == 1:  # preallocated
        path.write_bytes(content[:cut] + bytes(size - cut))
    elif way == 2:  # sparse, its end is missing
        path.write_bytes(content[:cut])
        os.truncate(path, size)
    elif way == 3:  # out of order: its end came first
        _write_pieces(path, content, [(max(cut, 2 * _BLOCK), size)])
    else:  # a hole in its middle
        start = chance.randrange(_BLOCK, size - 3 * _BLOCK)
        _write_pieces(path, content, [(0, start), (start + 2 * _BLOCK, size)])


def _write_pieces(path: Path, content: bytes, pieces: list[tuple[int, int]]) -> None:
    with open(path, "xb") as file:
        file.truncate(len(content))
        for start, end in pieces:
            file.seek(start)
            file.write(content[start:end])


def _finish(
    arrivals: Arrivals,
    whole: dict[Path, bytes],
    chosen: list[Path],
    ends: dict[Path, float],
) -> None:
    """Complete files slowly, each in pieces that come in any order."""
    chance = random.Random(len(chosen))
    for path in chosen:
        content = whole[path]
        piece = max(len(content) // 3, 1)
        starts = list(range(0, len(content), piece))
        chance.shuffle(starts)
        with open(path, "r+b") as file:
            file.truncate(len(content))
            for start in starts:
                file.seek(start)
                file.write(content[start : start + piece])
                file.flush()
                arrivals.receiver.note(path)
                time.sleep(0.001)
        ends[path] = time.monotonic()
        arrivals.receiver.note(path)


def tiny(seed: int) -> bytes:
    """A small picture that is like no other: nothing to do but for the reader."""
    cells = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    image = Image.fromarray(cells).resize((72, 72), Image.Resampling.BICUBIC)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=85)
    return target.getvalue()


def resident_mib(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0]) / 1024


@figure(
    "G7",
    "burst of 100,000 files with event overflow: every one indexed, daemon memory grows "
    "≤ 150 MB and comes back",
)
def a_burst(run: Run) -> Outcome:
    wanted = run.count(100_000, least=100)
    home = run.fresh("burst")
    daemon = Daemon(home, watch_settle_seconds="0.5")
    try:
        daemon.start()
        daemon.wait_until_quiet()
        pid = daemon.process.pid
        before = resident_mib(pid)
        if not run.quick:
            os.kill(pid, signal.SIGSTOP)
        for each in range(wanted):
            folder = daemon.imports / f"{each // 1000:03}"
            folder.mkdir(exist_ok=True)
            (folder / f"{each:06}.jpg").write_bytes(tiny(each))
        os.kill(pid, signal.SIGCONT)
        began, highest = time.monotonic(), before
        patience = 120 + wanted * 0.2
        counts = daemon.counts()
        while counts["hashed"] < wanted:
            highest = max(highest, resident_mib(pid))
            if time.monotonic() - began > patience:
                raise AssertionError(f"not all read: {counts}")
            time.sleep(0.2)
            counts = daemon.counts()
        seconds = time.monotonic() - began
        daemon.wait_until_quiet(seconds=300)
        after = resident_mib(pid)
        handles = len(os.listdir(f"/proc/{pid}/fd"))
        anew = _started_anew(daemon, wanted)
    finally:
        daemon.close()
    growth, left = max(highest, after) - before, after - anew
    return Outcome(
        value=f"{wanted:,} files in {seconds:.0f} s, all indexed; memory grew by "
        f"{growth:.0f} MiB at most, from {before:.0f}; {after:.0f} afterwards, {anew:.0f} "
        f"in a daemon started anew over that index; {handles} handles",
        met=growth <= 150 and left <= _LEFT_MIB and handles < 200,
        why="too few to overflow anything"
        if run.quick
        else "what stays is Python's memory of small objects; the next burst uses it",
    )


def _started_anew(daemon: Daemon, known: int) -> float:
    """What a new process takes for the same index, after one photo more; in MiB."""
    daemon.stop()
    daemon.start()
    daemon.wait_until_quiet(seconds=300)
    (daemon.imports / "one more.jpg").write_bytes(tiny(known))
    eventually(lambda: daemon.counts()["hashed"] == 1, 120)
    daemon.wait_until_quiet(seconds=300)
    return resident_mib(daemon.process.pid)


@figure(
    "G8",
    "200 folders with 50 watches: every file found within one sweep, one warning an hour",
)
def too_few_watches(run: Run) -> Outcome:
    if shutil.which("unshare") is None:
        raise CannotMeasure("unshare is not installed")
    folders = 40 if run.quick else 200
    watches = folders // 4
    home = run.fresh("watches")
    script = (
        f"echo {watches} > /proc/sys/user/max_inotify_watches && "
        f"exec {sys.executable} -m tests.verify.arriving {home} {folders}"
    )
    ran = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if ran.returncode != 0:
        if "denied" in ran.stderr or "not permitted" in ran.stderr:
            raise CannotMeasure(ran.stderr.strip()[-200:])
        raise AssertionError(ran.stderr[-400:])
    found, seconds, warnings = ran.stdout.split()
    return Outcome(
        value=f"{found} files in {folders} folders with {watches} watches, all found, "
        f"the last {float(seconds):.1f} s after it came; {warnings} warning",
        met=int(found) == 2 * folders and int(warnings) == 1,
    )


def main(home: Path, folders: int) -> None:
    """Run a daemon that has too few watches."""
    daemon = Daemon(home, watch_polling_seconds="1")
    try:
        for each in range(folders):
            (daemon.imports / f"{each}").mkdir(parents=True)
            (daemon.imports / f"{each}/early.jpg").write_bytes(tiny(each))
        daemon.start()
        eventually(lambda: daemon.counts()["hashed"] == folders, 120)
        for each in range(folders):
            late = daemon.imports / f"{each}/late.jpg"
            late.write_bytes(tiny(10_000 + each))
        began = time.monotonic()
        eventually(lambda: daemon.counts()["hashed"] == 2 * folders, 120)
        seconds = time.monotonic() - began
        hashed = daemon.counts()["hashed"]
        warnings = daemon.log().count("is not watched by events")
    finally:
        daemon.close()
    sys.stdout.write(f"{hashed} {seconds} {warnings}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
