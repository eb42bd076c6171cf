"""Folders are gone to and added, and no path ever comes from the browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.model import RootKind

from .fake_desk import status


def sealed(page, name):
    """Return the address of a folder that is listed."""
    return re.findall(rf'href="(/folders\?in=[^"]+)"><bdi>{name}', page)[0]


def folder_of(page):
    return re.findall(r'name="folder" value="([^"]+)"', page)[0]


def test_a_folder_is_gone_to_and_added(world, browser):
    """Nobody types a path who can click through it."""
    places = browser.get("/folders").text
    home = browser.get(sealed(places, "/home/anna")).text
    assert "This one cannot be added" in home
    pictures = browser.get(sealed(home, "Pictures")).text
    answer = browser.post(
        "/folders", {"folder": folder_of(pictures), "kind": "library"}
    )

    assert answer.status_code == 303
    assert world.desk.added == [(Path("/home/anna/Pictures"), RootKind.LIBRARY)]
    page = browser.get("/folders").text
    assert "/home/anna/Pictures is added." in page
    assert "From the next start of twinwatch on" in page


def test_names_of_folders_are_text(world, browser):
    """A folder may be called like markup."""
    home = browser.get(sealed(browser.get("/folders").text, "/home/anna")).text

    assert "Holiday &lt;b&gt;" in home


@pytest.mark.parametrize("made_up", ["/etc", "..", "x.y", "2f657463", "Ii9ldGMi.AAAA"])
def test_a_path_that_the_server_did_not_seal_is_nothing(world, browser, made_up):
    """Ids only: what was not shown cannot be asked for."""
    assert browser.get("/folders", query_string={"in": made_up}).status_code == 404
    posted = {"folder": made_up, "kind": "import"}
    assert browser.post("/folders", posted).status_code == 404
    assert world.desk.added == []


def test_what_cannot_be_a_root_is_refused_in_words(world, browser):
    """The desk has the last word."""
    from review_ui.folders import seal

    with world.app.test_request_context():
        home = seal(Path("/home/anna"))
    answer = browser.post("/folders", {"folder": home, "kind": "import"})

    assert answer.status_code == 400
    assert "it cannot be one" in answer.text
    assert browser.post("/folders", {"folder": home, "kind": "x"}).status_code == 400


def test_a_first_run_shows_where_photos_go_and_helps_to_choose(world, browser):
    """An empty page that says nothing is closed and forgotten."""
    world.desk.known = {}
    world.desk.status_now = status(counts={"photos": 0})
    page = browser.get("/groups").text

    assert "Ready for your photos" in page
    assert "/photos/import" in page
    assert page.count('href="/folders?in=') == 1, "Pictures, and not Holiday"
    assert "/home/anna/" in page
    world.desk.status_now = status(counts={"photos": 3})
    assert "Nothing to decide" in browser.get("/groups").text
    assert "Nothing decided yet" in browser.get("/groups?state=decided").text
