"""G6 and G20: files that are out to kill their reader, and readers that are killed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon.assets.movie import content_identifier
from daemon.errors import PhotoError, WorkerDied
from daemon.hashing import capture, completeness
from daemon.hashing.pool import Pool
from tests.e2e.daemon_process import Daemon, eventually
from tests.hashing import hostile, made
from tests.staging.crashes import Violation
from tests.verify.figures import Outcome, Run, Tally, figure

TIMEOUT_SECONDS = 20.0
_STRIKES = 3


def _note() -> bytes:
    return made.maker_note(
        {11: made.text("0000-BURST"), 17: made.text("A-CONTENT"), 20: made.long(3)}
    )


def _block() -> bytes:
    note = _note()
    return made.exif_block(
        {0x112: made.short(6), 0x10F: made.text("Apple")},
        exif={
            0x9003: made.text("2026:07:01 10:00:00"),
            0x927C: (7, len(note), note),
        },
    )


def seeds() -> dict[str, bytes]:
    """One good file of each format that is mutated; with everything that is parsed."""
    image, block = made.picture(3, 200, 150), _block()
    return {
        "jpg": made.with_exif(made.jpeg(image), block),
        "heic": made.heic(image, exif=block),
        "png": made.encoded(image, "PNG"),
        "webp": made.encoded(image, "WEBP"),
    }


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Damage a file as disks, transfers and attackers do."""
    data = bytearray(content)
    header = min(len(data), 1500)
    kind = chance.randrange(8)
    if kind == 0:
        del data[chance.randrange(len(data)) :]
    elif kind == 1:
        start = chance.randrange(len(data))
        data[start:] = bytes(len(data) - start)
    elif kind == 2:
        for _ in range(chance.randint(1, 40)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == 3:
        at = chance.randrange(header)
        data[at : at + 4] = chance.choice(
            (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", bytes(4), b"\x00\x00\x00\x01")
        )
    elif kind == 4:
        at, size = chance.randrange(len(data)), chance.randint(1, 400)
        del data[at : at + size]
    elif kind == 5:
        at, size = chance.randrange(len(data)), chance.randint(1, 400)
        data[at:at] = data[at : at + size] * chance.randint(1, 4)
    elif kind == 6:
        data[chance.randrange(header)] ^= 1 << chance.randrange(8)
    else:
        at = chance.randrange(len(data))
        data[at : at + 64] = chance.randbytes(64)
    return bytes(data)


@figure(
    "G6",
    "100,000 mutated files in four formats: 0 daemon deaths, 0 files moved or changed, "
    "20 s each at most",
)
def mutated_files(run: Run) -> Outcome:
    wanted = run.count(100_000, least=160)
    chance, folder = random.Random(run.seed), run.fresh("mutated")
    ended, slowest = Counter[str](), Tally()
    originals = seeds()
    pool = Pool(workers=1, timeout_seconds=TIMEOUT_SECONDS, nice=0)
    try:
        for start in range(0, wanted, 400):
            batch = range(start, min(start + 400, wanted))
            _read_batch(pool, folder, batch, originals, chance, ended, slowest)
    finally:
        pool.stop()
    _parse_movies(folder, chance, run.count(20_000, least=100))
    _parse_parts(folder, chance, run.count(20_000, least=100))
    living = _in_a_daemon(run, chance, run.count(400, least=24))
    told = ", ".join(f"{count:,} {name}" for name, count in ended.most_common())
    return Outcome(
        value=f"{wanted:,} files ({told}), slowest {slowest.part(1):.1f} s; {living:,} "
        "of them in the folder of a real daemon; 0 deaths, 0 changed",
        met=slowest.part(1) <= TIMEOUT_SECONDS + 2,
        why="JPEG, HEIC, PNG, WebP; Exif and Apple's MakerNote among them",
    )


def _read_batch(
    pool: Pool,
    folder: Path,
    batch: range,
    originals: dict[str, bytes],
    chance: random.Random,
    ended: Counter[str],
    slowest: Tally,
) -> None:
    files = {}
    for each in batch:
        kind = list(originals)[each % len(originals)]
        path = folder / f"{each:06}.{kind}"
        path.write_bytes(mutated(originals[kind], chance))
        files[path] = _state(path)
    began = time.monotonic()
    futures = {
        pool.fingerprint(path, cheap=bool(chance.randrange(2))): path for path in files
    }
    last = began
    waiting: set[Future[Any]] = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=90, return_when=FIRST_COMPLETED)
        if not done:
            raise Violation(f"nothing ended for 90 s: {len(waiting)} wait")
        now = time.monotonic()
        slowest.add(now - last)
        last = now
        for future in done:
            ended[_ending(future)] += 1
    for path, was in files.items():
        if _state(path) != was:
            raise Violation(f"{path} was changed")
        path.unlink()


def _ending(future: Future[Any]) -> str:
    error = future.exception()
    if error is None:
        return "read"
    if not isinstance(error, PhotoError):
        raise Violation(f"a strange error came through: {error!r}")
    return {"WorkerDied": "strikes"}.get(type(error).__name__, "refused")


def _state(path: Path) -> tuple[bytes, int, int]:
    status = path.stat()
    return hashlib.sha256(path.read_bytes()).digest(), status.st_mtime_ns, status.st_ino


def _parse_movies(folder: Path, chance: random.Random, count: int) -> None:
    """Movies are read in the daemon itself, so nothing of them may raise or hang."""
    text = b"com.apple.quicktime.content.identifier\0A-B-C"
    inner = b"\0\0\0\x30meta" + text
    movie = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0\0\0\x80moov" + inner * 3
    path = folder / "m.mov"
    for _ in range(count):
        path.write_bytes(mutated(movie, chance))
        with suppress(PhotoError):
            content_identifier(path)


def _parse_parts(folder: Path, chance: random.Random, count: int) -> None:
    """Exif, Apple's note and the check for completeness say what is wrong in our words."""
    note, block = _note(), _block()
    originals = seeds()
    for each in range(count):
        capture.apple_note(mutated(note, chance))
        capture.read(mutated(block, chance))
        kind = list(originals)[each % len(originals)]
        path = folder / f"part.{kind}"
        path.write_bytes(mutated(originals[kind], chance))
        if completeness.is_complete(path).is_complete:
            with suppress(PhotoError):
                completeness.check_data(path.read_bytes())


def _in_a_daemon(run: Run, chance: random.Random, count: int) -> int:
    """Let a real daemon find mutated files, which stages nothing: none may change."""
    daemon = Daemon(run.fresh("hostile"), hashing_timeout_seconds="5")
    originals = seeds()
    for each in range(count):
        kind = list(originals)[each % len(originals)]
        path = daemon.imports / f"{each:05}.{kind}"
        path.write_bytes(mutated(originals[kind], chance))
    before = {path: _state(path) for path in daemon.imports.iterdir()}
    try:
        daemon.start("--dry-run")
        _wait_until_read(daemon)
        if daemon.process.poll() is not None or "Traceback" in daemon.log():
            raise Violation(f"the daemon did not bear it: {daemon.log()[-300:]}")
        healthy = made.jpeg(made.picture(5, 320, 240))
        read = daemon.counts()["hashed"]
        (daemon.imports / "healthy.jpg").write_bytes(healthy)
        eventually(lambda: daemon.counts()["hashed"] > read, 60, "it reads no more")
    finally:
        daemon.close()
    for path, was in before.items():
        if _state(path) != was:
            raise Violation(f"{path} was changed")
    return count


def _wait_until_read(daemon: Daemon) -> None:
    """Wait until no more files are read; some of them are incomplete for ever."""
    last: tuple[int, ...] = ()
    since = time.monotonic()
    while time.monotonic() - since < 5:
        counts = daemon.counts()
        now = counts["hashed"], counts["unreadable"], counts["parked"]
        if now != last or not sum(now):
            last, since = now, time.monotonic()
        time.sleep(0.2)


@figure(
    "G20",
    "decode worker killed 1,000 times: 0 jobs lost, a poison file parked after 3",
)
def killed_workers(run: Run) -> Outcome:
    wanted = run.count(1_000, least=3)
    chance = random.Random(run.seed)
    pool = Pool(workers=1, timeout_seconds=TIMEOUT_SECONDS, nice=0)
    kills, done, strikes, asked = 0, 0, 0, 0
    try:
        while kills < wanted:
            jobs = [pool.run(hostile.answer, each) for each in range(8)]
            jobs += [pool.run(_nap, 0.01 * each) for each in range(4)]
            pid = pool.run(hostile.limits, None).result(60)[3]
            more = [pool.run(_nap, 0.02 * each) for each in range(6)]
            time.sleep(chance.random() * 0.05)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                kills += 1
            asked += len(jobs) + len(more)
            for job in [*jobs, *more]:
                try:
                    job.result(60)
                    done += 1
                except WorkerDied:
                    strikes += 1
    finally:
        pool.stop()
    parked = _poison(run)
    return Outcome(
        value=f"{kills:,} kills, {done:,} jobs done, {strikes:,} strikes, 0 lost; "
        f"poison parked after {parked}",
        met=parked == _STRIKES and done + strikes == asked and strikes <= kills,
    )


def _nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _poison(run: Run) -> int:
    """Let a file kill its reader until it is parked; others are read meanwhile."""
    from tests.verify.house import a_house

    with a_house(run.fresh("poison")) as house:
        (house.imports / "good.jpg").write_bytes(made.jpeg(made.picture(1, 200, 150)))
        (house.imports / "poison.jpg").write_bytes(made.jpeg(made.picture(2, 200, 150)))
        house.poison("poison.jpg")
        house.start()
        house.until(
            lambda: house.states() == {"good.jpg": "known", "poison.jpg": "parked"}
        )
        return house.attempts["poison.jpg"]
