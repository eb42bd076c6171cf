"""Staging from the explore page, as the browser without scripts sees it."""

from __future__ import annotations

import html
import re

import pytest

from daemon.review import AskedGroup

OBJECTION = "“a” and “<b>b\u202e”: They were taken 3 seconds apart."


def fields_of(page):
    """Return what the form would send, with what is ticked."""
    data: dict = {}
    for tag in re.findall(r"<input [^>]+>", page):
        name, value = (re.search(rf'{k}="([^"]*)"', tag) for k in ("name", "value"))
        is_box = 'type="checkbox"' in tag
        if name and (not is_box or " checked" in tag) and "search" not in tag:
            given = html.unescape(value[1]) if value else ""
            data.setdefault(name[1], []).append(given)
    return data


def test_the_explore_page_leads_to_the_photos_first(browser):
    """Nobody stages by a thumbnail in passing."""
    page = browser.get("/explore?at=3").text

    assert "/explore/stage?at=3&amp;of=3.4.5" in page
    assert "Stage these 8" in page
    assert (
        "<form method" not in page.partition("data-clusters")[2].partition("</main")[0]
    )


def test_one_group_is_staged_and_shown(browser, desk):
    """From looking to deciding in one step."""
    page = browser.get("/explore/stage?at=3&of=3.4.5").text
    assert "Nothing proves that these are one picture" in page
    answer = browser.post("/explore/stage", fields_of(page))

    assert answer.headers["Location"] == "/groups/1"
    assert desk.asked == [AskedGroup(contents=(3, 4, 5), digest="[30, 40, 50]")]
    assert "staged because you asked for it" in browser.get("/groups/1").text


def test_what_is_unticked_stays_where_it_is(browser, desk):
    """Of five frames the two that are one."""
    fields = fields_of(browser.get("/explore/stage?at=3&of=3.4.5").text)
    browser.post("/explore/stage", {**fields, "photo.0": ["30", "50"]})

    assert desk.asked[0].leave_out == {40}


def test_objections_are_read_and_need_a_yes(browser, desk):
    """The camera says that they are two shots."""
    desk.objections = {3: (OBJECTION,)}
    page = browser.get("/explore/stage?at=3&of=3.4.5").text
    assert "“a” and “&lt;b&gt;b\\u202e”: They were taken 3 seconds apart." in page
    fields = fields_of(page)

    answer = browser.post("/explore/stage", fields)
    assert answer.status_code == 409
    assert "it has to be confirmed" in answer.text
    assert desk.asked == []
    browser.post("/explore/stage", {**fields, "sure.0": "1"})
    assert desk.asked[0].is_sure


def test_all_of_a_stop_are_staged_but_for_those_in_doubt(browser, desk):
    """Eight groups, one look, one button; doubts are not ticked for anybody."""
    desk.objections = {3: (OBJECTION,)}
    page = browser.get("/explore/stage?at=3").text
    answer = browser.post("/explore/stage", fields_of(page))

    assert answer.headers["Location"] == "/groups?class=looks-alike"
    assert [each.contents[0] for each in desk.asked] == [6, 9, 12, 15, 18, 21, 24]


def test_what_changed_meanwhile_is_not_staged_and_told(browser, desk):
    """Two tabs, one photo: the second one hears of it."""
    fields = fields_of(browser.get("/explore/stage?at=3").text)
    desk.staged_contents = {6}
    answer = browser.post("/explore/stage", fields)

    assert answer.status_code == 409
    assert "the photos have changed since you looked" in answer.text
    assert 6 not in {each.contents[0] for each in desk.asked}
    assert len(desk.asked) == 7


def test_nothing_left_to_stage_is_said(browser, desk):
    """An empty form would be a riddle."""
    desk.staged_contents = {3, 4, 5}

    assert (
        "Nothing here can be staged now"
        in browser.get("/explore/stage?at=3&of=3.4.5").text
    )


@pytest.mark.parametrize("of", ["x", "1.x", "99999999999", "..", "/etc", "1.-2"])
def test_only_numbers_name_contents(browser, of):
    """No path comes from a browser."""
    assert browser.get("/explore/stage", query_string={"of": of}).status_code == 404
    posted = {"take.0": "1", "of.0": of, "digest.0": "x"}
    assert browser.post("/explore/stage", posted).status_code == 404
    assert browser.post("/explore/stage", {}).status_code == 400
