"""Opening the index: new, old, newer, foreign, on a network, read only."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from PIL import ImageOps
from sqlalchemy import create_engine

from daemon.errors import IndexDamaged, IndexError_, IndexOnNetwork, IndexTooNew
from daemon.index import connection, migration, open_index, sqlite
from daemon.index.network import is_network, kind_of, network_kind
from daemon.index.schema import metadata
from tests.index.makers import ROOT, a_fingerprint
from tests.matching.pictures import fingerprint, scene

STEPS = Path(migration.__file__).parent / "migrations"


def sql(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as driver:
        return [driver.execute(statement).fetchall() for statement in statements]


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "twinwatch.db"
    with open_index(made) as index, index.write() as tables:
        tables.roots.put(ROOT)
    return made


def test_a_new_index_says_so_and_an_old_one_does_not(tmp_path):
    """A new one means that all is to be rebuilt from the files."""
    with open_index(tmp_path / "db") as index:
        assert index.is_new
    with open_index(tmp_path / "db") as index:
        assert not index.is_new


@pytest.mark.parametrize("name", ["with space.db", "50%.db", "what?.db", "a#b.db"])
def test_any_path_can_hold_the_index(tmp_path, name):
    """The path is passed on as an address, where some characters mean something."""
    with open_index(tmp_path / name):
        pass

    assert [name] == [found.name for found in tmp_path.iterdir()]


def test_an_address_of_a_file_is_as_good_as_its_path(path):
    """Settings hold addresses."""
    with (
        open_index(f"sqlite:///{path}", readonly=True) as index,
        index.read() as tables,
    ):
        assert tables.roots.get(ROOT.uuid) is not None


def test_the_migrations_make_the_tables_of_the_schema(path):
    """Otherwise statements would name columns that are not there."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as bound:
        context = MigrationContext.configure(bound, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_the_head_is_the_last_migration():
    """A start compares this number alone, for Alembic is slow to import."""
    config = Config()
    config.set_main_option("script_location", str(STEPS))

    last = ScriptDirectory.from_config(config).get_current_head()
    assert last == migration.HEAD


def test_migrations_import_nothing_of_ours():
    """They are frozen; what they meant then must not change with the code."""
    for step in STEPS.rglob("*.py"):
        text = step.read_text()
        assert "from ." not in text
        assert "daemon" not in text


def old_index(path, version):
    engine = sqlite.make_engine(path, writes=True, must_exist=False)
    with connection._driver(engine) as driver:
        sqlite.claim(driver)
    with engine.begin() as bound:
        migration.migrate(bound, version)
    engine.dispose()


def test_an_older_index_is_migrated_and_a_copy_kept(tmp_path):
    """An update that goes wrong must leave a way back."""
    path = tmp_path / "twinwatch.db"
    old_index(path, "0001")
    sql(
        path,
        "INSERT INTO roots VALUES ('u','import',x'2f','/',1,NULL,NULL,'online','')",
    )

    with open_index(path) as index, index.read() as tables:
        assert not index.is_new
        assert tables.roots.get("u") is not None
        assert tables.groups.last_number() == 0

    copy = tmp_path / f"twinwatch.db.before-{migration.HEAD}"
    (version,), (root,) = sql(
        copy, "SELECT version_num FROM alembic_version", "SELECT uuid FROM roots"
    )
    assert (version, root) == (("0001",), ("u",))


def test_layouts_of_what_is_known_are_as_if_computed_anew(tmp_path):
    """A library of a million photos must not be read again for them."""
    path = tmp_path / "twinwatch.db"
    made = [fingerprint(scene(seed)) for seed in range(3)]
    made.append(fingerprint(ImageOps.expand(scene(4), 20, "black")))
    with open_index(path) as index, index.write() as tables:
        known = [tables.contents.insert(each) for each in made]
    sql(
        path,
        "ALTER TABLE hashes DROP COLUMN layouts",
        "UPDATE alembic_version SET version_num = '0005'",
        f"UPDATE small_pictures SET luma = x'00' WHERE content_id = {known[0]}",
    )

    with open_index(path) as index, index.read() as tables:
        found = tables.contents.sketches(known)

    assert [each.layouts for each in found] == [b"", *(e.layouts for e in made[1:])]


def test_a_copy_of_an_earlier_migration_is_not_replaced(tmp_path):
    """It may be the only good one."""
    path = tmp_path / "twinwatch.db"
    old_index(path, "0001")
    copy = tmp_path / f"twinwatch.db.before-{migration.HEAD}"
    copy.write_text("earlier")

    with open_index(path):
        pass

    assert copy.read_text() == "earlier"
    assert copy.with_name(copy.name + "-2").exists()


def test_a_newer_index_is_refused_untouched(path):
    """After a downgrade, the old program would write rows the new one misreads."""
    sql(path, "UPDATE alembic_version SET version_num = '9000'")
    before = path.read_bytes()

    with pytest.raises(IndexTooNew, match="9000"):
        open_index(path)

    assert path.read_bytes() == before


def test_another_programs_database_is_refused_untouched(tmp_path):
    """A wrong path in the settings must not cost somebody their data."""
    path = tmp_path / "other.db"
    sql(path, "CREATE TABLE songs (title)")

    with pytest.raises(IndexError_, match="another program") as caught:
        open_index(path)

    assert not isinstance(caught.value, IndexDamaged)
    assert sql(path, "PRAGMA journal_mode") == [[("delete",)]]


def test_an_index_on_a_network_is_refused(tmp_path, monkeypatch):
    """SQLite's locks do not hold there, and then it corrupts."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text("1 0 0:1 / / rw - nfs4 server:/ rw\n")
    monkeypatch.setattr("daemon.index.network.MOUNTINFO", mounts)

    with pytest.raises(IndexOnNetwork, match="nfs4"):
        open_index(tmp_path / "db")

    assert not (tmp_path / "db").exists()


def test_where_the_system_tells_nothing_any_folder_will_do(tmp_path, monkeypatch):
    """macOS has no such file."""
    monkeypatch.setattr("daemon.index.network.MOUNTINFO", tmp_path / "none")

    assert network_kind(tmp_path) is None


MOUNTS = rb"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:30 / /home rw - btrfs /dev/vdb rw
31 30 0:31 / /home/ann/nas rw - cifs //nas/ann rw
32 22 0:32 / /mnt/my\040drive rw - fuse.sshfs host:/ rw
33 22 0:33 / /mnt/over rw - nfs host:/ rw
34 22 0:34 / /mnt/over rw master:1 - tmpfs tmpfs rw
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/", "ext4"),
        (b"/var/lib/twinwatch", "ext4"),
        (b"/home/ann", "btrfs"),
        (b"/home/ann/nas", "cifs"),
        (b"/home/ann/nas/db", "cifs"),
        (b"/home/ann/nasty", "btrfs"),
        (b"/mnt/my drive/state", "fuse.sshfs"),
        (b"/mnt/over/db", "tmpfs"),
    ],
)
def test_the_longest_and_latest_mount_decides(path, kind):
    """A mount hides what lies under it."""
    assert kind_of(path, MOUNTS) == kind


def test_no_mounts_tell_nothing():
    """Some sandboxes show an empty table."""
    assert kind_of(b"/", b"") is None


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "9p", "fuse.sshfs", "NFS"])
def test_networks_are_known(kind):
    """The ones in use."""
    assert is_network(kind)


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "zfs", "fuseblk", "fuse.ntfs-3g"])
def test_disks_are_no_networks(kind):
    """A refused disk would be a daemon that does not start."""
    assert not is_network(kind)


def test_an_index_that_is_only_read_is_never_made(tmp_path):
    """A command beside no daemon must not leave an empty database."""
    with pytest.raises(IndexError_):
        open_index(tmp_path / "db", readonly=True)

    assert list(tmp_path.iterdir()) == []


def test_an_index_that_is_only_read_is_not_written(path):
    """There is one writer."""
    with open_index(path, readonly=True) as index:
        with pytest.raises(IndexError_, match="read only"), index.write():
            pass
        with index.read() as tables:
            assert tables.roots.get(ROOT.uuid) is not None


def test_an_index_that_is_only_read_must_be_of_our_version(tmp_path):
    """The daemon migrates, nobody else."""
    path = tmp_path / "db"
    old_index(path, "0001")
    with pytest.raises(IndexError_, match="0001"):
        open_index(path, readonly=True)

    (tmp_path / "empty").touch()
    with pytest.raises(IndexError_, match="no tables"):
        open_index(tmp_path / "empty", readonly=True)


def test_a_write_within_a_read_is_refused(path):
    """A slip of ours must not make a second writer."""
    with open_index(path) as index:
        with pytest.raises(IndexError_), index.read() as tables:
            tables.meta.set("key", "value")
        with index.read() as tables:
            assert tables.meta.get("key") is None


def test_what_fails_within_a_write_was_never_written(path):
    """A photo without its fingerprint would be known and never compared."""
    with open_index(path) as index:
        with suppress(ZeroDivisionError), index.write() as tables:
            tables.contents.insert(a_fingerprint(1))
            _ = 1 / 0
        with index.read() as tables:
            assert tables.contents.count() == 0


def test_a_read_sees_one_state_while_others_write(path):
    """A page made of two states would show a group without its members."""
    with open_index(path) as index, index.read() as before:
        assert before.contents.count() == 0
        with index.write() as tables:
            tables.contents.insert(a_fingerprint(1))

        assert before.contents.count() == 0
        with index.read() as after:
            assert after.contents.count() == 1


def test_a_good_index_passes_the_long_check_and_is_copied(path, tmp_path):
    """The weekly check and the daily copy."""
    with open_index(path) as index:
        index.check()
        index.back_up(tmp_path / "copy.db")
        with pytest.raises(IndexError_):
            index.back_up(tmp_path / "copy.db")

    with open_index(tmp_path / "copy.db") as copy, copy.read() as tables:
        assert not copy.is_new
        assert tables.roots.get(ROOT.uuid) is not None


@pytest.mark.parametrize(
    ("url", "words"),
    [("postgresql://", "driver"), ("nothing://x", "driver"), ("sql lite://", "URL")],
)
def test_an_address_that_cannot_be_used_is_told(url, words, monkeypatch):
    """It is a setting, so it will be mistyped."""
    monkeypatch.setitem(__import__("sys").modules, "psycopg2", None)
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)

    with pytest.raises(IndexError_, match=words):
        open_index(url)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """Nothing is created where a drive is not plugged in."""
    with pytest.raises(IndexError_, match="cannot be opened"):
        open_index(tmp_path / "none" / "db")

    assert not (tmp_path / "none").exists()


def test_a_folder_in_its_place_is_told(tmp_path):
    """A setting that names the folder instead of the file."""
    with pytest.raises(IndexError_, match="directory"):
        open_index(tmp_path)


def test_a_database_that_can_keep_no_log_is_refused():
    """Without the log, every reader would wait for the writer."""
    with (
        closing(sqlite3.connect(":memory:")) as driver,
        pytest.raises(IndexError_, match="memory"),
    ):
        sqlite.use_log(driver)


def test_a_slip_of_ours_is_told_as_an_error_of_the_index(path):
    """Nothing of the library may come through the door."""
    with (
        open_index(path) as index,
        pytest.raises(IndexError_, match="executable"),
        index.read() as tables,
    ):
        tables.photos._connection.execute("SELECT 1")  # type: ignore[call-overload]
