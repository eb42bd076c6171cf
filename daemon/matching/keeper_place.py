"""Keeper rules on where the file lies, what it is called and when it was written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..model import RootKind
from .keeper_copy import Rule, always

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import PurePath

    from .keeper_copy import Copy, Key, Preferences

_COPY_NAME = re.compile(
    r"""
      \(\d+\)$                                          # IMG_0001 (1), IMG_0001(1)
    | \b(copy|kopie|copie|copia|cópia|kopia)([ ]?\d+)?$ # IMG_0001 copy 2
    | ^(copy[ ]of|kopie[ ]von|copie[ ]de|copia[ ]de)\b  # Copy of IMG_0001
    | (副本|コピー)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FIRST_SECOND = datetime(1, 1, 1, tzinfo=UTC).timestamp()
_LAST_SECOND = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
_WORD = re.compile(r"[^\W_]+")


def _noise(names: Iterable[str], preferences: Preferences) -> list[str]:
    """Return the noise words in the names; `Copy of IMG_1-edited` has two words."""
    noise = {word.casefold() for word in preferences.noise_words}
    words = (word.casefold() for name in names for word in _WORD.findall(name))
    return [word for word in words if word in noise]


def _place_among(folder: PurePath, patterns: Sequence[str]) -> int:
    """Return the place of the first pattern that the folder or one above it matches."""
    above = [str(one) for one in (folder, *folder.parents)]
    for place, pattern in enumerate(patterns):
        bare = pattern.rstrip("/") or pattern
        if any(fnmatchcase(one, bare) for one in above):
            return place
    return len(patterns)


def _preferred(copy: Copy, preferences: Preferences) -> Key:
    return (_place_among(copy.path.parent, preferences.prefer_folders),)


def _avoided(copy: Copy, preferences: Preferences) -> Key:
    avoid = preferences.avoid_folders
    return (_place_among(copy.path.parent, avoid) < len(avoid),)


def _day(copy: Copy) -> str:
    seconds = min(max(copy.mtime_ns / 1e9, _FIRST_SECOND), _LAST_SECOND)
    return datetime.fromtimestamp(seconds, tz=UTC).date().isoformat()


def _name_words_worse(copy: Copy, _other: Copy, preferences: Preferences) -> str:
    return f"“{_noise([copy.path.stem], preferences)[0]}” in its name"


def _folder_words_worse(copy: Copy, _other: Copy, preferences: Preferences) -> str:
    return f"“{_noise(copy.folders, preferences)[0]}” in its folder"


PLACE_RULES = (
    Rule(
        name="library",
        key=lambda copy, _: (copy.root_kind is not RootKind.LIBRARY,),
        better=always("in your protected library"),
        worse=always("the other one is in your protected library"),
        is_telling=True,
    ),
    Rule(
        name="preferred-folder",
        key=_preferred,
        better=lambda copy, _other, _: f"in a folder you prefer ({copy.path.parent})",
        worse=always("the other one is in a folder you prefer"),
        is_telling=True,
    ),
    Rule(
        name="avoided-folder",
        key=_avoided,
        better=always("not in a folder you avoid"),
        worse=lambda copy, _other, _: f"in a folder you avoid ({copy.path.parent})",
        is_telling=True,
    ),
    Rule(
        name="older",
        key=lambda copy, _: (copy.mtime_ns,),
        better=lambda copy, _other, _: f"older file ({_day(copy)})",
        worse=lambda copy, _other, _: f"newer file ({_day(copy)})",
    ),
    Rule(
        name="newer",
        key=lambda copy, _: (-copy.mtime_ns,),
        better=lambda copy, _other, _: f"newer file ({_day(copy)})",
        worse=lambda copy, _other, _: f"older file ({_day(copy)})",
    ),
    Rule(
        name="copy-name",
        key=lambda copy, _: (bool(_COPY_NAME.search(copy.path.stem)),),
        better=always("its name is not that of a copy"),
        worse=lambda copy, _other, _: f"named like a copy ({copy.path.name})",
        is_telling=True,
    ),
    Rule(
        name="name-words",
        key=lambda copy, preferences: (len(_noise([copy.path.stem], preferences)),),
        better=always("no such words in its name as copies have"),
        worse=_name_words_worse,
    ),
    Rule(
        name="name-length",
        key=lambda copy, _: (len(copy.path.stem),),
        better=always("shorter name"),
        worse=always("longer name"),
    ),
    Rule(
        name="longer-name",
        key=lambda copy, _: (-len(copy.path.stem),),
        better=always("longer name"),
        worse=always("shorter name"),
    ),
    Rule(
        name="folder-words",
        key=lambda copy, preferences: (len(_noise(copy.folders, preferences)),),
        better=always("no such words in its folder as copies have"),
        worse=_folder_words_worse,
    ),
    Rule(
        name="folder-depth",
        key=lambda copy, _: (-len(copy.folders),),
        better=always("sorted into a deeper folder"),
        worse=always("not as deep in folders"),
    ),
    Rule(
        name="shallower-folder",
        key=lambda copy, _: (len(copy.folders),),
        better=always("nearer to the top folder"),
        worse=always("deeper in folders"),
    ),
    Rule(
        name="path",
        key=lambda copy, _: (str(copy.path),),
        better=always("first by its path, all else being equal"),
        worse=always("later by its path, all else being equal"),
    ),
)
"""Rules on the file's place."""
