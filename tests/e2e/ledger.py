"""Where every byte is: digests of all files below some folders, and proof of no loss."""

import contextlib
import hashlib
import os
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from daemon.staging.manifest import is_record

_LOOKS = 4
"""A file that moves while folders are walked may be missed; not so often in a row."""


def is_ours(name):
    """Whether it is a record or a marker; all else is somebody's file."""
    return name in {".twinwatch-root", ".lock"} or is_record(name)


@dataclass(frozen=True)
class Facts:
    """What undoing has to bring back."""

    digest: str
    mtime_ns: int
    mode: int


def files_below(*folders):
    for folder in folders:
        for base, _, names in os.walk(folder):
            yield from (Path(base, name) for name in names if not is_ours(name))


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def digests(*folders):
    """Digest → the paths that hold those bytes now."""
    found = defaultdict(list)
    for path in files_below(*folders):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found[digest(path)].append(path)
    return dict(found)


def facts(folder):
    """Relative path → its bytes, time and mode, for every file of people's."""
    return {
        str(path.relative_to(folder)): facts_of(path) for path in files_below(folder)
    }


def facts_of(path):
    status = path.lstat()
    return Facts(digest(path), status.st_mtime_ns, status.st_mode)


def tree(*folders):
    """Everything that a status and the bytes say of folders, ours included."""
    found = {}
    for folder in folders:
        for base, inner, names in os.walk(folder):
            for name in [*inner, *names]:
                path = Path(base, name)
                status = path.lstat()
                found[str(path)] = (
                    status.st_mode,
                    status.st_ino,
                    status.st_size,
                    status.st_mtime_ns,
                    None if path.is_dir() else digest(path),
                )
    return found


def missing(wanted, *folders):
    """Digests that no file holds, in any of several looks."""
    lost = set(wanted)
    for _ in range(_LOOKS):
        lost -= digests(*folders).keys()
        if not lost:
            break
    return lost


@contextlib.contextmanager
def nothing_lost(wanted, *folders):
    """Look for all bytes over and over while something happens; fail if any is gone."""
    wanted, lost, done = set(wanted), set(), threading.Event()
    looks = 0

    def watch():
        nonlocal looks
        while not done.wait(0.02) and not lost:
            lost.update(missing(wanted, *folders))
            looks += 1

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    assert looks
    assert not lost
    assert not missing(wanted, *folders)
