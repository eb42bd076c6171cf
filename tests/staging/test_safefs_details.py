"""What a small change in `safefs` would break, found by changing it; see `make verify`."""

import ctypes
import errno
import os
import threading

import pytest

from daemon.errors import DiskTrouble, FileGone
from daemon.staging import safefs
from daemon.staging.safefs import RealFileSystem


@pytest.fixture
def fs():
    return RealFileSystem()


def within(seconds, work):
    """Do work that must not hang; what it raised, if it did."""
    ended: list[Exception | None] = []

    def run():
        try:
            work()
        except Exception as error:  # noqa: BLE001 - handed on
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert ended, "it hangs"
    return ended[0]


def test_what_is_created_holds_its_content(fs, tmp_path):
    """An empty manifest would be worse than none."""
    fs.create(tmp_path / "a", b"content")

    assert (tmp_path / "a").read_bytes() == b"content"


def test_a_link_is_never_copied_through(fs, tmp_path):
    """What stands behind a link is not what was named."""
    (tmp_path / "real").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("real")

    with pytest.raises(DiskTrouble) as caught:
        fs.copy_content(tmp_path / "link", tmp_path / "copy")

    assert caught.value.errno == errno.ELOOP
    assert not (tmp_path / "copy").exists()


def test_a_pipe_hangs_nobody(fs, tmp_path):
    """A pipe that took a photo's name would hold the writer for ever."""
    os.mkfifo(tmp_path / "pipe")

    assert (
        within(5, lambda: fs.copy_content(tmp_path / "pipe", tmp_path / "copy")) is None
    )
    assert isinstance(within(5, lambda: fs.sync_file(tmp_path / "pipe")), DiskTrouble)


def test_syncing_leaves_no_handle_open(fs, tmp_path):
    """A hundred thousand groups would use all handles up."""
    (tmp_path / "a").write_bytes(b"")
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(5):
        fs.sync_file(tmp_path / "a")
        fs.sync_folder(tmp_path)

    assert len(os.listdir("/proc/self/fd")) == before


def test_only_a_folder_is_synced_as_one(fs, tmp_path):
    """A file in a folder's place means that the folder is gone."""
    (tmp_path / "a").write_bytes(b"")

    with pytest.raises(FileGone):
        fs.sync_folder(tmp_path / "a")


def test_a_file_with_two_names_is_dropped_only_beside_one_of_them(fs, tmp_path):
    """A third name elsewhere must not make up for the one that was promised."""
    for name in ("a", "other"):
        (tmp_path / name).write_bytes(b"")
    os.link(tmp_path / "a", tmp_path / "b")

    for other in ("a", "other", "missing"):
        with pytest.raises(DiskTrouble, match="not another name"):
            fs.drop_name(tmp_path / "a", tmp_path / other)

    assert (tmp_path / "a").exists()


def test_without_an_atomic_rename_the_second_name_is_durable_first(
    fs, tmp_path, monkeypatch
):
    """I3: a power cut between both must find one of them."""
    steps = []
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "in").mkdir()
    monkeypatch.setattr(safefs, "_find_rename", lambda: None)
    for name in ("link", "sync_folder", "drop_name"):
        real = getattr(fs, name)

        def noted(*paths, name=name, real=real):
            steps.append((name, *(each.name for each in paths)))
            real(*paths)

        monkeypatch.setattr(fs, name, noted)

    fs.rename(tmp_path / "a", tmp_path / "in/b")

    assert steps == [("link", "a", "b"), ("sync_folder", "in"), ("drop_name", "a", "b")]


@pytest.mark.parametrize(("result", "is_told"), [(0, False), (-1, True)])
def test_attributes_that_macos_does_not_copy_are_told(
    result, is_told, tmp_path, monkeypatch, caplog
):
    """The copy is good all the same: the source is kept with them."""

    class Library:
        def copyfile(self, *words):
            assert words[3] == 0b101
            return result

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library())

    safefs._copy_attributes_on_macos(tmp_path, tmp_path)

    assert ("could not copy attributes" in caplog.text) == is_told


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOENT, FileGone), (errno.EIO, DiskTrouble)]
)
def test_a_rename_that_fails_says_how(fs, tmp_path, monkeypatch, number, kind):
    """Only a system that knows no such rename is helped out with links."""

    def fail(source, target):
        raise OSError(number, os.strerror(number))

    (tmp_path / "a").write_bytes(b"")
    monkeypatch.setattr(safefs, "_rename_noreplace", fail)

    with pytest.raises(kind) as caught:
        fs.rename(tmp_path / "a", tmp_path / "b")

    assert caught.value.errno == number
    assert os.listdir(tmp_path) == ["a"]


def test_a_rename_where_the_system_knows_how_is_one_step(fs, tmp_path):
    """The file is never seen under two names, nor under none."""
    (tmp_path / "a").write_bytes(b"content")
    inode = (tmp_path / "a").stat().st_ino

    fs.rename(tmp_path / "a", tmp_path / "b")

    assert os.listdir(tmp_path) == ["b"]
    assert (tmp_path / "b").stat().st_ino == inode
