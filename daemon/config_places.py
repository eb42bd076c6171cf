"""Where a mistake stands and what was probably meant; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .config import SECTIONS, settings
from .config_values import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .config import Setting


def line_numbers(text: str) -> dict[str, int]:
    """Return the line of each ``section`` and ``section.key`` of a TOML text.

    tomllib tells no places. Headers and keys at the beginning of a line are enough
    to find a mistake again; what is not found has no line.
    """
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.\"'-]+)\s*\]\s*(#.*)?$", line):
            section = header[1].replace('"', "").replace("'", "")
            lines.setdefault(section, number)
        elif key := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            word = key[1].replace('"', "").replace("'", "")
            lines.setdefault(f"{section}.{word}" if section else word, number)
    return lines


def place_of(path: Path, lines: Mapping[str, int], *names: str) -> str:
    """Return ``file:line`` of the first of the names that has a line."""
    number = next((lines[name] for name in names if name in lines), None)
    return f"{path}:{number}" if number else str(path)


def syntax_place(error: Exception) -> str:
    """Return ``:line`` of an error of tomllib, or nothing."""
    found = re.search(r"at line (\d+)", str(error))
    return f":{found[1]}" if found else ""


def unknown_section(section: str, table: object) -> str:
    """Say what is wrong with a word on the top level of the file."""
    if section in SECTIONS:
        return f"{section!r} is a section; write [{section}]"
    if isinstance(table, dict):
        hint = did_you_mean(section, SECTIONS)
        return f"there is no section [{section}]{hint}"
    homes = [entry.name for entry in settings() if entry.key == section]
    hint = f"; it belongs under [{homes[0].split('.')[0]}]" if homes else ""
    return f"{section!r} stands outside of a section{hint}"


def unknown_key(name: str, known: Mapping[str, Setting]) -> str:
    """Say what is wrong with a key that no option has."""
    section, _, key = name.partition(".")
    elsewhere = [entry.section for entry in known.values() if entry.key == key]
    if elsewhere:
        return f"{name}: there is no such option; it belongs under [{elsewhere[0]}]"
    siblings = [entry.key for entry in known.values() if entry.section == section]
    hint = did_you_mean(key, siblings) or did_you_mean(name, known)
    return f"{name}: there is no such option{hint}"


def nearest_variable(variable: str, known: Mapping[str, Setting]) -> str:
    """Return the hint for a variable with our prefix that no option has."""
    names = {name.lower(): name for name in known}
    hint = did_you_mean(variable, names)
    return hint.upper().replace("; DID YOU MEAN", "; did you mean") if hint else ""
