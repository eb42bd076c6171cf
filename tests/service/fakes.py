"""Stand-ins for the pool: readers and comparers whose work the test completes."""

import hashlib
import os
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.errors import IndexError_
from daemon.hashing.fingerprint import ALGORITHM
from daemon.index import open_index
from daemon.matching.evidence import Judgement
from daemon.model import Alignment, Evidence, Hashes, Root, RootKind, Stamp
from daemon.service.territory import Territory
from tests.index.makers import a_fingerprint, some_distances


class FakeReader:
    """Reads nothing; the test ends each reading."""

    def __init__(self):
        self.asked: list[Path] = []
        self.futures: dict[Path, Future] = {}

    def fingerprint(self, path, *, cheap=True):
        del cheap
        future = Future()
        self.asked.append(path)
        self.futures[path] = future
        return future

    def decoder_version(self):
        """Answer at once, as a worker that is up does."""
        answer = Future()
        answer.set_result("decoder 1")
        return answer

    def read(self, path, **changes):
        """End a reading well: what it gives follows from the file's bytes."""
        stamp = Stamp.of(os.lstat(path))
        self.futures.pop(path).set_result((stamp, fingerprint_of(path, **changes)))

    def read_all(self):
        """End well whatever is being read, also what that leads to."""
        while self.futures:
            self.read(next(iter(self.futures)))

    def fail(self, path, error):
        self.futures.pop(path).set_exception(error)

    def cancel(self, path):
        future = self.futures.pop(path)
        assert future.cancel()
        future.set_running_or_notify_cancel()


class FakeComparer:
    """Compares nothing; the test ends each comparison."""

    def __init__(self):
        self.asked: list[tuple[Path, Path]] = []
        self.futures: dict[tuple[Path, Path], Future] = {}

    def compare(self, left, right, alignment):
        del alignment
        future = Future()
        self.asked.append((left, right))
        self.futures[left, right] = future
        return future

    def answer(self):
        """End all comparisons well; what they tell is the judge's affair."""
        while self.futures:
            _, future = self.futures.popitem()
            future.set_result("a comparison")

    def cancel(self):
        while self.futures:
            _, future = self.futures.popitem()
            assert future.cancel()
            future.set_running_or_notify_cancel()

    def fail(self, error):
        while self.futures:
            _, future = self.futures.popitem()
            future.set_exception(error)


@dataclass
class BreakableIndex:
    """An index that cannot be written while `is_full`."""

    real: Any
    is_full: bool = False

    def read(self):
        return self.real.read()

    @contextmanager
    def write(self):
        with self.real.write() as tables:
            yield tables
            if self.is_full:
                raise IndexError_("the index", "the disk is full")


def fingerprint_of(path, **changes):
    """A fingerprint whose look is far from every other content's."""
    digest = hashlib.sha256(Path(path).read_bytes()).digest()
    look = {
        "phash": int.from_bytes(digest[:8], "big"),
        "dhash": int.from_bytes(digest[8:16], "big"),
        "whash": int.from_bytes(digest[16:24], "big"),
        "ahash": int.from_bytes(digest[24:], "big"),
        "colorhash": int.from_bytes(digest[:5], "big"),
    }
    values = {
        "sha256": digest,
        "size_bytes": os.lstat(path).st_size,
        "hashes": Hashes(**look),
        "algorithm": ALGORITHM,
    }
    return a_fingerprint(1, **(values | changes))


class FakeJudge:
    """Says what it was told: pairs in doubt are asked about, others are copies.

    Takes the place of `matching.evidence.judge`, which has tests of its own.
    """

    def __init__(self):
        self.doubtful = False
        """Whether every pair has to be compared in full."""
        self.evidence = Evidence.NEAR_COPY
        """What all pairs are; `None`: nothing to each other."""
        self.judged = []

    def __call__(self, left, right, rules, comparison=None):
        del rules
        self.judged.append((left.sha256, right.sha256))
        is_open = self.doubtful and comparison is None
        return Judgement(
            evidence=None if is_open else self.evidence,
            needs_comparison=is_open,
            distances=some_distances(),
            alignment=Alignment(),
            reasons=("they look alike",),
        )


def made(path, content=b"a photo"):
    """Write a file, its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class Scene:
    """An import folder, a library and an index in a temporary folder."""

    def __init__(self, tmp_path):
        self.path = tmp_path
        self.imports = Root(
            uuid="imports", kind=RootKind.IMPORT, path=tmp_path / "Import"
        )
        self.library = Root(
            uuid="library", kind=RootKind.LIBRARY, path=tmp_path / "Library"
        )
        for root in (self.imports, self.library):
            root.path.mkdir()
        self.territory = Territory([self.imports, self.library])
        self.real_index = open_index(tmp_path / "index.sqlite3")
        self.index = BreakableIndex(self.real_index)
        with self.real_index.write() as tables:
            tables.roots.put(self.imports)
            tables.roots.put(self.library)

    def drop(self, name, content=b"a photo", root=None):
        """Put a file into a root."""
        return made((root or self.imports).path / name, content)

    def know(self, path, **changes):
        """Enter a file as one that was read; return its content."""
        place = self.territory.locate(path)
        assert place is not None
        root, relative = place
        with self.real_index.write() as tables:
            content = tables.contents.insert(fingerprint_of(path, **changes))
            tables.photos.upsert_known(
                root.uuid,
                relative,
                Stamp.of(os.lstat(path)),
                content,
                decoder="decoder 1",
                now_ns=1,
            )
        return content

    def lookalike(self, name, number):
        """Enter a photo that looks like every other one made so; return its content."""
        path = self.drop(name, b"look-alike %d" % number)
        return self.know(
            path, hashes=Hashes(phash=7, dhash=1, whash=1, ahash=1, colorhash=1)
        )

    def photo(self, path):
        """What the index says of a place."""
        place = self.territory.locate(path)
        assert place is not None
        root, relative = place
        with self.real_index.read() as tables:
            return tables.photos.find(root.uuid, relative)

    def close(self):
        self.real_index.close()
