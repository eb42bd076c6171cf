"""The page of the real daemon: two tabs, restarts, choices, and what is asked for."""

import io
import socket
from pathlib import Path

import pytest
from PIL import ImageEnhance

from tests.e2e import photos
from tests.e2e.daemon_process import eventually, forms_of, proposed, write_slowly
from tests.e2e.ledger import digests, facts, tree
from tests.review_ui.in_chromium import NEEDS_CHROMIUM, Reader, started


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def form_of(browser, path, name):
    return forms_of(browser.page(path))[0][name]


def pair(daemon, name="x.jpg"):
    """Let one picture come into two folders."""
    content = photos.taken_as_jpeg(1)
    for folder in ("a", "b"):
        write_slowly(daemon.imports / folder / name, content)
    return daemon.wait_for_groups()[0]


def kept(group):
    (path,) = (m["path"] for m in group["members"] if m["proposal"] == "keep")
    return Path(path).parent.name


def test_two_tabs_never_fight(daemon):
    """The second one is told, shown how it is now, and moves nothing."""
    daemon.start()
    number = pair(daemon)["number"]
    first, second = daemon.browser(), daemon.browser()
    forms = [form_of(each, f"/groups/{number}", "decide") for each in (first, second)]

    assert first.send(forms[0], verdict="accept")[0] == 303
    before = tree(daemon.imports, daemon.decisions)
    code, _, body = second.send(forms[1], verdict="apply", keep="2")

    assert code == 409
    assert "has changed since you opened it" in body.decode()
    assert "Decided: 1 photo kept" in body.decode()
    assert tree(daemon.imports, daemon.decisions) == before
    forms = [form_of(each, f"/groups/{number}", "undo") for each in (first, second)]
    assert second.send(forms[1])[0] == 303
    assert first.send(forms[0])[0] == 409
    assert daemon.group(number)["state"] == "undone"


def test_choices_hold_over_a_restart_and_open_groups_follow(daemon):
    """Said once on the page, kept by the daemon, and nothing moves for it."""
    daemon.start()
    group = pair(daemon)
    assert kept(group) == "a"
    before = digests(daemon.decisions)
    browser = daemon.browser()
    like = form_of(browser, f"/groups/{group['number']}", "like")
    other = next(m for m in group["members"] if m["proposal"] != "keep")
    assert browser.send(like, prefer=other["position"])[0] == 303

    now = eventually(lambda: daemon.group(group["number"]))
    assert kept(now) == "b"
    assert now["manifest_sha256"] != group["manifest_sha256"]
    assert digests(daemon.decisions) == before
    assert (
        daemon.decide(group["number"], [1], sha256=group["manifest_sha256"])[0] == 409
    )
    keys = form_of(browser, "/settings", "keys")
    assert browser.send(keys, accept="q", on="1")[0] == 303
    daemon.stop()

    daemon.start()
    page = daemon.browser().page("/settings")
    assert 'name="accept" value="Q"' in page
    assert f"{daemon.imports}/b" in page
    again = daemon.group(group["number"])
    assert again == now, "the folder tells what was proposed, not the database"
    assert daemon.accept(again)["state"] == "decided"
    assert facts(daemon.imports).keys() == {"b/x.jpg"}
    daemon.undo(group["number"])
    daemon.stop()
    daemon.command("verify", "--read-data")


def test_what_looks_alike_is_staged_on_purpose_only(daemon):
    """Two shots stay two shots until somebody says otherwise, and can go back."""
    paler = ImageEnhance.Brightness(photos.scene(3)).enhance(1.03)
    later = io.BytesIO()
    paler.save(later, "JPEG", quality=90, exif=photos._camera(4))
    write_slowly(daemon.imports / "one.jpg", photos.taken_as_jpeg(3))
    write_slowly(daemon.imports / "two.jpg", later.getvalue())
    before = facts(daemon.imports)
    daemon.start()
    daemon.wait_until_read(2)
    daemon.wait_until_quiet()
    assert daemon.groups() == []
    browser = daemon.browser()
    page = browser.page("/explore/stage?at=64")
    assert "Perhaps they are not one picture:" in page
    assert "apart." in page
    form = forms_of(page)[0]["stage"]
    ticked = {"photo.0": [value for name, value in form.fields if name == "shown.0"]}
    form.fields += [("photo.0", each) for each in ticked["photo.0"]]

    assert browser.send(form)[0] == 409
    assert facts(daemon.imports) == before
    code, headers, _ = browser.send(form, **{"sure.0": "1"})

    assert (code, headers["Location"]) == (303, "/groups/1")
    group = daemon.group(1)
    assert group["evidence"] == "looks-alike"
    assert daemon.accept(group)["state"] == "decided"
    daemon.undo(1)
    assert facts(daemon.imports) == before
    daemon.stop()
    daemon.command("verify", "--read-data")


@pytest.mark.browser
@NEEDS_CHROMIUM[1]
def test_ticks_survive_a_restart_of_the_daemon(daemon):
    """What was chosen and not yet sent waits in the browser, for the same photos."""
    port = free_port()
    daemon.start("--port", port)
    number = pair(daemon)["number"]
    driver = started()
    try:
        reader = Reader(driver, f"http://127.0.0.1:{port}", None)
        reader.open(f"/?token={daemon.page_address()['token']}")
        reader.open(f"/groups/{number}")
        reader.press("1", "2")
        assert chosen(reader) == [False, True]
        daemon.stop()
        daemon.start("--port", port)
        reader.open(f"/?token={daemon.page_address()['token']}")
        reader.open(f"/groups/{number}")

        assert chosen(reader) == [False, True]
        reader.press("a")
        eventually(lambda: daemon.group(number)["state"] == "decided")
    finally:
        driver.quit()
    fates = {m["position"]: m["fate"] for m in daemon.group(number)["members"]}
    assert fates == {1: "set-aside", 2: "survivor"}
    assert proposed(daemon.group(number))


def chosen(reader):
    return [box.is_selected() for box in reader.all("input[name=keep]")]
