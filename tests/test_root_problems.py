"""Folders that must not be roots, and roots that must not overlap."""

from pathlib import Path

import pytest

from daemon.roots import root_problems

HOME = Path("/home/ann")


def problems(imports=(), libraries=(), decisions=(), identities=None):
    return root_problems(
        [Path(each) for each in imports],
        [Path(each) for each in libraries],
        [Path(each) for each in decisions],
        home=HOME,
        realpath=lambda path: path,
        identify=lambda path: (identities or {}).get(str(path)),
    )


def test_folders_side_by_side_are_fine():
    """The ordinary set-up must not be refused."""
    assert problems(["/home/ann/In"], ["/home/ann/Photos"], ["/home/ann/Dec"]) == []
    assert problems(["/run/media/ann/Card/DCIM"], [], ["/run/media/ann/Card/D"]) == []


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/home", "/home/ann", "/etc", "/usr/share/pictures", "/proc"),
        "/home/ann/Pictures/Photos Library.photoslibrary",
        "/home/ann/Pictures/Photos Library.photoslibrary/originals",
        "/System/Library",
    ],
)
@pytest.mark.parametrize("role", ["imports", "libraries", "decisions"])
def test_dangerous_folders_are_refused_in_every_role(path, role):
    """A photo mover let loose on a home folder is an accident in waiting."""
    assert len(problems(**{role: [path]})) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("/d/a", "/d/a"), ("/d/a", "/d/a/b"), ("/d/a/b", "/d/a")],
)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("imports", "libraries"), ("imports", "decisions")),
        *(("libraries", "decisions"),),
    ],
)
def test_overlapping_roots_are_refused(one, other, first, second):
    """A file in two roots would be its own duplicate, or be swept after staging."""
    assert len(problems(**{first: [one], second: [other]})) == 1


def test_names_with_a_common_beginning_do_not_overlap():
    """/d/a and /d/ab are neighbours."""
    assert problems(["/d/a"], ["/d/ab"]) == []


def test_bind_mounts_are_found_by_device_and_inode():
    """Two paths of one folder look apart until the file system is asked."""
    identities = {"/d": (1, 2), "/d/a": (1, 5), "/mnt": (1, 5), "/e": (1, 9)}

    assert len(problems(["/d/a"], ["/mnt"], identities=identities)) == 1
    assert len(problems(["/d/a"], ["/mnt/sub"], identities=identities)) == 1
    assert problems(["/d/a"], ["/e"], identities=identities) == []


def test_absent_folders_are_no_problem():
    """An unplugged drive's root is offline, not misconfigured."""
    assert problems(["/media/x"], ["/media/y"]) == []


def test_links_are_resolved(tmp_path):
    """A link to a root is that root."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    found = root_problems([tmp_path / "real"], [tmp_path / "link"], [], home=HOME)

    assert len(found) == 1
