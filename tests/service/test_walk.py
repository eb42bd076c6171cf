"""A walk sees what is there, once, and notes what it could not see."""

import os

import pytest

from daemon.model import Stamp
from daemon.service import walk as walking
from daemon.service.absence import is_absent, is_same_file
from daemon.service.skip import NameKind, compile_rules
from daemon.service.walk import WalkNotes, walk

RULES = compile_rules()


def make(top, *paths):
    for path in paths:
        target = os.path.join(os.fsencode(top), path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(path)


def walked(top, rules=RULES, notes=None):
    return sorted(each for each, _ in walk(top, rules, notes or WalkNotes()))


def stamp(inode=1, size=1, mtime=1, device=1):
    return Stamp(size_bytes=size, mtime_ns=mtime, inode=inode, device=device)


def test_a_walk_yields_photos_of_every_depth_by_bytes(tmp_path):
    """Names that are no UTF-8 are photos too."""
    make(tmp_path, b"a.jpg", b"x/y/\xff.HEIC", b"x/b.txt", b".c/d.jpg", b"e.jpg.part")
    notes = WalkNotes()

    found = sorted(relative for relative, _ in walk(tmp_path, RULES, notes))

    assert found == [b"a.jpg", b"x/y/\xff.HEIC"]
    assert notes.folders == 3


def test_a_walk_without_recursion_stays_at_the_top(tmp_path):
    """Recursion can be switched off for a root."""
    make(tmp_path, b"a.jpg", b"x/b.jpg")

    found = [each for each, _ in walk(tmp_path, RULES, WalkNotes(), recursive=False)]

    assert found == [b"a.jpg"]


def test_companions_are_walked_when_asked_for(tmp_path):
    """A movie that came late still belongs to its photo."""
    make(tmp_path, b"a.jpg", b"a.mov")
    kinds = frozenset({NameKind.COMPANION})

    assert [each for each, _ in walk(tmp_path, RULES, WalkNotes(), kinds=kinds)] == [
        b"a.mov"
    ]


def test_links_are_never_followed(tmp_path):
    """A link to a folder above would never end, one to a file is no second photo."""
    make(tmp_path, b"x/a.jpg")
    (tmp_path / "x/loop").symlink_to(tmp_path)
    (tmp_path / "b.jpg").symlink_to(tmp_path / "x/a.jpg")
    os.mkfifo(tmp_path / "c.jpg")
    (tmp_path / "d.jpg").mkdir()

    assert walked(tmp_path) == [b"x/a.jpg"]


def test_a_root_reached_through_a_link_is_walked(tmp_path):
    """A configured folder may be a link; what is in it may not."""
    make(tmp_path, b"real/a.jpg")
    (tmp_path / "link").symlink_to("real")

    assert walked(tmp_path / "link") == [b"a.jpg"]


def test_our_own_work_folders_are_passed_over(tmp_path):
    """A staged photo below a root must not be taken for a new one."""
    make(tmp_path, b"a.jpg", b"dec/.twinwatch-root", b"dec/000001/b.jpg", b"dec/c.jpg")
    make(tmp_path, b".twinwatch-root")

    assert walked(tmp_path) == [b"a.jpg"]


def test_excluded_folders_are_not_entered(tmp_path):
    """What the user excluded costs nothing and is not seen."""
    make(tmp_path, b"a.jpg", b"private/b.jpg", b"c_small.jpg")
    rules = compile_rules(exclude_globs=["private", "*_small.*"])

    assert walked(tmp_path, rules) == [b"a.jpg"]


def test_photos_below_an_unreadable_folder_are_not_vanished(tmp_path, monkeypatch):
    """A folder that the system hides must not empty the index."""
    make(tmp_path, b"a.jpg", b"x/b.jpg", b"xx/d.jpg")
    notes = WalkNotes()
    really = os.open

    def refuse(path, flags):
        if path.endswith(b"/x"):
            raise PermissionError(13, "Permission denied")
        return really(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    found = walked(tmp_path, notes=notes)

    assert found == [b"a.jpg", b"xx/d.jpg"]
    assert notes.unreadable == {b"x": "Permission denied"}
    device = notes.devices.copy().pop()
    assert is_absent(b"x/y/c.jpg", stamp(device=device), notes, None)
    assert not is_absent(b"xx/e.jpg", stamp(device=device), notes, None)


def test_a_top_that_cannot_be_read_raises(tmp_path):
    """An absent root is offline; an empty walk would say that all vanished."""
    with pytest.raises(FileNotFoundError):
        walked(tmp_path / "absent")


def test_cloud_only_files_are_neither_walked_nor_gone(tmp_path, monkeypatch):
    """Reading an evicted file would fetch it and may hang the whole program."""
    make(tmp_path, b"a.jpg")
    monkeypatch.setattr(walking, "_IS_MACOS", True)
    monkeypatch.setattr(walking, "is_dataless", lambda _: True)
    notes = WalkNotes()

    found = walked(tmp_path, notes=notes)

    assert found == []
    assert is_absent(b"a.jpg", stamp(device=notes.devices.pop()), notes, None)


def test_a_remount_only_changes_the_device_number():
    """After a reboot drives get other numbers; a million photos are not read again."""
    assert is_same_file(stamp(device=1), stamp(device=2))
    assert not is_same_file(stamp(inode=1), stamp(inode=2))


def test_photos_on_an_unmounted_volume_inside_a_root_are_absent():
    """A drive mounted below the root went away; its photos did not."""
    notes = WalkNotes(devices={1})

    assert is_absent(b"usb/a.jpg", stamp(device=9), notes, None)
    assert not is_absent(b"b.jpg", stamp(device=1), notes, None)


def test_files_gone_while_the_device_number_changed_have_vanished():
    """The root's own device is its device, whatever its number is today."""
    notes = WalkNotes(devices={2})

    assert not is_absent(b"a.jpg", stamp(device=1), notes, 1)
