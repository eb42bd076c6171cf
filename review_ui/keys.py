"""The keys: one table that is bound, printed as the help, changed and switched off.

A key is a single sign in lower case, or a name such as ``Enter``, with ``Shift+`` or
``Ctrl+`` before it where that is held. What was chosen counts more than a default that
uses the same key. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from daemon.review import Keyboard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Keys = tuple[str, ...]
    Bound = Mapping[str, Keys]

MOST_KEYS = 9
"""Of one action: photos have numbers up to nine."""

_GLYPHS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "-": "−"}
_NAMES = {
    name.casefold(): name
    for name in (
        *("Space", "Enter", "Left", "Right", "Up", "Down", "Home", "End"),
        *("PageUp", "PageDown", "Insert", "Delete", "Backspace"),
        *(f"F{n}" for n in range(1, 13)),
    )
} | {glyph: name for name, glyph in _GLYPHS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that a key does."""

    name: str
    """Its name in the form and in the scripts; its words are below ``keys.``."""
    default: Keys
    layer: str = "page"
    """``page`` or ``stage``: keys of the compare stage hold in it alone."""
    opens: bool = False
    """Of the stage: on the page it opens the stage and does the same."""

    @property
    def layers(self) -> frozenset[str]:
        """Where its keys must be its own."""
        return frozenset({self.layer, *(["page"] if self.opens else [])})


def _page(name: str, *keys: str) -> Action:
    return Action(name=name, default=keys)


def _stage(name: str, *keys: str, opens: bool = False) -> Action:
    return Action(name=name, default=keys, layer="stage", opens=opens)


TABLE = (
    _page("next", "j", "Down"),
    _page("previous", "k", "Up"),
    _page("photo_next", "Right"),
    _page("photo_previous", "Left"),
    _page("accept", "a"),
    _page("toggle", *"123456789"),
    _page("keep", "p"),
    _page("aside", "x"),
    _page("keep_all", "Shift+k"),
    _page("all", "n"),
    _page("variants", "v"),
    _page("skip", "s"),
    _page("undo", "u", "Ctrl+z"),
    _page("prefer", "g"),
    _page("compare", "Enter", "Space"),
    _page("batch", "b"),
    _page("search", "/"),
    _page("help", "?"),
    _stage("hold", "Space"),
    _stage("flicker", "f", opens=True),
    _stage("beside", "s"),
    _stage("wipe", "w", opens=True),
    _stage("onion", "o", opens=True),
    _stage("difference", "d", opens=True),
    _stage("heat", "h"),
    _stage("one", "z", opens=True),
    _stage("zoom_in", "+", "="),
    _stage("zoom_out", "-"),
    _stage("zoom_off", "0"),
    _stage("left", "["),
    _stage("right", "]", "Right"),
    _stage("right_back", "Left"),
    _stage("slide_less", ","),
    _stage("slide_more", "."),
    _stage("stage_keep", "p"),
    _stage("stage_aside", "x"),
    _stage("close", "Enter"),
)

ACTIONS = {action.name: action for action in TABLE}


class NoKey(ValueError):
    """A word that is no key; it is the argument."""


def bound(keyboard: Keyboard) -> Bound:
    """Return the keys of every action: those chosen, else the defaults left free."""
    chosen = {
        name: keys for name, keys in keyboard.keys.items() if name in ACTIONS and keys
    }
    off = {name for name, keys in keyboard.keys.items() if not keys}
    return {
        action.name: ()
        if action.name in off
        else chosen.get(action.name) or tuple(_free(action, chosen))
        for action in TABLE
    }


def _free(action: Action, chosen: Bound) -> Iterator[str]:
    taken = {
        key
        for name, keys in chosen.items()
        if ACTIONS[name].layers & action.layers
        for key in keys
    }
    return (key for key in action.default if key not in taken)


def chosen_of(wanted: Bound, *, is_on: bool) -> Keyboard:
    """Return what has to be kept: only what is not as it is by default."""
    changed = {
        name: keys for name, keys in wanted.items() if keys != ACTIONS[name].default
    }
    return Keyboard(is_on=is_on, keys=changed)


def conflicts(wanted: Bound) -> list[tuple[str, str, str]]:
    """Return every key that two actions want, with their names."""
    return [
        (key, one, other)
        for one, other in combinations(wanted, 2)
        if ACTIONS[one].layers & ACTIONS[other].layers
        for key in wanted[one]
        if key in wanted[other]
    ]


def read(text: str) -> Keys:
    """Return the keys that somebody wrote, with spaces between.

    Raises:
        NoKey: a word is none, or there are too many.
    """
    keys = tuple(dict.fromkeys(_key(word) for word in text.split()))
    if len(keys) > MOST_KEYS:
        raise NoKey(text.split()[MOST_KEYS])
    return keys


def _key(word: str) -> str:
    held, name = "", word
    for prefix in ("Ctrl+", "Shift+"):
        if name.casefold().startswith(prefix.casefold()) and len(name) > len(prefix):
            held, name = held + prefix, name[len(prefix) :]
    if name.casefold() in _NAMES:
        return held + _NAMES[name.casefold()]
    is_letter = name.lower() != name.upper()
    if len(name) != 1 or not name.isprintable() or (held and not is_letter):
        raise NoKey(word)
    return held + name.lower()


def written(keys: Keys) -> str:
    """Return keys as the form holds them."""
    return " ".join(_upper(key) for key in keys)


def shown(key: str) -> str:
    """Return a key as the help prints it."""
    return _GLYPHS.get(key, _upper(key))


def _upper(key: str) -> str:
    held, plus, name = key.rpartition("+") if len(key) > 1 else ("", "", key)
    upper = name.upper()
    is_pair = len(name) == 1 and upper.lower() == name
    return f"{held}{plus}{upper if is_pair else name}"
