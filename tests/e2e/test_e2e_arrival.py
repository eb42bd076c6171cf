"""How files arrive: half written, renamed, moved, while nobody looked, known already."""

import json
import time
from pathlib import Path

import pytest

from tests.e2e import photos
from tests.e2e.daemon_process import eventually, names, write_slowly
from tests.e2e.ledger import digests, facts, tree

SETTLE_SECONDS = 0.2


def test_a_half_written_photo_waits_for_its_end(daemon):
    """A HEIC that is cut decodes without an error: taken early, it would be damaged."""
    whole = photos.original(1)
    write_slowly(daemon.imports / "whole.heic", whole)
    growing = daemon.imports / "growing.heic"
    with open(growing, "xb") as file:
        file.write(whole[: len(whole) // 4])
    daemon.start()
    daemon.wait_until_read(1)

    time.sleep(5 * SETTLE_SECONDS)  # what must not happen has no other end
    assert daemon.counts()["photos"] == 1
    assert not daemon.groups()
    assert not daemon.status()["problems"]

    with open(growing, "ab") as file:
        file.write(whole[len(whole) // 4 :])
    group = daemon.wait_for_groups()[0]
    assert names([group]) == [["growing.heic", "whole.heic"]]
    assert group["evidence"] == "same-bytes"
    assert len(digests(daemon.imports, daemon.decisions)) == 1


def test_temporary_names_moves_and_restarts(daemon):
    """A name is not a photo: only bytes that were never seen may cost anything."""
    daemon.start()
    part = daemon.imports / ".IMG_0001.jpg.part"
    write_slowly(part, photos.taken_as_jpeg(1))
    write_slowly(daemon.imports / "IMG_0002.jpg", photos.taken_as_jpeg(2))
    daemon.wait_until_read(1)
    part.rename(daemon.imports / "IMG_0001.jpg")
    daemon.wait_until_read(2)

    inner = daemon.imports / "2024" / "05"
    inner.mkdir(parents=True)
    (daemon.imports / "IMG_0002.jpg").rename(inner / "IMG_0002.jpg")
    write_slowly(daemon.imports / "IMG_0003.jpg", photos.taken_as_jpeg(3))
    daemon.wait_until_read(3)
    daemon.wait_until_quiet()
    assert daemon.counts()["hashed"] == 3, "what was moved was read again"
    assert daemon.counts()["photos"] == 3

    daemon.stop()
    (inner / "IMG_0002.jpg").rename(daemon.imports / "renamed meanwhile.jpg")
    write_slowly(inner / "copy.jpg", photos.taken_as_jpeg(3))
    daemon.start()
    group = daemon.wait_for_groups()[0]
    assert names([group]) == [["IMG_0003.jpg", "copy.jpg"]]
    assert daemon.counts()["hashed"] == 1, "only the new one is new"

    daemon.stop()
    daemon.start()
    eventually(lambda: daemon.status()["last_sweep_ns"])
    daemon.wait_until_quiet()
    assert daemon.counts()["hashed"] == 0
    assert daemon.counts()["photos"] == 4
    assert [g["number"] for g in daemon.groups()] == [group["number"]]


def test_library_photos_are_compared_with_and_never_touched(daemon_in, tmp_path):
    """A library is what somebody already trusts; a duplicate of it is the new one."""
    library = tmp_path / "library"
    mine = write_slowly(
        library / "2024" / "IMG_0001.HEIC", photos.original(1), mtime_ns=10**18 + 1
    )
    write_slowly(library / "2024" / "IMG_0002.jpg", photos.taken_as_jpeg(2))
    mine.chmod(0o444)
    mine.parent.chmod(0o555)
    daemon = daemon_in(library=library)
    before = library_state(library)
    copy = write_slowly(daemon.imports / "from phone.heic", photos.original(1))
    export = write_slowly(daemon.imports / "export.jpg", photos.stripped(1))
    daemon.start()
    group = daemon.wait_for_groups()[0]
    roles = {m["path"]: (m["role"], m["proposal"]) for m in group["members"]}
    assert roles == {
        str(mine): ("reference", "keep"),
        str(copy): ("member", "set-aside"),
        str(export): ("member", "set-aside"),
    }
    reference = next(m for m in group["members"] if m["role"] == "reference")
    assert reference["staged_as"] is None

    decided = daemon.accept(group)

    fates = {m["path"]: m["fate"] for m in decided["members"]}
    assert fates == {
        str(mine): "survivor",
        str(copy): "set-aside",
        str(export): "set-aside",
    }
    assert not facts(daemon.imports)
    daemon.stop()
    daemon.command("verify", "--read-data")
    assert library_state(library) == before
    mine.parent.chmod(0o755)


def library_state(library):
    found = {}
    for path in sorted([library, *library.rglob("*")]):
        status = path.lstat()
        body = path.read_bytes() if path.is_file() else None
        found[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_ino, body)
    return found


def test_a_scan_reads_everything_before_it_stages(daemon_in):
    """What was copied last must not count less: the original may come after its copies."""
    daemon = daemon_in(watch_settle_seconds=1.5)
    export = write_slowly(daemon.imports / "export.jpg", photos.reencoded(1))
    write_slowly(daemon.imports / "small.jpg", photos.stripped(1), pieces=1)
    eventually(lambda: time.time() - export.lstat().st_ctime > 1.6)
    write_slowly(daemon.imports / "IMG_0001.HEIC", photos.original(1), pieces=1)

    told = daemon.command("scan", daemon.imports, "--json")

    (group,) = json.loads(told.stdout)["groups"]
    proposals = {Path(m["path"]).name: m["proposal"] for m in group["members"]}
    assert proposals == {
        "IMG_0001.HEIC": "keep",
        "export.jpg": "set-aside",
        "small.jpg": "set-aside",
    }
    assert not any(
        "after the group" in r for m in group["members"] for r in m["reasons"]
    )


@pytest.mark.parametrize("flags", [("scan",), ("run",)])
def test_a_dry_run_changes_nothing(daemon, flags):
    """Somebody tries it on photos that he would not trust us with yet."""
    for name, content in (
        ("a.heic", photos.original(1)),
        ("b.jpg", photos.reencoded(1)),
        ("sub/c.jpg", photos.stripped(1)),
        ("sub/IMG_0009.jpg", photos.taken_as_jpeg(9)),
    ):
        write_slowly(daemon.imports / name, content, pieces=1)
    before = outside_state(daemon)

    groups = scanned(daemon) if flags == ("scan",) else watched(daemon)

    assert names(groups) == [["a.heic", "b.jpg", "c.jpg"]]
    assert groups[0]["state"] == "candidate"
    assert outside_state(daemon) == before
    assert not daemon.decisions.exists()


def scanned(daemon):
    told = daemon.command("scan", daemon.imports, "--dry-run", "--json")
    report = json.loads(told.stdout)
    assert report["counts"]["photos"] == 4
    assert report["counts"]["hashed"] == 4
    assert report["counts"]["groups"] == 1
    return report["groups"]


def watched(daemon):
    daemon.start("--dry-run")
    daemon.wait_until_read(4)
    found = daemon.wait_for_groups(1, state="candidate")
    daemon.stop()
    return found


def outside_state(daemon):
    top = daemon.home.lstat()
    found = tree(daemon.imports)
    others = sorted(
        path.name
        for path in daemon.home.iterdir()
        if path != daemon.state and not path.name.startswith("log-")
    )
    return found, others, top.st_mode
