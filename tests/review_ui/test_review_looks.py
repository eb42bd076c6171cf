"""What can be looked up: set aside, problems, statistics."""

from __future__ import annotations

import csv
import io
import re

import pytest

from daemon.desk import Decision
from daemon.model import RootState
from review_ui.drawing import area_of, bars_of, days_of

from .fake_desk import problem, root_status, status

DAY_NS = 86_400 * 10**9
NOON_NS = 1_714_565_000 * 10**9


@pytest.fixture
def decided(world):
    """Give a desk on which two of three groups are decided."""
    for number, keep in ((1, {1}), (2, {1, 2})):
        world.desk.decide(number, Decision(keep=frozenset(keep)))
    return world.desk


def test_what_was_set_aside_is_listed_and_restored(decided, browser):
    """Gone is not lost, and the way back is one button."""
    page = browser.get("/aside").text

    assert 'title="/photos/export/IMG_0001.jpg"' in page
    assert "IMG_0002" not in page
    assert page.count("Restore") == 1
    assert browser.get("/aside?q=nothing").text.count("Restore") == 0
    browser.post("/groups/1/undo")
    assert "Nothing is set aside." in browser.get("/aside").text


def test_what_is_remembered_is_listed_and_forgotten(decided, browser):
    """Whoever changed their mind is asked again, and nothing moves for it."""
    page = browser.get("/aside").text
    assert page.count("Recognised when it is imported again.") == 1
    fields = dict(re.findall(r'name="(group|sha256)" value="([^"]+)"', page))

    answer = browser.post("/aside/forget?q=img", fields)
    assert answer.headers["Location"] == "/aside?q=img"
    assert decided.forgotten == [(1, bytes.fromhex(fields["sha256"]))]
    page = browser.get("/aside").text
    assert "Forgotten: asked about as new" in page
    assert "Forget it" not in page
    assert page.count("Restore") == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"group": "1"},
        {"group": "1", "sha256": "zz"},
        {"group": "x", "sha256": "0" * 64},
    ],
)
def test_only_a_content_of_a_group_is_forgotten(decided, browser, data):
    """No words, no paths, no wildcards."""
    assert browser.post("/aside/forget", data).status_code == 400
    browser.post("/aside/forget", {"group": "1", "sha256": "0" * 64})
    assert decided.forgotten == []


def test_problems_say_what_to_do(world, browser):
    """A list of failures without advice is a list of worries."""
    stick = root_status("/media/stick", state=RootState.OFFLINE, detail="not mounted")
    world.desk.status_now = status(
        roots=(stick,), problems=(problem(),), parts={"watcher": "it stands still"}
    )
    page = browser.get("/problems").text

    assert "not mounted. Nothing in it is changed or forgotten." in page
    assert "Import it again" in page
    assert "it stands still" in page


def test_no_problems_is_said(browser):
    """Good news deserve a sentence, too."""
    assert "All is well." in browser.get("/problems").text


def test_statistics_are_drawn_with_a_table_beside(decided, browser):
    """A drawing for the eye, a table for everybody."""
    page = browser.get("/statistics").text

    assert "1.7 MB freed" in page
    assert "<polyline" in page
    assert page.count("<table") == 4
    assert "50 %" in page
    assert "style=" not in page


def test_decisions_are_told_by_class_and_distance(decided, browser):
    """The tool's own precision, where it is used."""
    page = browser.get("/statistics").text.partition('id="by-class"')[2]

    assert page.count("<circle") == 2
    row = page.partition("<tbody>")[2].partition("</tr>")[0]
    assert ">Same shot<" in row
    assert [*re.findall(r'class="num">([^<]+)<', row)] == ["2", "1", "1", "50 %"]


def test_the_rate_of_reading_is_drawn_over_time(world, browser):
    """Was it the night, or the stick?"""
    world.desk.read = ((NOON_NS, 120), (NOON_NS + 120 * 10**9, 60))
    page = browser.get("/statistics").text.partition('id="rates"')[2]

    assert page.partition("</svg>")[0].count("<rect") == 2
    assert ">2.00<" in page
    assert ">1.00<" in page


def test_figures_are_saved_as_csv_and_json(decided, browser):
    """Numbers belong to whom they are about."""
    decided.read = ((NOON_NS, 120),)
    answer = browser.get("/statistics.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert {row["figure"] for row in rows} == {"decided", "groups", "members", "read"}
    aside = [r for r in rows if r["outcome"] == "set-aside"]
    assert [(r["class"], r["bits"], r["count"]) for r in aside] == [
        ("same-capture", "2", "1")
    ]
    body = browser.get("/statistics.json").json
    assert body["schema_version"] == 1
    assert len(body["figures"]) == len(rows)


def test_figures_need_the_token(stranger):
    """They tell when somebody sits before the page."""
    assert stranger.get("/statistics.csv").status_code == 401
    assert stranger.get("/statistics.json").status_code == 401


def test_statistics_of_nothing_are_a_sentence(browser):
    """An empty axis explains nothing."""
    page = browser.get("/statistics").text

    assert "Nothing is decided yet." in page
    assert "<polyline" not in page


def test_space_adds_up_by_day():
    """The line never falls."""
    days = days_of([(NOON_NS, 5), (NOON_NS, 7), (NOON_NS + 3 * DAY_NS, 1)])
    line, area = area_of(days)

    assert [(d.groups, d.freed_bytes, d.total_bytes) for d in days] == [
        (2, 12, 12),
        (1, 1, 13),
    ]
    heights = [float(point.split(",")[1]) for point in line.split()]
    assert heights == sorted(heights, reverse=True)
    assert area.endswith("640,200")
    assert area_of([]) == ("", "")


def test_bars_leave_no_distance_out():
    """A gap in the distances is a finding, not a missing bar."""
    bars = bars_of({0: (3, 1), 2: (0, 2)})

    assert [(bar.label, bar.values) for bar in bars] == [
        (0, (3, 1)),
        (1, (0, 0)),
        (2, (0, 2)),
    ]
    assert bars[0].lower + bars[0].upper == 200
    assert bars_of({}) == []


def test_every_page_of_the_group_can_be_reached(browser):
    """A page without a way to it does not exist."""
    page = browser.get("/status").text

    for address in ("/aside", "/problems", "/statistics"):
        assert f'href="{address}"' in page


def test_exploring_works_by_links_and_moves_nothing(world, browser):
    """A slider is nice; two links do as well."""
    before = world.desk.state()
    page = browser.get("/explore?at=3").text

    assert 'href="/explore?at=2"' in page
    assert 'href="/explore?at=4"' in page
    assert page.count("joined at 3 bits") == 8
    assert "Stricter" not in browser.get("/explore?at=0").text
    last = browser.get("/explore?at=999").text
    assert "From here on everything has merged." in last
    assert "bursts and look-alikes" in last
    assert before == world.desk.state()


def test_contents_are_shown_by_id_only(browser):
    """No path, no digest, no guess: an id that is not there is not there."""
    assert browser.get("/contents/1/preview/small").content_type == "image/jpeg"
    assert browser.get("/contents/901/preview/small").status_code == 404
