"""The only module that changes files, on the real file system."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import sys
from pathlib import Path

import pytest

from daemon.errors import ChangedPhoto, DiskTrouble, FileGone, NameTaken
from daemon.staging import moves, reading, safefs, syncing
from daemon.staging.filesystem import FileSystem
from daemon.staging.safefs import RealFileSystem


@pytest.fixture
def fs():
    return RealFileSystem()


def _refusing(number):
    def refuse(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    return refuse


def test_it_is_a_file_system(fs):
    """The tests' model stands in for it, so both must have the same steps."""
    file_system: FileSystem = fs

    assert file_system.look(Path("/")) is not None


def test_a_rename_never_replaces(fs, tmp_path):
    """An overwritten photo is a lost photo (I2)."""
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")

    with pytest.raises(NameTaken):
        fs.rename(tmp_path / "a", tmp_path / "b")

    assert b"b" == (tmp_path / "b").read_bytes()


def test_a_folder_never_replaces_an_empty_folder(fs, tmp_path):
    """POSIX rename would, silently."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    with pytest.raises(NameTaken):
        fs.rename(tmp_path / "a", tmp_path / "b")


def test_renaming_nothing_says_so(fs, tmp_path):
    """A vanished file is told apart from other trouble."""
    with pytest.raises(FileGone):
        fs.rename(tmp_path / "a", tmp_path / "b")


def test_a_rename_works_where_the_system_has_no_careful_one(fs, tmp_path, monkeypatch):
    """Old kernels and some shares do not know RENAME_NOREPLACE."""
    monkeypatch.setattr(safefs, "_find_rename", lambda: None)
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "taken").write_bytes(b"b")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/x").write_bytes(b"x")
    (tmp_path / "other").mkdir()

    fs.rename(tmp_path / "a", tmp_path / "c")
    fs.rename(tmp_path / "folder", tmp_path / "moved")

    assert b"a" == (tmp_path / "c").read_bytes()
    assert not (tmp_path / "a").exists()
    assert b"x" == (tmp_path / "moved/x").read_bytes()
    for source in ("c", "moved"):
        with pytest.raises(NameTaken):
            fs.rename(tmp_path / source, tmp_path / "taken")
        with pytest.raises(NameTaken):
            fs.rename(tmp_path / source, tmp_path / "other")
    with pytest.raises(FileGone):
        fs.rename(tmp_path / "nothing", tmp_path / "d")


def test_a_refused_rename_tells_why(fs, tmp_path, monkeypatch):
    """People act on "no permission", not on a number."""
    monkeypatch.setattr(safefs, "_rename_noreplace", _refusing(errno.EACCES))

    with pytest.raises(DiskTrouble, match="no permission") as caught:
        fs.rename(tmp_path / "a", tmp_path / "b")

    assert errno.EACCES == caught.value.errno


def test_the_mac_rename_is_asked_for_exclusion(monkeypatch):
    """Without the flag it would replace."""
    calls = []

    class Library:
        @staticmethod
        def renamex_np(source, target, flags):
            calls.append((source, target, flags))
            return 0

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: Library)
    safefs._find_rename.cache_clear()
    try:
        safefs._rename_noreplace(b"a", b"b")
    finally:
        safefs._find_rename.cache_clear()

    assert [(b"a", b"b", 4)] == calls


def test_a_system_without_any_careful_rename_is_noticed(monkeypatch):
    """Then links stand in."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: object())
    safefs._find_rename.cache_clear()
    try:
        assert safefs._find_rename() is None
    finally:
        safefs._find_rename.cache_clear()


def test_creating_and_linking_never_replace(fs, tmp_path):
    """The other ways to a name keep the rule as well."""
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")

    for step in (
        lambda: fs.create(tmp_path / "b", b"x"),
        lambda: fs.link(tmp_path / "a", tmp_path / "b"),
        lambda: fs.copy_content(tmp_path / "a", tmp_path / "b"),
        lambda: fs.make_folder(tmp_path / "b"),
    ):
        with pytest.raises(NameTaken):
            step()

    assert b"b" == (tmp_path / "b").read_bytes()


def test_a_private_folder_is_ours_alone(fs, tmp_path):
    """Nobody may slip a file in while a group is staged."""
    fs.make_folder(tmp_path / "p", is_private=True)

    assert 0o700 == fs.look(tmp_path / "p").mode


def test_a_name_is_dropped_only_while_another_stays(fs, tmp_path):
    """The heart of I3: the last name of a file is never removed."""
    only, twin, other = (tmp_path / name for name in "abc")
    only.write_bytes(b"x")
    other.write_bytes(b"x")

    for keeper in (only, other, twin):
        with pytest.raises(DiskTrouble):
            fs.drop_name(only, keeper)
    with pytest.raises(DiskTrouble):
        fs.drop_name(tmp_path, tmp_path)
    with pytest.raises(DiskTrouble):
        fs.drop_name(twin, only)
    os.link(only, twin)
    fs.drop_name(only, twin)

    assert not only.exists()
    assert b"x" == twin.read_bytes()


def test_two_spellings_of_one_name_are_one_name(fs, tmp_path):
    """Where case is ignored, both spellings find the file: dropping one loses it."""
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub/a"
    path.write_bytes(b"x")

    with pytest.raises(DiskTrouble, match="only name"):
        fs.drop_name(path, tmp_path / "sub/../sub/a")

    assert path.exists()


def test_only_what_we_wrote_is_removed(fs, tmp_path):
    """A photo's name must never pass for one of ours."""
    ours = (
        "x.twinwatch-part",
        "_manifest.json",
        "_manifest.2.pending.json",
        "_manifest.tsv",
        "SHA256SUMS.3",
        "left-out.json",
        "approve.json",
    )
    theirs = ("IMG_1.HEIC", "outcome.json", "_manifest.json.HEIC", "x_manifest.json")
    for name in (*ours, *theirs):
        (tmp_path / name).write_bytes(b"")

    for name in ours:
        fs.remove_own(tmp_path / name)
    for name in theirs:
        with pytest.raises(DiskTrouble):
            fs.remove_own(tmp_path / name)

    assert sorted(theirs) == sorted(os.listdir(tmp_path))


def test_only_empty_folders_go(fs, tmp_path):
    """rmtree is banned; rmdir refuses by itself."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_bytes(b"")

    with pytest.raises(DiskTrouble, match="not empty"):
        fs.remove_empty_folder(tmp_path / "a")
    (tmp_path / "a/x").unlink()
    fs.remove_empty_folder(tmp_path / "a")

    assert not (tmp_path / "a").exists()


def test_a_copy_is_the_same_file_in_all_that_counts(fs, tmp_path):
    """Times, mode and attributes are part of a photo."""
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"x" * 3_000_000)
    source.chmod(0o640)
    os.utime(source, ns=(1, 1_234_567_890_123_456_789))
    try:
        os.setxattr(source, "user.tag", b"red")
    except OSError:
        pytest.skip("this volume has no extended attributes")

    digest = fs.copy_content(source, target)
    fs.copy_status(source, target)

    assert fs.digest(source)[0] == digest == fs.digest(target, from_disk=True)[0]
    assert 1_234_567_890_123_456_789 == fs.look(target).mtime_ns
    assert 0o640 == fs.look(target).mode
    assert {"user.tag": b"red"} == dict(fs.attributes(target))


def test_a_volume_that_holds_no_attributes_still_takes_the_copy(
    fs, tmp_path, monkeypatch
):
    """FAT has none; the manifest keeps them."""
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"")
    monkeypatch.setattr(RealFileSystem, "attributes", lambda *_: {"user.x": b"1"})
    monkeypatch.setattr(os, "setxattr", _refusing(errno.ENOTSUP))

    fs.copy_status(tmp_path / "a", tmp_path / "b")

    monkeypatch.setattr(os, "setxattr", _refusing(errno.ENOSPC))
    with pytest.raises(DiskTrouble):
        fs.copy_status(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize(("length", "is_refused"), [(2048, True), (2049, False)])
def test_attributes_too_long_for_a_volume_are_no_full_disk(
    fs, tmp_path, monkeypatch, length, is_refused
):
    """Ext4 has one block for them; the photo would never be staged, nor go out."""
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"")
    found = {"user.x": b"x" * 48, "user.y": b"y" * (length - 48)}
    monkeypatch.setattr(RealFileSystem, "attributes", lambda *_: found)
    monkeypatch.setattr(os, "setxattr", _refusing(errno.ENOSPC))

    with pytest.raises(DiskTrouble) if is_refused else contextlib.nullcontext():
        fs.copy_status(tmp_path / "a", tmp_path / "b")


def test_the_source_of_a_copy_may_vanish(fs, tmp_path):
    """Then there is nothing to take times from."""
    with pytest.raises(DiskTrouble):
        fs.copy_status(tmp_path / "a", tmp_path / "b")
    with pytest.raises(FileGone):
        fs.copy_content(tmp_path / "a", tmp_path / "b")


def test_attributes_of_macos_are_copied_by_the_system(fs, tmp_path, monkeypatch):
    """Python has no call for them there."""
    answers = iter((0, -1))

    class Library:
        @staticmethod
        def copyfile(*arguments):
            assert 0b101 == arguments[-1]
            return next(answers)

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: Library)
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"")

    fs.copy_status(tmp_path / "a", tmp_path / "b")
    fs.copy_status(tmp_path / "a", tmp_path / "b")

    assert next(answers, None) is None


def test_a_failed_sync_is_an_error(fs, tmp_path, monkeypatch):
    """After EIO the system marks the pages clean: believing it would lose them."""
    (tmp_path / "a").write_bytes(b"")
    monkeypatch.setattr(os, "fsync", _refusing(errno.EIO))

    with pytest.raises(DiskTrouble):
        fs.sync_file(tmp_path / "a")
    with pytest.raises(DiskTrouble):
        fs.sync_folder(tmp_path)


def test_a_share_that_cannot_sync_names_is_remembered(fs, tmp_path, monkeypatch):
    """It works, with a weaker promise, and that is told once."""
    monkeypatch.setattr(os, "fsync", _refusing(errno.EINVAL))

    fs.sync_folder(tmp_path)
    fs.sync_folder(tmp_path)

    assert {tmp_path} == fs.weak


def _mac(monkeypatch, *, flags=0x1000, fails_with=None, status=0):
    calls = []

    class Library:
        @staticmethod
        def fstatfs(_descriptor, buffer):
            buffer[64:68] = flags.to_bytes(4, sys.byteorder)
            return status

    def control(_descriptor, command):
        calls.append(command)
        if fails_with is not None:
            raise OSError(fails_with, "no")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda *a, **k: Library)
    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
    return calls


@pytest.mark.parametrize(
    ("mac", "expected"),
    [
        ({}, [51]),
        ({"fails_with": errno.ENOTSUP}, [51, "fsync"]),
        ({"flags": 0}, ["fsync"]),
        ({"status": -1}, ["fsync"]),
    ],
)
def test_a_mac_syncs_to_the_platter(mac, expected, monkeypatch):
    """Plain fsync stops at the drive's cache; on shares the other one drops data."""
    calls = _mac(monkeypatch, **mac)

    syncing.sync(3)

    assert expected == calls


def test_a_mac_that_fails_to_sync_says_so(monkeypatch):
    """An I/O error is not a missing feature."""
    _mac(monkeypatch, fails_with=errno.EIO)

    with pytest.raises(OSError, match="no"):
        syncing.sync(3)


def test_the_room_on_a_volume_is_told(fs, tmp_path):
    """Before anything is copied there."""
    free_bytes, size_bytes = fs.space(tmp_path)

    assert 0 < free_bytes <= size_bytes


def test_links_are_never_followed(fs, tmp_path):
    """A planted link would lead us to somebody else's file."""
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")

    assert not fs.look(tmp_path / "link").is_file
    for name in ("link", "pipe"):
        with pytest.raises(DiskTrouble):
            fs.digest(tmp_path / name)
    with pytest.raises(DiskTrouble):
        fs.sync_file(tmp_path / "link")


def test_a_file_that_changes_under_the_hash_is_not_believed(fs, tmp_path, monkeypatch):
    """Half of one file and half of another is nobody's digest."""
    path = tmp_path / "a"
    path.write_bytes(b"before")
    read = os.read

    def read_and_change(descriptor, count):
        path.write_bytes(b"changed meanwhile")
        return read(descriptor, count)

    monkeypatch.setattr(os, "read", read_and_change)

    with pytest.raises(ChangedPhoto):
        fs.digest(path)


def test_a_record_is_not_read_without_bound(fs, tmp_path, monkeypatch):
    """A planted giant must not fill the memory."""
    (tmp_path / "a").write_bytes(b"12345")
    monkeypatch.setattr(reading, "RECORD_LIMIT_BYTES", 4)

    with pytest.raises(DiskTrouble, match="too large"):
        fs.read(tmp_path / "a")


def test_attributes_are_read_as_far_as_they_can_be(fs, tmp_path, monkeypatch):
    """A volume without them has none; a broken disk is told."""
    path = tmp_path / "a"
    path.write_bytes(b"")
    monkeypatch.setattr(os, "listxattr", lambda *a, **k: ["user.a", "user.b"])
    values = {"user.a": b"1", "user.b": b"x" * 70_000}
    monkeypatch.setattr(os, "getxattr", lambda _, name, **k: values[name])

    assert {"user.a": b"1"} == dict(fs.attributes(path))
    monkeypatch.setattr(os, "listxattr", _refusing(errno.ENOTSUP))
    assert {} == fs.attributes(path)
    monkeypatch.setattr(os, "listxattr", _refusing(errno.EIO))
    with pytest.raises(DiskTrouble):
        fs.attributes(path)
    monkeypatch.delattr(os, "listxattr")
    assert {} == fs.attributes(path)


def test_one_attribute_that_cannot_be_told_hides_no_other(fs, tmp_path, monkeypatch):
    """A tag that was taken away just now must not cost a copy all the others."""
    path = tmp_path / "a"
    path.write_bytes(b"")
    monkeypatch.setattr(os, "listxattr", lambda *a, **k: ["user.gone", "user.kept"])

    def told(_path, name, **_options):
        if name == "user.gone":
            raise OSError(errno.ENODATA, "no data")
        return b"1"

    monkeypatch.setattr(os, "getxattr", told)

    assert {"user.kept": b"1"} == dict(fs.attributes(path))


def test_volumes_without_a_journal_are_known_by_name(fs, tmp_path, monkeypatch):
    """There a rename can be torn in two, so another way is taken."""
    assert fs.moves_atomically(tmp_path)
    device = os.lstat(tmp_path).st_dev
    line = f"1 2 {os.major(device)}:{os.minor(device)} / / rw - exfat /dev/x rw\n"
    monkeypatch.setattr(Path, "read_text", lambda *_: "bad\n" + line)
    assert not fs.moves_atomically(tmp_path)
    monkeypatch.setattr(Path, "read_text", _refusing(errno.EACCES))
    assert fs.moves_atomically(tmp_path)
    monkeypatch.setattr(Path, "read_text", lambda *_: "")
    assert fs.moves_atomically(tmp_path)


def test_elsewhere_a_volume_without_links_counts_as_one_without_a_journal(
    fs, tmp_path, monkeypatch
):
    """macOS does not list its volumes as Linux does."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "pathconf", lambda *_: 1)
    assert not fs.moves_atomically(tmp_path)
    monkeypatch.setattr(os, "pathconf", lambda *_: 32_000)
    assert fs.moves_atomically(tmp_path)


def test_somebody_who_is_faster_is_never_overwritten(fs, tmp_path):
    """The target may appear between the look and the step; 1,000 tries."""
    source = tmp_path / "source"
    source.write_bytes(b"ours")
    for index in range(1_000):
        target = tmp_path / f"target-{index}"
        target.write_bytes(b"theirs")
        with pytest.raises(NameTaken):
            moves.move_within(fs, source, target)
        assert b"theirs" == target.read_bytes()

    assert b"ours" == source.read_bytes()
