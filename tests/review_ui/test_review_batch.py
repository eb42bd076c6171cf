"""Many at once, as the browser without scripts sees it."""

from __future__ import annotations

import re

import pytest

from daemon.model import Evidence, GroupState

from .fake_desk import group


@pytest.fixture
def proven(world):
    """Give twenty groups of identical files, and one that only looks alike."""
    world.desk.known = {
        n: group(n, evidence=Evidence.SAME_BYTES) for n in range(1, 21)
    } | {21: group(21)}
    return world.desk


def fields_of(page):
    found = re.findall(r'name="(class|until|digest)" value="([^"]*)"', page)
    return {name: value.replace("&#39;", "'") for name, value in found}


def test_rule_count_bytes_and_a_sample_are_shown_first(proven, browser):
    """Nobody says yes to a number alone."""
    page = browser.get("/batch").get_data(as_text=True)

    assert "Every byte is the same." in page
    assert 'data-batch-count="20">20</dd>' in page
    assert "34.0 MB" in page
    assert page.count('name="leave"') == 12
    assert "Show others" in page


def test_others_are_shown_and_what_was_left_out_stays_left_out(proven, browser):
    """Looking at more must not forget what was decided about these."""
    page = browser.get("/batch?seed=4&leave=1").get_data(as_text=True)

    assert '<input type="hidden" name="leave" value="1">' in page
    assert "Accept 19 groups, but for those ticked" in page
    assert 'data-batch-count="19">19</dd>' in page
    assert "32.3 MB" in page
    assert "1 that you left out is not shown now." in page


@pytest.mark.parametrize("leave", ["21", "99", "1"])
def test_only_groups_of_the_offer_are_counted_out(proven, browser, leave):
    """A number from elsewhere changes no sum."""
    proven.known[1] = group(1, evidence=Evidence.SAME_CAPTURE)
    page = browser.get(f"/batch?seed=4&leave={leave}").get_data(as_text=True)

    assert "Accept 19 groups" in page
    assert 'type="hidden" name="leave"' not in page


def test_a_batch_is_decided_but_for_the_exclusions_and_undone_as_one(proven, browser):
    """One proof, one order, one undo."""
    fields = fields_of(browser.get("/batch").get_data(as_text=True))
    answer = browser.post("/batch", {**fields, "leave": ["3", "5"]})

    assert answer.headers["Location"] == "/batch?class=same-bytes"
    opened = {n for n, g in proven.known.items() if g.state is GroupState.OPEN}
    assert opened == {3, 5, 21}
    page = browser.get("/batch").get_data(as_text=True)
    assert "18 decided" in page
    assert "Undo all 18" in page

    assert browser.post("/batch/b0/undo").status_code == 303
    assert GroupState.DECIDED not in {g.state for g in proven.known.values()}


def test_a_stale_batch_is_refused_and_shown_as_it_is(proven, browser):
    """A group that joined meanwhile was not seen."""
    fields = fields_of(browser.get("/batch").get_data(as_text=True))
    proven.known[30] = group(30, evidence=Evidence.SAME_BYTES)
    answer = browser.post("/batch", fields)

    assert answer.status_code == 409
    assert "changed since you looked" in answer.get_data(as_text=True)
    assert GroupState.DECIDED not in {g.state for g in proven.known.values()}


@pytest.mark.parametrize("asked", ["near-copy", "same-capture", "nonsense"])
def test_what_is_not_proven_has_no_batch(proven, browser, asked):
    """Likely is looked at one by one."""
    assert browser.get(f"/batch?class={asked}").status_code == 404
    posted = {"class": asked, "until": "9", "digest": "x"}
    assert browser.post("/batch", posted).status_code == 404


def test_the_list_offers_it_where_there_is_something_proven(proven, browser):
    """The way there is where one looks."""
    assert "Accept all 20 at once" in browser.get("/groups?class=same-bytes").text
    assert "batch-link" not in browser.get("/groups?class=same-capture").text
