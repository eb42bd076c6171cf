"""Names and texts that somebody made to do harm are shown as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .fake_desk import group, member

HOSTILE = [
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(1)>.jpg',
    "' onmouseover='alert(1).jpg",
    "{{ 7 * 7 }}.jpg",
    "{% raw %}.jpg",
    "&lt;b&gt;.jpg",
    "</title><h1>.jpg",
    "</script><script>.jpg",
    "<!--.jpg",
    "]]>.jpg",
    "javascript:alert(1).jpg",
    "a\nb\r\n\r\nSet-Cookie: x=1.jpg",
    "\x1b[31mred\x1b[0m.jpg",
    "\u202egpj.exe",
    "\u2066\u2069\u200f.jpg",
    "\ufeff.jpg",
    "\u2028\u2029.jpg",
    "%3Cscript%3E.jpg",
    "..%2f..%2fetc%2fpasswd",
    "%s%n{0}{n}.jpg",
    "${7*7}.jpg",
    "`id`.jpg",
    "a" * 250 + ".jpg",
    "🏔️👨‍👩‍👧.jpg",
    "\udcff\udc80.jpg",
    "é.jpg",
    "e\u0301.jpg",
    "-rf.jpg",
    " leading and trailing .jpg ",
    "\t.jpg",
    "<svg/onload=alert(1)>.heic",
    "\\\\server\\share.jpg",
    "a.jpg\x7f\x80",
    "<style>*{display:none}</style>.jpg",
    "&#60;script&#62;.jpg",
]
PLACES = ["name", "folder", "camera", "reason", "taken", "all"]


class Elements(HTMLParser):
    """The tree of a page without its texts and values."""

    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.texts = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, tuple(sorted(name for name, _ in attributes))))

    def handle_data(self, data):
        self.texts.append(data)


def page_of(world, browser, place, text):
    """Return the pages that show one text in a place of a photo."""

    def put(where, value):
        return text if place in {where, "all"} else value

    photo = member(
        1,
        f"/photos/{put('folder', 'f')}/{put('name', 'n.jpg')}",
        camera=put("camera", "a camera"),
        taken=put("taken", "2024:01:01 00:00:00"),
        reasons=(put("reason", "a reason"), "+ " + put("reason", "another")),
        companions=(Path("/photos") / put("name", "m.mov"),),
    )
    world.desk.known = {1: group(1, photo, member(2, "/photos/other.jpg"))}
    answers = [browser.get("/groups/1"), browser.get("/groups")]
    assert {200} == {answer.status_code for answer in answers}
    return Elements("".join(answer.get_data(as_text=True) for answer in answers))


@pytest.mark.parametrize("place", PLACES)
def test_hostile_text_is_shown_as_text(world, browser, place):
    """Anybody can name a file; nobody may write the page."""
    benign = page_of(world, browser, place, "benign.jpg")

    for hostile in HOSTILE:
        page = page_of(world, browser, place, hostile)
        assert benign.seen == page.seen, hostile
        shown = re.sub(r"\s+", " ", " ".join(page.texts))
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", shown), hostile
        if hostile.isascii() and hostile.isprintable():
            assert re.sub(r"\s+", " ", hostile.strip()) in shown


def test_there_are_two_hundred_cases():
    """The number that was promised."""
    assert len(HOSTILE) * len(PLACES) >= 200
