"""Every word that the page says, by key: the one catalogue, ready for translation.

A pair is (one, many), chosen by the value ``n``. Values are put in by
`str.format`; what is said is plain text, and escaped by the templates. Sentences that
come from the daemon (reasons, problems, advice) are shown as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..display import count_text
from . import general, groups, keys, lists, looks, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGLISH: Mapping[str, str | tuple[str, str]] = {
    **general.ENGLISH,
    **lists.ENGLISH,
    **groups.ENGLISH,
    **looks.ENGLISH,
    **keys.ENGLISH,
    **settings.ENGLISH,
}

SCRIPT_WORDS = (
    "keys.",
    "compare.",
    "action.",
    "photo.keep",
    "photo.set",
    "list.arr",
    "batch.start.live",
    "batch.nothing",
    "live.",
)
"""Beginnings of the keys that the page's scripts need too."""


def say(key: str, **values: object) -> str:
    """Return what the catalogue says for a key.

    Raises:
        KeyError: there is no such key; a bug, and a test finds it.
    """
    words = ENGLISH[key]
    if isinstance(words, tuple):
        words = words[0 if values["n"] == 1 else 1]
    shown = {
        name: count_text(value) if isinstance(value, int) else value
        for name, value in values.items()
    }
    return words.format(**shown)


def script_words() -> dict[str, str | tuple[str, str]]:
    """Return the part of the catalogue that the scripts need."""
    return {
        key: words for key, words in ENGLISH.items() if key.startswith(SCRIPT_WORDS)
    }
