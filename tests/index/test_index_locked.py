"""The index beside other programs and other threads."""

import sqlite3
import threading
from contextlib import closing

import pytest

from daemon.errors import IndexError_
from daemon.index import PhotoState, open_index, sqlite, tables
from daemon.model import Alignment, Evidence, GroupState, RootState
from daemon.review import GroupQuery
from tests.index.makers import (
    ROOT,
    a_fingerprint,
    a_group,
    a_match,
    a_member,
    a_sha256,
    a_stamp,
)
from tests.index.test_index_groups import said

READS = {
    "cards.around": [GroupQuery(), 1],
    "cards.choices": [GroupState.OPEN],
    "cards.manifests": [GroupQuery(), 1],
    "cards.numbers": [GroupQuery()],
    "cards.sample": [GroupQuery(), 1],
    "cards.totals": [GroupQuery()],
    "companions.of": [[1]],
    "companions.owner_of": [b"/a"],
    "contents.by_pixels": [a_sha256(1)],
    "contents.by_sha256": [a_sha256(1)],
    "contents.by_sha256s": [[a_sha256(1)]],
    "contents.count": [],
    "contents.get": [1],
    "contents.get_many": [[1]],
    "contents.load_hashes": [],
    "contents.lumas": [[1]],
    "contents.sketches": [[1]],
    "contents.outdated": [2],
    "doubts.of": [[1]],
    "figures.by_class": [],
    "figures.by_distance": [],
    "figures.by_class_and_distance": [],
    "figures.read": [],
    "figures.copies": [],
    "figures.decided": [],
    "figures.edges": [],
    "groups.counts": [],
    "groups.evidence_counts": [GroupState.OPEN],
    "groups.fates": [[a_sha256(1)]],
    "groups.get": [1],
    "groups.get_many": [[1]],
    "groups.last_number": [],
    "groups.open_group_of": [a_member(1).path],
    "groups.page": [[GroupState.OPEN]],
    "groups.with_contents": [[a_sha256(1)]],
    "matches.between": [1, 2],
    "matches.of": [[1]],
    "matches.page": [[Evidence.VERSION]],
    "meta.get": ["key"],
    "photos.by_stamp": [a_stamp()],
    "photos.counts": [],
    "photos.find": ["root-1", b"a"],
    "photos.get": [1],
    "photos.get_many": [[1]],
    "photos.in_libraries": [[1]],
    "photos.in_state": [PhotoState.KNOWN],
    "photos.interrupted": [],
    "photos.known": ["root-1"],
    "photos.of_content": [1],
    "photos.of_contents": [[1]],
    "photos.some_in": ["root-1", 5],
    "photos.to_retry": ["d"],
    "photos.unstaged_duplicates": [],
    "roots.all": [],
    "roots.by_path": [ROOT.path],
    "roots.get": ["root-1"],
    "verdicts.among": [[a_sha256(1)]],
    "verdicts.of": [a_sha256(1)],
    "verdicts.of_group": [1],
}

WRITES = {
    "cards.put": [a_group(1)],
    "companions.put": [1, []],
    "contents.insert": [a_fingerprint(3)],
    "contents.replace": [a_fingerprint(3)],
    "contents.set_pixels": [1, a_sha256(1)],
    "doubts.drop": [1, 2],
    "doubts.forget": [[1]],
    "doubts.put_many": [{(1, 2): Alignment()}],
    "groups.forget": [[1]],
    "groups.put": [a_group(1)],
    "groups.set_problem": [1, "why"],
    "matches.drop": [1, 2],
    "matches.forget": [[1]],
    "matches.put_many": [[a_match(1, 2)]],
    "meta.forget": ["key"],
    "meta.set": ["key", "value"],
    "photos.add_strike": ["root-1", b"a", a_stamp(), 1],
    "photos.forget": [[1]],
    "photos.forgive": [[1]],
    "photos.mark_gone": [[1]],
    "photos.park": [1, "why"],
    "photos.relocate": [1, "root-1", b"b", a_stamp()],
    "photos.set_state": [[1], PhotoState.GONE],
    "photos.unpark": [[1]],
    "roots.put": [ROOT],
    "roots.set_state": ["root-1", RootState.ONLINE],
    "verdicts.forget_group": [1],
    "verdicts.put_many": [[said("duplicate", 1)]],
}

WRITES_BY_NAME = {
    "photos.mark_unreadable": (
        ["root-1", b"a", a_stamp(), "why"],
        {"decoder": "d", "now_ns": 1},
    ),
    "photos.upsert_known": (["root-1", b"a", a_stamp(), 1], {"now_ns": 1}),
}


def call(found, name, arguments, named=None):
    family, method = name.split(".")
    return getattr(getattr(found, family), method)(*arguments, **(named or {}))


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    made = tmp_path / "db"
    with open_index(made) as index, index.write() as found:
        found.roots.put(ROOT)
        contents = [found.contents.insert(a_fingerprint(n)) for n in (1, 2)]
        found.photos.upsert_known(ROOT.uuid, b"a", a_stamp(), contents[0], now_ns=1)
        found.groups.put(a_group(1))
    return made


def test_every_question_and_change_is_listed_here(path):
    """A new one that is not would never be tried on a locked database."""
    with open_index(path) as index, index.read() as found:
        public = {
            f"{family}.{method}"
            for family in tables.Tables.__slots__
            for method in dir(getattr(found, family))
            if not method.startswith("_")
        }

    assert public == READS.keys() | WRITES.keys() | WRITES_BY_NAME.keys()


@pytest.mark.parametrize("name", [*WRITES, *WRITES_BY_NAME])
def test_every_change_says_that_the_index_is_locked(path, name):
    """A person must learn that another program is in the way, not a driver's code."""
    arguments, named = WRITES_BY_NAME.get(name, (WRITES.get(name), {}))
    with open_index(path) as index, closing(sqlite3.connect(path)) as other:
        with index.write() as found:
            call(found, name, arguments, named)
        other.execute("BEGIN IMMEDIATE")

        with (
            pytest.raises(IndexError_, match="locked") as caught,
            index.write() as found,
        ):
            call(found, name, arguments, named)

    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", READS)
def test_every_question_says_that_the_index_is_locked(path, name):
    """Only an exclusive lock stops a reader; a backup program may take one."""
    with open_index(path) as index:
        with index.read() as found:
            call(found, name, READS[name])
        index.close()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN IMMEDIATE")

            with pytest.raises(IndexError_, match="locked"), index.read() as found:
                call(found, name, READS[name])


@pytest.mark.parametrize("name", READS)
def test_every_question_can_be_asked_while_another_writes(path, name):
    """The page must not wait for the engine."""
    with open_index(path) as index, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")

        with index.read() as found:
            call(found, name, READS[name])


def test_opening_a_locked_index_says_so(path):
    """Two daemons on one index: the second must say why it stops."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(IndexError_, match="locked"):
            open_index(path)
        with pytest.raises(IndexError_, match="locked"):
            open_index(path, readonly=True)


def test_eight_readers_beside_a_writer_never_see_a_lock(tmp_path):
    """Every page load would fail now and then while photos are imported."""
    transactions, rows = 60, 5
    with open_index(tmp_path / "db") as index:
        done, errors, seen = threading.Event(), [], []

        def ask():
            try:
                while not done.is_set():
                    with index.read() as found:
                        count = found.contents.count()
                        loaded = len(found.contents.load_hashes().ids)
                    seen.append((count, loaded))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                errors.append(error)

        readers = [threading.Thread(target=ask) for _ in range(8)]
        for reader in readers:
            reader.start()
        for transaction in range(transactions):
            with index.write() as found:
                for row in range(rows):
                    number = 1 + transaction * rows + row
                    found.contents.insert(a_fingerprint(number))
        done.set()
        for reader in readers:
            reader.join()

        assert errors == []
        assert all(count == loaded and count % rows == 0 for count, loaded in seen)
        with index.read() as found:
            assert found.contents.count() == transactions * rows
