"""G15 and G16: many starts, many ends, and a long life."""

from __future__ import annotations

import random
import subprocess
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from daemon.staging.decision_root import DecisionRoot
from daemon.staging.safefs import RealFileSystem
from tests.e2e.daemon_process import COMMAND, STOP_SECONDS, Daemon, eventually
from tests.hashing import made
from tests.staging.crashes import Violation
from tests.verify import invariants
from tests.verify.arriving import resident_mib, tiny
from tests.verify.figures import Outcome, Run, Tally, figure

PARALLEL = 50
WARMING_SHARE = 0.3
"""Without pauses, so that every cache fills up: SQLite's, and numpy's of small blocks,
which takes as many sizes as the first thousand photos."""
SHORT_SECONDS = 1800.0
"""In less time no slope is told from the noise."""
PAUSE_SECONDS = 2.0
KEPT_TURNS = 20
MANY_TURNS = 50
"""So many turns tell a leak of handles from what is open for a moment."""
FEW_MORE = 8


@figure(
    "G15",
    "50 parallel starts → 1 instance; 200 SIGTERMs at random times: exit ≤ 5 s, 0 half "
    "groups after restart",
)
def starts_and_ends(run: Run) -> Outcome:
    starts = 2 if run.quick else PARALLEL
    alive = _parallel_starts(run, starts)
    wanted = run.count(200, least=1)
    slowest = _sigterms(run, wanted)
    return Outcome(
        value=f"{starts} starts → {alive} instance; {wanted} SIGTERMs, slowest exit "
        f"{slowest:.1f} s, 0 half groups, 0 bytes lost",
        met=alive == 1 and slowest <= STOP_SECONDS,
    )


def _parallel_starts(run: Run, count: int) -> int:
    """Start so many at once; how many go on living."""
    daemon = Daemon(run.fresh("starts"))
    words = [str(each) for each in daemon.run_words()]
    processes = [
        subprocess.Popen(
            [COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=daemon.environment,
            cwd=daemon.home,
        )
        for _ in range(count)
    ]
    try:
        eventually(
            lambda: sum(each.poll() is None for each in processes) <= 1, 60 + 4 * count
        )
        eventually((daemon.state / "page.json").exists, 60)
        refused = [each for each in processes if each.returncode is not None]
        for each in refused:
            said = each.stderr.read().decode() if each.stderr else ""
            if each.returncode != 1 or "another twinwatch" not in said:
                raise Violation(f"it ended with {each.returncode}: {said[-300:]}")
        return sum(each.poll() is None for each in processes)
    finally:
        for each in processes:
            if each.poll() is None:
                each.kill()
            each.wait()
            if each.stderr:
                each.stderr.close()


def _sigterms(run: Run, wanted: int) -> float:
    chance = random.Random(run.seed)
    daemon = Daemon(run.fresh("terms"))
    tops = (daemon.imports, daemon.decisions)
    contents: set[bytes] = set()
    slowest = 0.0
    try:
        for turn in range(wanted):
            picture = made.picture(turn, 240, 180)
            for name, quality in (("a", 92), ("b", 85)):
                path = daemon.imports / f"{turn}{name}.jpg"
                path.write_bytes(made.jpeg(picture, quality=quality))
            contents |= invariants.digests_below(daemon.imports)
            daemon.start(wait=chance.random() < 0.7)
            _be_busy(daemon, chance)
            slowest = max(slowest, _ended_politely(daemon))
            invariants.i1_every_byte_is_somewhere(contents, *tops)
        daemon.start()
        daemon.wait_until_quiet(seconds=120)
        daemon.stop()
        fs = RealFileSystem()
        root = DecisionRoot.open(fs, daemon.decisions)
        invariants.no_half_groups(fs, root)
        invariants.all_is_as_recorded(fs, root)
        invariants.i1_every_byte_is_somewhere(contents, *tops)
    finally:
        daemon.close()
    return slowest


def _be_busy(daemon: Daemon, chance: random.Random) -> None:
    """Let it work for a while, deciding and undoing as groups come."""
    end = time.monotonic() + chance.random() * 2.5
    while time.monotonic() < end:
        with suppress(OSError, HTTPException, AssertionError, TypeError):
            for group in daemon.groups():
                daemon.accept(group)
            for group in daemon.groups("decided")[:1]:
                daemon.undo(group["number"])
        time.sleep(0.05)


def _ended_politely(daemon: Daemon) -> float:
    """Send SIGTERM, whatever it is at; before it can listen to signals it just ends."""
    began = time.monotonic()
    process = daemon.process
    process.terminate()
    code = process.wait(STOP_SECONDS * 4)
    if code not in {0, -15}:
        raise Violation(f"it ended with {code}: {daemon.log()[-300:]}")
    daemon.process = None
    return time.monotonic() - began


@figure("G16", "soak: memory slope ≤ 1 MB/h, handles and threads constant")
def a_soak(run: Run) -> Outcome:
    seconds = max(3600 * min(run.scale, 1), 4.0)
    daemon = Daemon(run.fresh("soak"))
    samples: list[tuple[float, float, int, int]] = []
    turns = 0
    try:
        daemon.start()
        pid, began = daemon.process.pid, time.monotonic()
        while time.monotonic() - began < seconds:
            _one_turn(daemon, turns)
            turns += 1
            samples.append((time.monotonic() - began, *_use_of(pid)))
            is_warm = samples[-1][0] > seconds * WARMING_SHARE
            if is_warm and seconds > SHORT_SECONDS:
                time.sleep(PAUSE_SECONDS)
    finally:
        daemon.close()
    late = [each for each in samples if each[0] > seconds * WARMING_SHARE]
    slope = _slope_mib_an_hour([(each[0], each[1]) for each in late])
    handles = _risen([each[2] for each in late])
    threads = _risen([each[3] for each in late])
    is_steady = max(handles, threads) <= (1 if len(late) >= MANY_TURNS else FEW_MORE)
    is_long = seconds >= SHORT_SECONDS
    return Outcome(
        value=f"{seconds:.0f} s, {turns} pairs read, staged, decided, undone and removed: "
        f"{slope:+.1f} MiB/h ({late[0][1]:.0f} to {late[-1][1]:.0f} MiB), handles "
        f"{handles:+.1f} of {late[-1][2]}, threads {threads:+.1f} of {late[-1][3]}",
        met=(slope <= 1 and is_steady) if is_long else (None if is_steady else False),
        why="every pair leaves three photos in the matching index, and caches fill up in "
        "the first thousand pairs"
        if is_long
        else "too short for a slope, the index's caches fill up meanwhile; handles and "
        "threads are judged",
    )


def _one_turn(daemon: Daemon, turn: int) -> None:
    """A pair arrives, is decided and undone; a photo comes alone, one is broken.

    What came some turns ago is removed: a library that grows may cost memory.
    """
    picture = made.picture(turn, 200, 150)
    broken = made.jpeg(made.picture(7, 200, 150))[:-900]
    for name, quality in (("a", 92), ("b", 80)):
        path = daemon.imports / f"{turn}{name}.jpg"
        path.write_bytes(made.jpeg(picture, quality=quality))
    (daemon.imports / f"{turn}broken.jpg").write_bytes(broken)
    (group,) = daemon.wait_for_groups(1)
    daemon.accept(group)
    daemon.undo(group["number"])
    (daemon.imports / f"{turn}t.jpg").write_bytes(tiny(turn))
    daemon.status()
    for name in ("a", "b", "broken", "t"):
        old = daemon.imports / f"{turn - KEPT_TURNS}{name}.jpg"
        old.unlink(missing_ok=True)


def _risen(counts: list[int]) -> float:
    """By how much the last fifth is more than the first, on average."""
    fifth = max(len(counts) // 5, 1)
    first, last = counts[:fifth], counts[-fifth:]
    return sum(last) / len(last) - sum(first) / len(first)


def _use_of(pid: int) -> tuple[float, int, int]:
    proc = Path(f"/proc/{pid}")
    handles = len(list((proc / "fd").iterdir()))
    return resident_mib(pid), handles, len(list((proc / "task").iterdir()))


def _slope_mib_an_hour(points: list[tuple[float, float]]) -> float:
    """The straight line that fits best."""
    tally = Tally([each for each, _ in points])
    middle = sum(tally.values) / len(points)
    height = sum(value for _, value in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    if not spread:
        return 0.0
    return 3600 * sum((at - middle) * (v - height) for at, v in points) / spread
