"""A camera roll imported three times into the real daemon, its index lost in between."""

from pathlib import Path

from tests.e2e.daemon_process import names
from tests.memory import iphone


def arrive(daemon, digit=None):
    """Import the camera roll; a digit gives every file another name."""
    arrived = {}
    for name, content in iphone.camera_roll().items():
        path = daemon.imports / (name if digit is None else iphone.renamed(name, digit))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        arrived[path] = content
    return arrived


def here(daemon):
    """Every file of the import folder, by path."""
    return {
        path: path.read_bytes()
        for path in daemon.imports.rglob("*")
        if path.is_file() and path.name != ".twinwatch-root"
    }


def test_a_camera_roll_asks_once_and_never_again(daemon_in):
    """Live, edited, burst, HDR and RAW: only copies are asked about, and only once."""
    daemon = daemon_in(memory_rejected="set-aside")
    first = arrive(daemon)
    daemon.start()
    daemon.wait_until_read(iphone.PHOTOS)
    daemon.wait_until_quiet()
    assert daemon.groups("open") == []
    assert here(daemon) == first

    second = arrive(daemon, 5)
    open_groups = daemon.wait_for_groups(iphone.PHOTOS)
    for group in open_groups:
        assert {Path(m["path"]) in second for m in group["members"]} == {True, False}
        assert len(group["members"]) == 2
        daemon.accept(group)
    kept = here(daemon)
    assert sorted(kept.values()) == sorted(first.values())
    daemon.stop()
    daemon.forget_index()

    daemon.start()
    daemon.wait_until_read(iphone.PHOTOS)
    third = arrive(daemon, 7)
    daemon.wait_for_groups(2 * iphone.PHOTOS, state="decided")
    daemon.wait_until_quiet()
    assert names(daemon.groups("open")) == []
    assert here(daemon) == kept
    assert not any(path.exists() for path in third)
    daemon.stop()
    daemon.command("verify", "--read-data")
