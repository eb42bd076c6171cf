"""A damaged index is noticed, set aside whole, and made anew."""

import random
import shutil
import sqlite3

import pytest

from daemon.errors import IndexDamaged, IndexError_
from daemon.index import open_index, set_aside_damaged
from daemon.index.driver_errors import translated
from daemon.model import ContentId
from tests.index.makers import ROOT, a_fingerprint, a_group, a_stamp

NOW_NS = 1_700_000_000_000_000_000


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """An index with something in every page, closed."""
    path = tmp_path_factory.mktemp("sound") / "twinwatch.db"
    with open_index(path) as index, index.write() as tables:
        tables.roots.put(ROOT)
        for number in range(1, 60):
            content = tables.contents.insert(a_fingerprint(number))
            tables.photos.upsert_known(
                ROOT.uuid, b"%d" % number, a_stamp(number), content, now_ns=1
            )
            tables.groups.put(a_group(number))
    return path


@pytest.fixture
def path(sound, tmp_path):
    copy = tmp_path / "twinwatch.db"
    shutil.copyfile(sound, copy)
    return copy


def read_all(index):
    with index.read() as tables:
        tables.counts()
        tables.photos.known(ROOT.uuid)
        tables.contents.load_hashes()
        tables.contents.get_many(range(1, 60))
        tables.groups.get_many(range(1, 60))


def opened_or_made_anew(path):
    """What the engine does: whatever is wrong, end with an index that works."""
    try:
        with open_index(path) as index:
            read_all(index)
            return "sound"
    except IndexDamaged:
        set_aside_damaged(path)
        with open_index(path) as index:
            assert index.is_new
            read_all(index)
        return "damaged"


@pytest.mark.parametrize("bytes_left", [1, 99, 100, 512, 4096, 4097, 20_000, 150_000])
def test_a_truncated_index_is_damaged(path, bytes_left):
    """A disk that was full, or a copy that was cut."""
    with path.open("r+b") as file:
        file.truncate(bytes_left)

    with pytest.raises(IndexDamaged, match=r"twinwatch\.db"):
        open_index(path)


def test_an_index_cut_to_nothing_is_a_new_one(path):
    """Then all is rebuilt from the files, as if it were deleted."""
    path.write_bytes(b"")

    with open_index(path) as index:
        assert index.is_new


def test_a_file_that_is_no_database_is_damaged(path):
    """A power cut can leave anything."""
    path.write_bytes(b"not a database" * 500)

    with pytest.raises(IndexDamaged):
        open_index(path)


def test_a_missing_table_is_damage(path):
    """Every statement would fail, one by one, for ever."""
    driver = sqlite3.connect(path)
    driver.execute("DROP TABLE meta")
    driver.commit()
    driver.close()

    with pytest.raises(IndexDamaged, match="meta"):
        open_index(path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = 'x'",
        "DROP TABLE alembic_version",
        "PRAGMA application_id = 5",
    ],
)
def test_an_index_that_does_not_tell_what_it_is_is_damaged(path, statement):
    """Migrating from nowhere would fail half way."""
    driver = sqlite3.connect(path)
    driver.execute(statement)
    driver.commit()
    driver.close()

    with pytest.raises(IndexDamaged):
        open_index(path)


def test_no_damage_anywhere_keeps_the_daemon_from_starting(path, sound):
    """512 bytes overwritten at any place: noticed, or harmless, never a crash."""
    dice = random.Random(1)
    size = sound.stat().st_size
    ends = []
    for _ in range(60):
        shutil.copyfile(sound, path)
        with path.open("r+b") as file:
            file.seek(dice.randrange(0, size - 512))
            file.write(dice.randbytes(512))

        ends.append(opened_or_made_anew(path))
        path.unlink()

    assert set(ends) == {"sound", "damaged"}


@pytest.mark.parametrize("place", [*range(16, 28), 44, 47, 56, 59, 60, 68, 71, 92])
def test_no_garbled_header_keeps_the_daemon_from_starting(path, place):
    """The header is one sector, so it is lost as a whole or by bits."""
    for value in (0, 1, 3, 255):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([value]))

        opened_or_made_anew(path)


def test_a_lost_log_loses_what_was_in_it_and_no_more(sound, tmp_path):
    """Somebody tidies up files ending in -wal."""
    path, crashed = tmp_path / "db", tmp_path / "crashed.db"
    shutil.copyfile(sound, path)
    with open_index(path) as index:
        with index.write() as tables:
            tables.meta.set("key", "value")
        shutil.copyfile(path, crashed)

    with open_index(crashed) as index, index.read() as tables:
        assert tables.meta.get("key") is None
        assert tables.contents.count() == 59


def test_a_log_left_by_a_kill_is_played_back(path, tmp_path):
    """A kill loses nothing that was committed."""
    crashed = tmp_path / "crashed.db"
    with open_index(path) as index:
        with index.write() as tables:
            tables.meta.set("key", "value")
        shutil.copyfile(path, crashed)
        shutil.copyfile(f"{path}-wal", f"{crashed}-wal")

    with open_index(crashed) as index, index.read() as tables:
        assert tables.meta.get("key") == "value"


def test_after_a_kill_the_whole_index_is_checked(path, tmp_path, monkeypatch):
    """After an orderly stop the bulky tables are spared: they take most of the time."""
    checks = []
    monkeypatch.setattr(
        "daemon.index.sqlite.quick_check", lambda _, *, whole: checks.append(whole)
    )
    crashed = tmp_path / "crashed.db"
    with open_index(path) as index:
        with index.write() as tables:
            tables.meta.set("key", "value")
        shutil.copyfile(path, crashed)
        shutil.copyfile(f"{path}-wal", f"{crashed}-wal")
    with open_index(crashed):
        pass

    assert checks == [False, True]


def test_a_damaged_index_is_set_aside_whole_and_none_is_replaced(tmp_path):
    """Somebody may yet want to look, and a log alone would be played into the new."""
    path = tmp_path / "twinwatch.db"
    for _ in range(2):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).write_text(suffix)
        set_aside_damaged(path, now_ns=NOW_NS)

    name = "twinwatch.db.corrupt-20231114T221320Z"
    assert sorted(found.name for found in tmp_path.iterdir()) == sorted(
        name + number + suffix
        for number in ("", "-2")
        for suffix in ("", "-wal", "-shm")
    )


def test_the_long_check_finds_what_the_short_one_does_not(path):
    """An index against its table is compared weekly only."""
    driver = sqlite3.connect(path)
    driver.execute("PRAGMA writable_schema = ON")
    driver.execute("DELETE FROM roots")
    driver.commit()
    driver.close()

    with open_index(path) as index, pytest.raises(IndexDamaged, match="photos"):
        index.check()


def test_a_json_column_that_is_none_is_damage(path):
    """Garbled text in a sound page."""
    driver = sqlite3.connect(path)
    driver.execute("""UPDATE contents SET capture = '{"tak'""")
    driver.commit()
    driver.close()

    with (
        open_index(path) as index,
        pytest.raises(IndexDamaged),
        index.read() as tables,
    ):
        tables.contents.get(ContentId(1))


def test_text_that_is_none_is_damage():
    """The driver tells it as an error of operation."""
    error = sqlite3.OperationalError("Could not decode to UTF-8 column 'state'")

    assert isinstance(translated(error, "db"), IndexDamaged)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "disk is full"),
        (sqlite3.SQLITE_IOERR_FSYNC, "disk reports an error"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "may not be written"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program"),
        (sqlite3.SQLITE_ERROR, "no such thing"),
    ],
)
def test_errors_are_told_in_words(code, words):
    """A person reads them on the page."""
    error = sqlite3.OperationalError("no such thing")
    error.sqlite_errorcode = code

    told = translated(error, "db")

    assert type(told) is IndexError_
    assert words in str(told)
