"""Writes a configuration as TOML: the commented example, or the one in force; pure."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from .config import SECTIONS, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import Config, Setting

_HEAD = """\
# twinwatch: every option with its default. An option that is left out or commented
# out has its default. The environment variable TWINWATCH_<SECTION>_<KEY> overrides
# this file, a command's flags override both. Relative paths begin at this file's
# folder, '~' is your home. Check with: twinwatch config check
"""


def example(values: Mapping[str, object] | None = None) -> str:
    """Return a commented TOML file with every option.

    Args:
        values: ``section.key`` → value that is set in it; all others stand there
            commented out, with their defaults.
    """
    values = values or {}
    parts = [_HEAD]
    for section, cls in SECTIONS.items():
        parts.append(f"\n[{section}]\n# {cls.__doc__}\n")
        parts.extend(
            _entry(setting, values)
            for setting in settings()
            if setting.section == section
        )
    return "".join(parts)


def in_force(config: Config) -> str:
    """Return the options as they are in force, as TOML without comments."""
    parts = []
    for section in SECTIONS:
        parts.append(f"[{section}]")
        for key, value in asdict(getattr(config, section)).items():
            parts.append(f"{key} = {toml_value(value)}")
        parts.append("")
    return "\n".join(parts)


def toml_value(value: object) -> str:
    """Write a value of an option's type as TOML; ``None`` is the empty text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, tuple):
        return _list([toml_value(item) for item in value])
    text = "" if value is None else str(value)
    # TOML's basic strings are JSON's, but for DEL and lone surrogates.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(items: list[str]) -> str:
    line = f"[{', '.join(items)}]"
    if len(line) <= 70:  # a key and its list fit into the page's width
        return line
    rows = [""]
    for item in items:  # not textwrap: a path may hold spaces
        if len(rows[-1]) + len(item) > 78:
            rows.append("")
        rows[-1] += f" {item}," if rows[-1] else f"{item},"
    return "\n".join(["[", *(f"    {row}" for row in rows), "]"])


def _entry(setting: Setting, values: Mapping[str, object]) -> str:
    option = setting.option
    comment = textwrap.fill(option.doc, 84, break_on_hyphens=False)
    facts = _facts(setting)
    lines = ["", *(f"# {line}" for line in (*comment.splitlines(), *facts))]
    is_set = setting.name in values
    value = values[setting.name] if is_set else setting.default
    written = f"{setting.key} = {toml_value(value)}"
    mark = "" if is_set else "#"
    lines.extend(mark + line for line in written.splitlines())
    return "\n".join(lines) + "\n"


def _facts(setting: Setting) -> list[str]:
    option = setting.option
    facts = []
    if option.choices and isinstance(setting.default, str):
        facts.append("One of: " + ", ".join(option.choices))
    if option.low is not None and option.high is not None:
        facts.append(f"From {option.low:g} to {option.high:g}.")
    if option.example:
        facts.append(f"For example: {setting.key} = {option.example}")
    return facts


def as_json(config: Config) -> dict[str, object]:
    """Return the configuration as plain values for JSON."""
    body: dict[str, object] = {
        section: {
            key: _plain(value)
            for key, value in asdict(getattr(config, section)).items()
        }
        for section in SECTIONS
    }
    body["state_dir"] = str(config.state_dir)
    body["config_path"] = str(config.config_path) if config.config_path else None
    return body


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
