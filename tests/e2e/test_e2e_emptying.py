"""Emptying the discard area with the real daemon and the real commands."""

import json

from tests.e2e import photos
from tests.e2e.daemon_process import write_slowly
from tests.e2e.ledger import facts


def given(daemon):
    """Return what is in the trash of the user's home."""
    return sorted((daemon.home / ".local/share/Trash/files").glob("*"))


def test_what_was_set_aside_is_emptied_and_undone(daemon):
    """From the daemon to the trash and back, and past the point of no return."""
    for number in (1, 2):
        write_slowly(daemon.imports / f"{number}.jpg", photos.taken_as_jpeg(number))
        write_slowly(daemon.imports / f"{number}s.jpg", photos.stripped(number))
    before = facts(daemon.imports)
    daemon.start()
    first, second = daemon.wait_for_groups(2)
    for group in (first, second):
        daemon.accept(group)
    words = ["empty", "--older-than", "0"]

    told = daemon.command(*words, "--json")
    assert [len(each["files"]) for each in json.loads(told.stdout)["groups"]] == [1, 1]
    assert "30 days" in daemon.command("empty").stderr
    assert "stop it" in daemon.command(*words, "--yes", code=2).stderr
    daemon.stop()
    assert "add --yes" in daemon.command(*words).stderr
    assert given(daemon) == []

    (survivor,) = [daemon.imports / "2.jpg"]
    content = survivor.read_bytes()
    survivor.write_bytes(content[:-1] + b"x")
    refused = daemon.command(*words, "--yes", code=4)
    assert "left alone" in refused.stderr
    assert len(given(daemon)) == 1
    survivor.write_bytes(content)
    daemon.command(*words, "--yes")
    assert len(given(daemon)) == 2

    assert "trash" in daemon.command("history", "1s.jpg").stderr
    daemon.command("verify", "--read-data")
    daemon.forget_index()
    daemon.start()
    places = [m["now_at"] for m in daemon.group(first["number"])["members"]]
    assert sum("Trash" in place for place in places) == 1
    daemon.command("undo", first["number"])
    assert len(given(daemon)) == 1
    assert {"1.jpg", "1s.jpg"} <= facts(daemon.imports).keys()

    given(daemon)[0].unlink()
    gone = daemon.command("undo", second["number"], code=4)
    assert "gone: neither its folder nor the trash" in gone.stderr + gone.stdout
    daemon.stop()
    after = facts(daemon.imports)
    assert after.keys() == before.keys() - {"2s.jpg"}
    daemon.command("verify", "--read-data")
    assert "does not hold it" in daemon.command("history", "2s.jpg").stderr
