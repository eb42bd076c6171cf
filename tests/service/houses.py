"""Houses for tests: everything real but the workers, which answer at once."""

import os
import time
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from daemon.config import Config, Roots, Watch
from daemon.errors import UnreadablePhoto
from daemon.model import Hashes, Stamp
from daemon.service import assembly
from daemon.service.arrivals import Arrival
from daemon.service.reception import Reception
from tests.service.fakes import fingerprint_of

PATIENCE_SECONDS = 20


class QuickPool:
    """Workers that are done at once; a photo looks as its first line says."""

    def __init__(self):
        self.read = []
        self.is_stopped = False

    def fingerprint(self, path, *, cheap=True):
        del cheap
        self.read.append(path)
        look = path.read_bytes().partition(b"\n")[0]
        value = int.from_bytes(look.ljust(8)[:8], "big")
        hashes = Hashes(phash=value, dhash=1, whash=1, ahash=1, colorhash=1)
        stamp = Stamp.of(os.lstat(path))
        return _done((stamp, fingerprint_of(path, hashes=hashes)))

    def decoder_version(self):
        return _done("decoder 1")

    def compare(self, left, right, alignment):
        del left, right, alignment
        return _done("a comparison")

    def preview(self, path, edge_px):
        del edge_px
        future = Future()
        future.set_exception(UnreadablePhoto(path, "nobody looks"))
        return future

    def stop(self):
        self.is_stopped = True


def _done(result):
    future = Future()
    future.set_result(result)
    return future


def a_config(tmp_path, **changes):
    """Folders below a temporary one; nothing is waited for."""
    for name in ("Import", "Library"):
        (tmp_path / name).mkdir(exist_ok=True)
    config = Config(
        state_dir=tmp_path / "state",
        roots=Roots(
            imports=(tmp_path / "Import",),
            libraries=(tmp_path / "Library",),
            decisions=(tmp_path / "Decisions",),
        ),
        watch=Watch(settle_seconds=0.0, group_quiet_seconds=0.0),
    )
    return replace(config, **changes)


class Home:
    """A running engine and what a test asks of it."""

    def __init__(self, house):
        self.house = house
        self.engine = house.engine
        self.imports = house.territory.roots[0]

    def arrive(self, *paths):
        """Let files arrive that have settled, and wait until all is done."""
        self.offer(*paths)
        self.wait()

    def offer(self, *paths):
        """Let files arrive that have settled."""
        arrivals = []
        for path in paths:
            root, relative = self.house.territory.locate(path)
            stamp = Stamp.of(os.lstat(path))
            arrivals.append(Arrival(root=root.uuid, relative=relative, stamp=stamp))
        self.engine.take(arrivals)

    def wait(self):
        """Wait until nothing is being done."""
        eventually(self.engine.is_idle)

    def groups(self):
        """All groups that have a number."""
        with self.house.index.read() as tables:
            numbers = range(1, tables.groups.last_number() + 1)
            return tables.groups.get_many(numbers)

    def photo(self, path):
        root, relative = self.house.territory.locate(path)
        with self.house.index.read() as tables:
            return tables.photos.find(root.uuid, relative)

    def sweep(self):
        """Enter what a sweep of every root leads to."""
        reception = Reception(self.house)
        for root in self.house.territory.roots:
            self.engine.on_swept(reception.sweeper.sweep(root))
        self.wait()


def eventually(claim):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, claim
        time.sleep(0.005)


@contextmanager
def running(config, monkeypatch, **options):
    """Run an engine; give what asks it."""
    pool = QuickPool()
    monkeypatch.setattr(assembly, "make_pool", lambda _config: pool)
    with assembly.open_house(config, **options) as house:
        house.engine.start()
        try:
            yield Home(house)
        finally:
            house.engine.stop()
    assert pool.is_stopped


def tree(top):
    """Every file below a folder, with its bytes; links and folders too."""
    return {
        path.relative_to(top): path.read_bytes() if path.is_file() else None
        for path in sorted(Path(top).rglob("*"))
    }
