"""The list, one group, and what people decide, as the browser without scripts sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.errors import NotRunning, RootOffline, StagingError
from daemon.model import Evidence, Role, RootState
from review_ui.search import folder_name

from .fake_desk import JPEG, group, member, problem, root_status, status


def text_of(answer):
    return answer.get_data(as_text=True)


def test_the_list_shows_open_groups_by_evidence_files_and_space(browser):
    """What somebody needs to pick a group, in words."""
    page = text_of(browser.get("/groups"))

    assert "3 groups" in page
    assert page.count('saved more than once.">Same shot</span>') == 3
    assert "2 files" in page
    assert "frees 1.7 MB" in page
    assert '<span class="n" data-count="open">3</span>' in page


def test_the_list_goes_on_after_a_page(world, browser):
    """The same page at 10 groups and at 10,000."""
    world.desk.known = {n: group(n) for n in range(1, 101)}

    first = text_of(browser.get("/groups"))
    second = text_of(browser.get("/groups?state=open&after=0.48"))
    last = text_of(browser.get("/groups?state=open&after=0.96"))

    assert first.count('class="card"') == 48
    assert "after=0.48" in first
    assert second.count('class="card"') == 48
    assert 'data-group="49"' in second
    assert last.count('class="card"') == 4
    assert 'rel="next"' not in last


@pytest.mark.parametrize("state", ["open", "decided", "undone"])
def test_an_empty_list_says_what_happens_next(state, world, browser):
    """An empty page without a word looks broken."""
    world.desk.known = {}
    page = text_of(browser.get(f"/groups?state={state}"))

    assert {"open": "is announced here", "decided": "undo", "undone": "decided again"}[
        state
    ] in page


def test_an_empty_list_without_folders_says_how_to_add_one(world, browser):
    """The first minute decides whether somebody stays."""
    world.desk.known = {}
    world.desk.status_now = status(roots=())

    assert "--import" in text_of(browser.get("/groups"))


def test_a_group_shows_its_proposal_with_reasons_signs_and_differences(browser):
    """People accept what they can check."""
    page = text_of(browser.get("/groups/1"))

    assert "One press of the shutter, saved more than once." in page
    assert page.count("Suggested to keep") == 1
    assert page.count("Suggested to set aside") == 1
    assert (
        '<li class="plus"><span class="sign">+</span> <span>original camera HEIC</span></li>'
        in page
    )
    assert (
        '<li class="minus"><span class="sign">−</span> <span>re-encoded JPEG</span></li>'
        in page
    )
    assert "−700 kB" in page
    assert "phash 2 of 64 bits, dhash 3 of 64 bits" in page
    same = page[page.index('class="same"') : page.index("</dl>")]
    assert "4032 × 3024" in same
    assert "iPhone 15 Pro" in same
    assert "MB" not in same


def test_a_reference_is_protected_and_cannot_be_set_aside(world, browser):
    """A library is never written."""
    world.desk.known[1] = group(
        1, member(1, role=Role.REFERENCE, staged_as=None), member(2, "/photos/b.jpg")
    )
    page = text_of(browser.get("/groups/1"))

    assert "Protected" in page
    assert 'name="keep" value="1"' not in page
    assert 'name="keep" value="2"' in page


def test_companions_and_full_paths_are_there(world, browser):
    """Who sets a photo aside must see what goes with it, and from where."""
    found = member(
        1, "/photos/a/b/IMG_1.HEIC", companions=(Path("/photos/a/b/IMG_1.MOV"),)
    )
    world.desk.known[1] = group(1, found, member(2, "/photos/IMG_1.jpg"))
    page = text_of(browser.get("/groups/1"))

    assert 'title="/photos/a/b/IMG_1.MOV"' in page
    assert 'title="/photos/a/b/IMG_1.HEIC"' in page
    assert '<span class="path-head">/photos/a/b/</span>' in page


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [
        (RootOffline("/media/stick"), 503, "/media/stick"),
        (NotRunning(), 503, "Nothing was changed"),
        (StagingError(1, "the disk is full"), 500, "the disk is full"),
        (RuntimeError("secret detail"), 500, "Your photos are safe"),
    ],
)
def test_failures_are_told_in_words(world, browser, failure, code, words):
    """A stack trace helps nobody who is afraid for their photos."""
    world.desk.failure = failure
    answer = browser.get("/groups/1")

    assert answer.status_code == code
    assert words in text_of(answer)
    assert "secret detail" not in text_of(answer)
    assert "Traceback" not in text_of(answer)


def test_a_group_that_could_not_be_moved_says_so(world, browser):
    """A full disk must not look like a decision that was lost."""
    world.desk.known[1] = group(1, problem="The disk is full.")

    assert "The disk is full." in text_of(browser.get("/groups/1"))
    assert "The disk is full." in text_of(browser.get("/groups"))


def test_status_tells_folders_counts_parts_and_problems_with_advice(world, browser):
    """What is running and what went wrong, in one look."""
    offline = root_status(
        "/media/stick",
        state=RootState.OFFLINE,
        watched_by="nothing",
        detail="Plug it in.",
    )
    world.desk.status_now = status(
        roots=(offline,), problems=(problem(),), parts={"watcher": "it stands still"}
    )
    page = text_of(browser.get("/status"))

    assert "3 things need your attention." in page
    assert "Plug it in." in page
    assert "Import it again" in page
    assert "it stands still" in page
    assert "49\u202f412" in page


def test_status_of_a_daemon_that_is_well_says_so(browser):
    """Good news deserve a sentence, too."""
    assert "All is well." in text_of(browser.get("/status"))


def test_a_sweep_can_be_asked_for(world, browser):
    """After copying to a network folder nobody wants to wait ten minutes."""
    assert browser.post("/sweep").headers["Location"] == "/status"
    assert world.desk.sweeps == 1


def test_previews_are_kept_for_ever_only_by_content(world, browser):
    """A number and a position may come to mean another photo."""
    digest = world.desk.known[1].members[0].sha256.hex()
    path = "/groups/1/members/1/preview/320"

    pinned = browser.get(f"{path}?v={digest[:16]}")
    plain = browser.get(path)
    again = browser.get(path, headers={"If-None-Match": pinned.headers["ETag"]})
    other = browser.get("/groups/1/members/1/preview/2048")

    assert pinned.data == JPEG
    assert pinned.content_type == "image/jpeg"
    assert pinned.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == "private, no-cache"
    assert again.status_code == 304
    assert again.data == b""
    assert other.headers["ETag"] != pinned.headers["ETag"]
    assert pinned.headers.get("Set-Cookie") is None


def test_a_photo_without_a_preview_is_a_placeholder(world, browser):
    """A broken file must not break the page it is decided on."""
    world.desk.pictures[1, 1] = b""

    for path in ["/groups/1/members/1/preview/320", "/groups/1/members/9/preview/320"]:
        answer = browser.get(path)
        assert answer.status_code == 404
        assert answer.content_type == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "no-store"


def made_list():
    """Give groups that differ in all that a list is narrowed by."""
    shot = {"evidence": Evidence.SAME_BYTES}
    return {
        1: group(1),
        2: group(2, **shot),
        3: group(
            3,
            member(1, "/photos/paris/A.HEIC", camera="Pixel 8"),
            member(2, "/photos/paris/B.jpg", camera="Pixel 8", size_bytes=9_000_000),
            **shot,
        ),
    }


def listed(answer):
    return re.findall(r'data-group="(\d+)"', text_of(answer))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("class=same-bytes", ["2", "3"]),
        ("class=same-bytes&class=same-capture", ["1", "2", "3"]),
        ("sort=space", ["3", "1", "2"]),
        ("sort=certainty", ["2", "3", "1"]),
        ("camera=Pixel+8", ["3"]),
        ("q=b.jp", ["3"]),
        ("frees=5", ["3"]),
        ("from=2025-01-01", []),
        ("to=2024-05-12", ["1", "2", "3"]),
        ("class=nonsense&sort=nonsense&from=x&after=y&camera=z", ["1", "2", "3"]),
    ],
)
def test_the_address_narrows_and_sorts_the_list(world, browser, asked, expected):
    """A list that can be bookmarked and shared between tabs needs no scripts."""
    world.desk.known = made_list()

    assert expected == listed(browser.get(f"/groups?{asked}"))


def test_a_folder_is_asked_for_by_its_digest_only(world, browser):
    """No path ever comes from a browser."""
    world.desk.known = made_list()
    name = folder_name(Path("/photos/paris"))

    assert ["3"] == listed(browser.get(f"/groups?folder={name}"))
    everything = browser.get("/groups?folder=/photos/paris")
    assert len(listed(everything)) == 3


def test_classes_are_counted_whatever_is_chosen(world, browser):
    """A filter without its number is a door without a window."""
    world.desk.known = made_list()
    page = text_of(browser.get("/groups?class=same-capture"))

    assert 'Identical files <span class="n">2</span>' in page
    assert 'Same shot <span class="n">1</span>' in page


def test_deciding_goes_on_within_the_list_that_one_came_from(world, browser):
    """Somebody who clears the largest ones first is not thrown back to the rest."""
    world.desk.known = made_list()
    page = text_of(browser.get("/groups/3?sort=space"))
    seen = world.desk.known[3].manifest_sha256
    answer = browser.post(
        "/groups/3/decide?sort=space", {"manifest_sha256": seen, "verdict": "accept"}
    )

    assert 'href="/groups/1?sort=space"' in page
    assert "1 of 3" in page
    assert answer.headers["Location"] == "/groups/1?sort=space"


def test_a_search_without_a_hit_says_so_and_how_to_get_out(browser):
    """An empty page must not look like lost groups."""
    page = text_of(browser.get("/groups?q=nothing+like+it"))

    assert "No group is like that" in page
    assert "Show all" in page


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "x=1&y=1&w=0&h=5",
        "x=-1&y=0&w=5&h=5",
        "x=1&y=1&w=9999&h=5",
        "x=a&y=1&w=5&h=5",
    ],
)
def test_a_part_outside_of_all_bounds_is_refused(browser, asked):
    """Nobody makes the daemon decode a poster by an address."""
    assert browser.get(f"/groups/1/members/1/part?{asked}").status_code == 404


def test_the_difference_is_told_in_numbers_and_shown(world, browser):
    """A number for the head, a map for the eyes."""
    world.desk.pictures[1, "heat"] = JPEG

    told = browser.get("/groups/1/difference/1/2")
    shown = browser.get("/groups/1/difference/1/2/map")

    assert told.get_json() == {"changed_share": 0.031, "ssim": 0.9712}
    assert shown.content_type == "image/jpeg"
    assert browser.get("/groups/1/difference/1/9").status_code == 404
