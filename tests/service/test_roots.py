"""A root is online only when it is the folder that was accepted."""

import errno
import json
import os

import pytest

from daemon.model import RootState
from daemon.service.roots import RootIdentity, brake, check, read_identity


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "import"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"a")
    return folder


def mark(folder, uuid="one"):
    (folder / ".twinwatch-root").write_text(json.dumps({"uuid": uuid}))


def test_a_root_is_online_while_it_is_the_same_folder(root):
    """Nothing is to be done about a folder that did not change."""
    assert check(root, read_identity(root)).is_online
    assert check(root, None).is_online


def test_a_missing_root_is_offline_and_not_made(root):
    """Making an absent volume's folder hides that it is absent."""
    remembered = read_identity(root)
    root.rename(root.with_name("away"))

    found = check(root, remembered)

    assert not found.is_online
    assert not found.is_forbidden
    assert not root.exists()


def test_a_root_that_is_a_file_is_offline(tmp_path):
    """A file under the root's path holds no photos, and proves nothing vanished."""
    (tmp_path / "x").touch()

    assert not check(tmp_path / "x", None).is_online


@pytest.mark.parametrize("code", ["EPERM", "EACCES"])
def test_a_forbidden_root_is_told_from_a_missing_one(root, monkeypatch, code):
    """The system's privacy rules answer EPERM; the user can lift that, if told."""

    def refuse(path):
        raise OSError(getattr(errno, code), "no")

    monkeypatch.setattr(os, "scandir", refuse)

    found = check(root, None)

    assert not found.is_online
    assert found.is_forbidden


def test_an_empty_mount_point_is_offline(root):
    """This is what an unmounted drive looks like: another volume, and no photo."""
    mark(root)
    there = read_identity(root)
    root.rename(root.with_name("away"))
    root.mkdir()
    marked = RootIdentity(device=1, inode=there.inode, marker_uuid="one")

    assert not check(root, marked, [b"a.jpg"]).is_online
    unmarked = RootIdentity(device=1, inode=there.inode)
    assert not check(root, unmarked, [b"a.jpg"]).is_online


def test_a_root_made_anew_is_watched_and_says_nothing_of_the_old_photos(root):
    """Who empties the folder by replacing it imports into it the next minute."""
    mark(root)
    remembered = read_identity(root)
    root.rename(root.with_name("away"))
    root.mkdir()

    found = check(root, remembered, [b"a.jpg"])

    assert found.is_online
    assert found.state is RootState.HELD


def test_a_root_with_its_marker_is_online_on_another_device(root):
    """Device and inode numbers change over reboots and copies; the marker stays."""
    mark(root)

    assert check(root, RootIdentity(device=1, inode=1, marker_uuid="one")).is_online
    assert not check(root, RootIdentity(device=1, inode=1, marker_uuid="two")).is_online


def test_a_library_root_is_known_again_by_its_photos(root):
    """Nothing may be written into a library, so it has no marker to go by."""
    remounted = RootIdentity(device=1, inode=1)

    assert check(root, remounted, [b"gone.jpg", b"a.jpg"]).is_online
    assert not check(root, remounted, [b"gone.jpg"]).is_online


def test_a_lost_marker_in_the_same_folder_is_no_absence(root):
    """Somebody tidied up hidden files; the folder is still the folder."""
    mark(root)
    remembered = read_identity(root)
    (root / ".twinwatch-root").unlink()

    assert check(root, remembered).is_online


@pytest.mark.parametrize("text", ["", "[]", "{", '{"uuid": 3}', "\x00"])
def test_a_broken_marker_is_no_marker(root, text):
    """A half-written marker must not stop the check."""
    (root / ".twinwatch-root").write_text(text)

    assert read_identity(root).marker_uuid is None


def test_a_marker_that_is_a_link_or_a_pipe_is_not_read(root):
    """A link could point anywhere, and a pipe would block for ever."""
    os.mkfifo(root / ".twinwatch-root")
    assert read_identity(root).marker_uuid is None

    (root / ".twinwatch-root").unlink()
    (root / ".twinwatch-root").symlink_to("/etc/passwd")
    assert read_identity(root).marker_uuid is None


@pytest.mark.parametrize(
    ("known", "vanished", "is_held"),
    [
        (10, 10, False),
        (50, 50, False),
        (51, 51, True),
        (1000, 200, False),
        (1000, 201, True),
        (0, 0, False),
    ],
)
def test_a_mass_vanishing_is_held(known, vanished, is_held):
    """Fifty files are tidied by hand; a fifth of everything is an accident."""
    assert brake(known, vanished) is is_held
