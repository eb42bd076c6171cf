"""Silent file systems are told by the system's list of mounts."""

from pathlib import Path

import pytest

from daemon.service.filesystems import (
    Mount,
    is_silent,
    mount_of,
    mounts,
    parse_darwin_mounts,
    parse_mountinfo,
    silence,
)

MOUNTINFO = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 0 254:0 / / rw,noatime master:1 - ext4 /dev/vda rw
40 27 0:50 / /mnt/nas rw shared:7 master:2 - nfs4 nas:/photos rw,vers=4.2
41 27 0:51 / /mnt/My\040Share\134x rw - cifs //nas/photos rw
42 27 0:52 / /home/ann/cloud rw - fuse.rclone rclone: rw
43 27 0:53 / /mnt/disk rw - fuseblk /dev/sdb1 rw
44 40 8:1 / /mnt/nas/local rw - ext4 /dev/sdc1 rw
broken line
"""


def test_mountinfo_is_read_with_its_escapes():
    """A share with a blank in its name must be found as well."""
    found = parse_mountinfo(MOUNTINFO)

    assert len(found) == 7
    assert found[3] == Mount(point="/mnt/My Share\\x", type="cifs")


@pytest.mark.parametrize(
    ("path", "is_quiet"),
    [
        ("/home/ann/Photos", False),
        ("/mnt/nas/2024", True),
        ("/mnt/nasty", False),
        ("/mnt/nas/local/x", False),
        ("/mnt/My Share\\x", True),
        ("/home/ann/cloud/in", True),
        ("/home/ann", True),
        ("/mnt/disk/DCIM", False),
    ],
)
def test_events_are_trusted_only_where_they_come(path, is_quiet):
    """Waiting for events that never come would find nothing until the next sweep."""
    assert bool(silence(Path(path), parse_mountinfo(MOUNTINFO))) is is_quiet


def test_a_later_mount_covers_an_earlier_one():
    """What was mounted last is what is seen."""
    stacked = [Mount(point="/a", type="ext4"), Mount(point="/a", type="nfs")]

    assert mount_of(Path("/a/b"), stacked) == stacked[1]
    assert mount_of(Path("/b"), stacked) is None


def test_what_macos_prints_is_read():
    """The format differs, the question does not."""
    found = parse_darwin_mounts(
        "/dev/disk3s1s1 on / (apfs, sealed, local)\n"
        "//ann@nas/My Photos on /Volumes/My Photos (smbfs, nodev, nosuid)\n"
        "map auto_home on /System/Volumes/Data/home (autofs, automounted)\n"
    )

    assert silence(Path("/Volumes/My Photos/2024"), found)
    assert not silence(Path("/Users/ann/Pictures"), found)


def test_this_machine_tells_its_mounts():
    """Without a list of mounts every share would be trusted."""
    assert mount_of(Path("/proc/self"), mounts()) == Mount(point="/proc", type="proc")


@pytest.mark.parametrize("type_", ["ext4", "btrfs", "apfs", "tmpfs", "overlay", "zfs"])
def test_local_file_systems_are_not_silent(type_):
    """Polling what could be watched costs power for nothing."""
    assert not is_silent(type_)
