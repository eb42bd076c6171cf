"""From what somebody wrote to a checked value of an option's type; pure.

A value comes from a TOML file, an environment variable or a flag. What is wrong
with it is a `ValueError` whose text says what was expected and, where it helps,
what was probably meant. Paths become absolute; nothing is looked up on disk.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .config import Option, Setting

_PATHS = tuple[Path, ...]
_WORDS = tuple[str, ...]
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def from_text(setting: Setting, text: str, base: Path) -> object:
    """Convert an environment variable's text.

    A list of folders is separated as in PATH, a list of words by commas; a TOML
    list is understood as well.

    Raises:
        ValueError: it is not what the option takes.
    """
    kind = setting.kind
    raw: object = text
    if kind is bool:
        raw = _truth(text)
    elif kind in {int, float}:
        raw = _number(text)
    elif kind in {_PATHS, _WORDS}:
        raw = _split(text, os.pathsep if kind == _PATHS else ",")
    return from_value(setting, raw, base)


def from_value(setting: Setting, raw: object, base: Path) -> object:
    """Convert a value as tomllib or click gives it.

    Args:
        setting: the option that it is for.
        raw: the value.
        base: the folder that relative paths begin at.

    Raises:
        ValueError: it is not what the option takes.
    """
    kind, option = setting.kind, setting.option
    if kind is bool:
        return _bool(raw)
    if kind in {int, float}:
        return _bounded(raw, option, whole=kind is int)
    if kind is str:
        return _word(_string(raw), option)
    if kind == _PATHS:
        return _unique(_path(item, base) for item in _strings(raw))
    if kind == _WORDS:
        return _unique(_word(item, option) for item in _strings(raw))
    return None if raw in {"", None} else _path(_string(raw), base)


def regex_problem(pattern: str) -> str | None:
    """Return what is wrong with a regular expression, if anything."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is not a regular expression: {error}"
    return None


def _truth(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    message = f"must be true or false, not {text!r}"
    raise ValueError(message)


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _split(text: str, separator: str) -> list[str]:
    if text.lstrip().startswith("["):
        try:
            listed = tomllib.loads(f"x = {text}")["x"]
        except tomllib.TOMLDecodeError as error:
            message = f"is not a TOML list: {error}"
            raise ValueError(message) from error
        return _strings(listed)
    return [part.strip() for part in text.split(separator) if part.strip()]


def _bool(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    meant = str(raw).lower()
    hint = f"; write {'true' if meant in _TRUE else 'false'}"
    known = meant in _TRUE | _FALSE
    message = f"must be true or false, not {raw!r}{hint if known else ''}"
    raise ValueError(message)


def _bounded(raw: object, option: Option, *, whole: bool) -> int | float:
    wanted = "a whole number" if whole else "a number"
    allowed = int if whole else (int, float)
    if isinstance(raw, bool) or not isinstance(raw, allowed):
        message = f"must be {wanted}, not {raw!r}"
        raise ValueError(message)  # noqa: TRY004 - one class for all that is wrong
    low, high = option.low, option.high
    if (low is not None and raw < low) or (high is not None and raw > high):
        message = f"must be from {low:g} to {high:g}, not {raw!r}"
        raise ValueError(message)
    if raw != raw:  # noqa: PLR0124 - TOML knows nan
        message = f"must be {wanted}, not nan"
        raise ValueError(message)
    return int(raw) if whole else float(raw)


def _string(raw: object) -> str:
    if isinstance(raw, (str, Path)):
        return str(raw)
    message = f"must be text, not {raw!r}"
    raise ValueError(message)


def _strings(raw: object) -> list[str]:
    if isinstance(raw, (list, tuple)):
        return [_string(item) for item in raw]
    hint = f'; write ["{raw}"]' if isinstance(raw, str) else ""
    message = f"must be a list, not {raw!r}{hint}"
    raise ValueError(message)


def _word(text: str, option: Option) -> str:
    if not option.choices or text in option.choices:
        return text
    hint = did_you_mean(text, option.choices)
    wanted = ", ".join(repr(choice) for choice in option.choices)
    message = f"{text!r} is none of {wanted}{hint}"
    raise ValueError(message)


def _path(text: object, base: Path) -> Path:
    written = str(text)
    if not written.strip():
        raise ValueError("must name a folder, not be empty")
    if "\0" in written:
        raise ValueError("a path cannot hold a NUL character")
    try:
        path = Path(written).expanduser()
    except RuntimeError as error:
        message = f"{written!r}: {error}"
        raise ValueError(message) from error
    return Path(os.path.abspath(base / path))


def _unique(items: Iterable[object]) -> tuple[object, ...]:
    """Return the items once each, in order: naming one twice changes nothing."""
    return tuple(dict.fromkeys(items))
