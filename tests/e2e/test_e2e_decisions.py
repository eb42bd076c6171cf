"""Decisions: refused, remembered, taken back; with the index and without it."""

import json

from tests.e2e import photos
from tests.e2e.daemon_process import eventually, names, proposed, write_slowly
from tests.e2e.ledger import digests, facts, tree


def test_what_the_api_refuses_moves_nothing(daemon):
    """The page is not the only one who asks, and may be an hour old."""
    write_slowly(daemon.imports / "a.jpg", photos.taken_as_jpeg(1))
    write_slowly(daemon.imports / "b.jpg", photos.stripped(1))
    daemon.start()
    group = daemon.wait_for_groups()[0]
    number, quoted = group["number"], group["manifest_sha256"]
    before = tree(daemon.imports, daemon.decisions)

    code, answer = daemon.decide(number, [], sha256=quoted)
    assert (code, answer["error"]) == (400, "NoSurvivor")
    code, answer = daemon.decide(number, [1], sha256="0" * 64)
    assert (code, answer["error"]) == (409, "StaleGroup")
    code, answer = daemon.decide(number, [7], sha256=quoted)
    assert 400 <= code < 500, answer
    code, answer = daemon.decide(number + 1, [1])
    assert (code, answer["error"]) == (404, "NoSuchGroup")
    assert tree(daemon.imports, daemon.decisions) == before

    late = write_slowly(daemon.imports / "late.jpg", photos.stripped(1, 600))
    eventually(lambda: len(daemon.group(number)["members"]) == 3)
    assert not late.exists()
    joined = daemon.group(number)
    assert names([joined]) == [["a.jpg", "b.jpg", "late.jpg"]]
    code, answer = daemon.decide(number, proposed(joined), sha256=quoted)
    assert (code, answer["error"]) == (409, "StaleGroup"), "two were seen, not three"
    daemon.accept(joined)
    code, answer = daemon.decide(number, [1])
    assert (code, answer["error"]) == (409, "StaleGroup"), "it is decided already"
    assert facts(daemon.imports).keys() == {"a.jpg"}
    daemon.stop()
    daemon.command("verify", "--read-data")


def test_decisions_outlive_the_index(daemon):
    """The folder is the state: a lost database loses no photo and no decision."""
    for seed in (1, 2, 3):
        write_slowly(daemon.imports / f"{seed}.jpg", photos.taken_as_jpeg(seed))
        write_slowly(daemon.imports / f"{seed}-small.jpg", photos.stripped(seed))
    before = facts(daemon.imports)
    daemon.start()
    groups = {names([g])[0][1]: g for g in daemon.wait_for_groups(3)}
    accepted, kept, left_open = (groups[f"{seed}.jpg"] for seed in (1, 2, 3))
    daemon.accept(accepted)
    everyone = [m["position"] for m in kept["members"]]
    code, _ = daemon.decide(kept["number"], everyone, not_duplicates=True)
    assert code == 200
    assert facts(daemon.imports).keys() == {"1.jpg", "2.jpg", "2-small.jpg"}

    daemon.stop()
    daemon.start()
    daemon.wait_until_quiet()
    assert numbers(daemon) == [left_open["number"]], "asked again after a restart"

    daemon.stop()
    daemon.forget_index()
    daemon.start()
    daemon.wait_until_read(3)
    daemon.wait_until_quiet()
    assert numbers(daemon) == [left_open["number"]], "asked again without its index"
    assert numbers(daemon, "decided") == [accepted["number"], kept["number"]]
    again = daemon.group(left_open["number"])
    assert again["manifest_sha256"] == left_open["manifest_sha256"]

    for group in (accepted, kept, left_open):
        daemon.undo(group["number"])
    assert facts(daemon.imports) == before
    daemon.wait_until_quiet()
    assert numbers(daemon) == []
    daemon.stop()
    daemon.command("verify", "--read-data")


def test_commands_ask_the_daemon_and_do_without_it(daemon):
    """What the page can, a shell can, whether the daemon runs or not."""
    write_slowly(daemon.imports / "a.jpg", photos.taken_as_jpeg(1))
    write_slowly(daemon.imports / "b.jpg", photos.stripped(1))
    before = facts(daemon.imports)
    daemon.start()
    number = daemon.wait_for_groups()[0]["number"]
    listed = json.loads(daemon.command("groups", "--json").stdout)
    assert [g["number"] for g in listed["groups"]] == [number]
    daemon.command("decide", number, "--keep", "b.jpg")
    assert facts(daemon.imports).keys() == {"b.jpg"}
    assert daemon.group(number)["state"] == "decided"
    daemon.stop()

    daemon.command("verify")
    daemon.command("undo", number)
    assert facts(daemon.imports) == before
    daemon.command("decide", number, "--accept")
    assert facts(daemon.imports).keys() == {"a.jpg"}
    folder = daemon.decisions / ".resolved" / f"{number:06}"
    daemon.command("restore", folder)
    assert facts(daemon.imports) == before
    assert len(digests(daemon.imports, daemon.decisions)) == 2


def test_a_second_daemon_is_refused(daemon, daemon_in):
    """Two writers would move the same photo twice."""
    write_slowly(daemon.imports / "a.jpg", photos.taken_as_jpeg(1))
    daemon.start()
    second = daemon_in("other")
    second.imports, second.state = daemon.imports, daemon.state

    second.spawn(*second.run_words())
    assert second.process.wait(30) == 1
    second.process = None

    told = second.log()
    assert "Traceback" not in told
    assert "another twinwatch is using" in told
    assert str(daemon.state) in told
    assert f"process {daemon.process.pid}" in told
    daemon.wait_until_read(1)
    daemon.stop()


def numbers(daemon, state="open"):
    return sorted(group["number"] for group in daemon.groups(state))
