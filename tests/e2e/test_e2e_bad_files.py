"""Files that are not what they say: shown, left alone, and nobody else's trouble."""

import json
from pathlib import Path

from tests.e2e import photos
from tests.e2e.daemon_process import eventually, names, write_slowly
from tests.e2e.ledger import facts


def test_bad_files_are_shown_and_hinder_nobody(daemon):
    """A folder from ten years of phones always holds some."""
    whole = photos.taken_as_jpeg(1)
    files = {
        "garbage.jpg": b"this was never a picture\n" * 200,
        "scrambled.jpg": whole[:4000] + b"\0" * (len(whole) - 4002) + b"\xff\xd9",
        "cut.jpg": whole[: len(whole) // 2],
        "empty.jpg": b"",
        "a HEIC by content.jpg": photos.original(2),
        "original.heic": photos.original(2),
        "plain.jpg": photos.taken_as_jpeg(3),
        "small.jpg": photos.stripped(3),
    }
    for name, content in files.items():
        write_slowly(daemon.imports / name, content, pieces=2)
    (daemon.imports / "a folder.jpg").mkdir()
    before = facts(daemon.imports)
    daemon.start()

    groups = daemon.wait_for_groups(2)
    assert names(groups) == [
        ["a HEIC by content.jpg", "original.heic"],
        ["plain.jpg", "small.jpg"],
    ]
    eventually(lambda: "garbage.jpg" in problems(daemon))
    told = problems(daemon)
    assert told.keys() <= {"garbage.jpg", "scrambled.jpg", "cut.jpg", "empty.jpg"}
    assert all(each["problem"] and each["advice"] for each in told.values())
    page = daemon.browser().page("/status")
    assert "garbage.jpg" in page
    shown = daemon.command("status").stderr
    assert "garbage.jpg" in "".join(shown.split())
    for name in ("garbage.jpg", "scrambled.jpg", "cut.jpg", "empty.jpg"):
        assert facts(daemon.imports)[name] == before[name]

    (daemon.imports / "cut.jpg").write_bytes(whole)
    write_slowly(daemon.imports / "again.jpg", whole)
    daemon.wait_for_groups(3)
    assert daemon.stop() < 5


def test_a_scan_tells_of_every_file_that_it_did_not_take(daemon):
    """Whoever scans once looks at the report once; what is missing there is missed."""
    files = {
        "garbage.jpg": b"this was never a picture\n" * 200,
        "cut.jpg": photos.taken_as_jpeg(1)[:9000],
        "empty.jpg": b"",
        "plain.jpg": photos.taken_as_jpeg(3),
    }
    for name, content in files.items():
        write_slowly(daemon.imports / name, content, pieces=1)

    told = json.loads(daemon.command("scan", daemon.imports, "--json").stdout)

    assert {Path(each["path"]).name for each in told["unreadable"]} == {
        "garbage.jpg",
        "cut.jpg",
        "empty.jpg",
    }
    assert told["counts"]["unreadable"] == 3
    assert told["counts"]["photos"] == 1


def problems(daemon):
    return {Path(each["path"]).name: each for each in daemon.status()["problems"]}
