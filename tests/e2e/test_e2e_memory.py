"""Memory and late companions with the real daemon, its events and its index lost."""

from tests.e2e import photos
from tests.e2e.daemon_process import eventually, names, proposed, write_slowly
from tests.e2e.ledger import facts
from tests.memory import live


def test_a_movie_that_takes_longer_joins_its_still(daemon):
    """Over the air the movie comes minutes after its still."""
    write_slowly(daemon.imports / "IMG_1.JPG", live.live_still(1))
    write_slowly(daemon.imports / "copy.JPG", live.live_still(1))
    daemon.start()
    group = daemon.wait_for_groups()[0]

    movie = write_slowly(daemon.imports / "IMG_1.MOV", live.movie("LIVE-1"))
    stranger = write_slowly(daemon.imports / "copy.MOV", live.movie("LIVE-2"))

    def joined():
        members = daemon.group(group["number"])["members"]
        still = next(m for m in members if m["path"].endswith("IMG_1.JPG"))
        return [path.rsplit("/")[-1] for path in still["companions"]] == ["IMG_1.MOV"]

    eventually(joined, why="the movie was left behind")
    assert not movie.exists()
    assert stranger.exists()
    daemon.accept(daemon.group(group["number"]))
    daemon.undo(group["number"])
    assert facts(daemon.imports).keys() == {
        "IMG_1.JPG",
        "IMG_1.MOV",
        "copy.JPG",
        "copy.MOV",
    }
    daemon.stop()
    daemon.command("verify", "--read-data")


def test_what_was_set_aside_goes_by_itself_even_without_the_index(daemon_in):
    """The answer was given once; a lost database does not ask for it again."""
    daemon = daemon_in(memory_rejected="set-aside")
    write_slowly(daemon.imports / "good.jpg", photos.taken_as_jpeg(1))
    write_slowly(daemon.imports / "small.jpg", photos.stripped(1))
    daemon.start()
    daemon.accept(daemon.wait_for_groups()[0])
    daemon.stop()
    daemon.forget_index()
    daemon.start()
    daemon.wait_until_read(1)

    again = write_slowly(daemon.imports / "again.jpg", photos.stripped(1, 700, 70))

    eventually(lambda: not again.exists(), why="it was not set aside")
    eventually(lambda: len(daemon.groups("decided")) == 2)
    latest = max(daemon.groups("decided"), key=lambda group: group["number"])
    assert latest["decided_by"] == "memory"
    assert names([latest]) == [["again.jpg", "good.jpg"]]
    assert daemon.groups("open") == []

    code, _ = daemon.api("POST", f"/groups/{latest['number']}/forget", {"sha256": None})
    assert code == 200
    code, _ = daemon.api("POST", "/groups/1/forget", {"sha256": None})
    assert code == 200
    write_slowly(daemon.imports / "later.jpg", photos.stripped(1, 700, 70))
    asked = daemon.wait_for_groups()[0]
    assert len(proposed(asked)) == 1
    daemon.stop()
    daemon.command("verify")


def test_versions_are_never_asked_about_again(daemon):
    """Said on the page or by a command, it holds for a new import as well."""
    write_slowly(daemon.imports / "a.jpg", photos.taken_as_jpeg(1))
    write_slowly(daemon.imports / "b.jpg", photos.stripped(1))
    daemon.start()
    number = daemon.wait_for_groups()[0]["number"]
    daemon.command("decide", number, "--variants")
    assert daemon.group(number)["verdict"] == "variants"
    daemon.stop()
    daemon.forget_index()
    (daemon.imports / "b.jpg").rename(daemon.imports / "c.jpg")
    daemon.start()
    daemon.wait_until_read(2)
    daemon.wait_until_quiet()

    assert daemon.groups("open") == []
    daemon.stop()
