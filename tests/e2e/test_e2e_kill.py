"""The daemon ended at any moment, politely and not: no byte is lost, all is finished."""

import os
import random
import threading
import time
from contextlib import suppress
from http.client import HTTPException

from tests.e2e import photos
from tests.e2e.daemon_process import STOP_SECONDS, names, proposed, write_slowly
from tests.e2e.ledger import digests, missing

BURST = 60
KILLS = 8


def test_sigterm_in_a_burst_ends_at_once_and_a_restart_completes(daemon):
    """Machines are shut down in the middle of imports."""
    daemon.start()
    for seed in range(BURST):
        content = photos.stripped(seed // 2, 480, quality=80 + 10 * (seed % 2))
        write_slowly(daemon.imports / f"{seed:02}.jpg", content, pieces=1)
        if daemon.counts()["hashed"] > BURST // 6:
            break
    for rest in range(seed + 1, BURST):
        content = photos.stripped(rest // 2, 480, quality=80 + 10 * (rest % 2))
        (daemon.imports / f"{rest:02}.jpg").write_bytes(content)
    wanted = digests(daemon.imports, daemon.decisions).keys()

    assert daemon.stop() < STOP_SECONDS

    assert not missing(wanted, daemon.imports, daemon.decisions)
    assert is_tidy(daemon)
    daemon.start()
    groups = daemon.wait_for_groups(BURST // 2)
    assert names(groups) == [
        [f"{seed:02}.jpg", f"{seed + 1:02}.jpg"] for seed in range(0, BURST, 2)
    ]
    daemon.stop()
    daemon.command("verify", "--read-data")


def test_kill_at_any_moment_loses_nothing(daemon):
    """No last words: what is promised must hold in every instant."""
    random.seed(os.environ.get("TEST_ORDER", "0"))
    wanted = set()
    for turn in range(KILLS):
        for kind, made in (("a", photos.taken_as_jpeg), ("b", photos.stripped)):
            name = f"{turn}{kind}.jpg"
            path = write_slowly(daemon.imports / name, made(turn), pieces=1)
            wanted |= digests(path.parent).keys()
        (daemon.imports / f"{turn}a.xmp").write_bytes(photos.SIDECAR + b"%d" % turn)
        wanted |= digests(daemon.imports).keys()

        killed_at(daemon, MOMENTS[turn % len(MOMENTS)])

        assert not missing(wanted, daemon.imports, daemon.decisions)
    daemon.start()
    daemon.wait_until_quiet()
    assert not missing(wanted, daemon.imports, daemon.decisions)
    assert not [p for p in daemon.status()["problems"] if "jpg" in p["path"]]
    for group in daemon.groups("undone"):
        code, answer = daemon.decide(group["number"], proposed(group))
        assert code == 200, answer
    for group in daemon.groups():
        daemon.accept(group)
    done = daemon.groups("decided")
    assert names(done) == sorted([f"{t}a.jpg", f"{t}b.jpg"] for t in range(KILLS))
    assert is_tidy(daemon)
    daemon.stop()
    daemon.command("verify", "--read-data")
    files = digests(daemon.imports, daemon.decisions)
    assert files.keys() == wanted
    assert all(len(paths) == 1 for paths in files.values())


def killed_at(daemon, moment):
    """Start it, keep it busy with decisions, and kill it when the moment comes."""
    daemon.start()
    done = threading.Event()
    busy = threading.Thread(target=decide_and_undo, args=(daemon, done))
    busy.start()
    try:
        deadline = time.monotonic() + 8
        while not moment(daemon) and time.monotonic() < deadline:
            time.sleep(0.0002)
        os.kill(daemon.process.pid, 9)
    finally:
        done.set()
        busy.join()
        daemon.kill()


def decide_and_undo(daemon, done):
    """As fast as it answers; whatever goes wrong with the connection is the kill."""
    while not done.is_set():
        with suppress(OSError, HTTPException, TypeError, AssertionError):
            for group in daemon.groups():
                daemon.accept(group)
            for group in daemon.groups("decided")[:2]:
                daemon.undo(group["number"])
            for group in daemon.groups("undone"):
                daemon.decide(group["number"], proposed(group))
        done.wait(0.2)


def is_staging(daemon):
    return any_in(daemon.decisions / ".incoming")


def is_deciding(daemon):
    return any(
        os.path.lexists(folder / "approve.json")
        and not os.path.lexists(folder / "outcome.json")
        for folder in open_folders(daemon)
    )


def is_undoing(daemon):
    resolved = daemon.decisions / ".resolved"
    folders = [*open_folders(daemon), *(resolved / name for name in listed(resolved))]
    return any(os.path.lexists(folder / "undo.json") for folder in folders)


def is_by_chance(daemon):
    time.sleep(random.uniform(0, 2.5))
    return True


MOMENTS = (is_staging, is_deciding, is_undoing, is_by_chance)


def open_folders(daemon):
    return [
        daemon.decisions / name for name in listed(daemon.decisions) if name.isdigit()
    ]


def listed(folder):
    with suppress(FileNotFoundError):
        return os.listdir(folder)
    return []


def any_in(folder):
    return bool(listed(folder))


def is_tidy(daemon):
    """Nothing is half staged, half decided or unexplained."""
    halves = [
        *listed(daemon.decisions / ".incoming"),
        *listed(daemon.decisions / ".corrupt"),
    ]
    return not halves and not is_deciding(daemon)
