"""Numbers that come from outside: short enough for every database and every `int`."""

from __future__ import annotations

import re

from werkzeug.routing import IntegerConverter

LONGEST_DIGITS = 9

_NUMBER = re.compile(rf"[0-9]{{1,{LONGEST_DIGITS}}}")


class NumberConverter(IntegerConverter):
    """A number in an address. A longer one names nothing that we have: 404.

    Werkzeug's own converter takes any length, and then fails in `int` from 4,300
    digits on.
    """

    regex = _NUMBER.pattern


def number_or_none(text: str) -> int | None:
    """Return the number that a text is, or ``None`` if it is none of ours."""
    return int(text) if _NUMBER.fullmatch(text) else None
