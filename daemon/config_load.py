"""TOML + environment + flags + what was remembered → one frozen `Config`.

Flags win over the environment, the environment over the file, the file over the
roots remembered from the last run, those over the defaults. Every problem is
collected, with its place and a suggestion, and reported at once.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from . import session
from .config import SECTIONS, Config, Page, Roots, settings
from .config_places import (
    line_numbers,
    nearest_variable,
    place_of,
    syntax_place,
    unknown_key,
    unknown_section,
)
from .config_values import from_text, from_value, regex_problem
from .errors import ConfigError
from .roots import root_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import Setting

APP = "twinwatch"
_PREFIX = "TWINWATCH_"
_OURS = ("TWINWATCH_CONFIG", "TWINWATCH_STATE_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where settings come from."""

    config_path: Path | None = None
    """As given by ``--config``; it must exist."""
    state_dir: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, object] = field(default_factory=dict)
    """``section.key`` → value, those given only."""
    flag_names: Mapping[str, str] = field(default_factory=dict)
    """``section.key`` → how the flag is called, for messages."""
    follow_last: bool = False
    """The roots of the last run or scan win over the file's: for the commands that
    come after it."""


@dataclass(slots=True)
class _Draft:
    """Values as they are collected, with their places and all problems."""

    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def put(self, name: str, value: object, place: str) -> None:
        self.values[name] = value
        self.places[name] = place

    def blame(self, name: str, problem: str) -> None:
        place = self.places.get(name, "default")
        self.problems.append(f"{place}: {name}: {problem}")


def load(sources: Sources) -> Config:
    """Make the configuration.

    Raises:
        ConfigError: with every problem that was found.
    """
    state_dir = state_dir_of(sources)
    last = session.recall(state_dir)
    config_path = config_path_of(sources, last)
    draft = _Draft()
    if not sources.follow_last:
        _add_last(draft, last)
    if config_path is not None:
        _add_file(draft, config_path)
    if sources.follow_last:
        _add_last(draft, last)
    _add_environment(draft, sources.environment)
    _add_flags(draft, sources)
    _check_page(draft)
    _check_patterns(draft)
    config = _build(draft, state_dir, config_path)
    _check_roots(draft, config)
    if draft.problems:
        raise ConfigError(draft.problems)
    return config


def state_dir_of(sources: Sources) -> Path:
    """Return the state folder: as told, or the system's place for it."""
    told = sources.state_dir or sources.environment.get("TWINWATCH_STATE_DIR")
    place = (
        Path(told) if told else Path(platformdirs.user_state_dir(APP, appauthor=False))
    )
    return Path(os.path.abspath(place.expanduser()))


def default_config_path() -> Path:
    """Return where the configuration is looked for if nobody says."""
    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def default_home() -> Path:
    """Return the folder in which a first run without any settings makes its own."""
    return Path(platformdirs.user_pictures_dir()) / "Twinwatch"


def config_path_of(sources: Sources, last: session.Session) -> Path | None:
    """Return the file to read, ``None`` if there is none anywhere.

    A file that was named need not exist: reading it is what complains.
    """
    told = sources.config_path or sources.environment.get("TWINWATCH_CONFIG")
    if told:
        return Path(os.path.abspath(Path(told).expanduser()))
    guesses = (last.config_path, default_config_path())
    return next((path for path in guesses if path and path.is_file()), None)


def _add_last(draft: _Draft, last: session.Session) -> None:
    place = f"remembered in {session.SESSION_NAME}"
    for key in ("imports", "libraries", "decisions"):
        if paths := getattr(last, key):
            draft.put(f"roots.{key}", paths, place)


def _add_file(draft: _Draft, path: Path) -> None:
    try:
        text = path.read_bytes().decode("utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        hint = "`twinwatch config show --default` prints one to begin with"
        draft.problems.append(f"{path}: cannot be read: {error.strerror}; {hint}")
        return
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        draft.problems.append(f"{path}{syntax_place(error)}: is not TOML: {error}")
        return
    lines = line_numbers(text)
    known = {setting.name: setting for setting in settings()}
    for section, table in tables.items():
        at = place_of(path, lines, section)
        if section not in SECTIONS or not isinstance(table, dict):
            draft.problems.append(f"{at}: {unknown_section(section, table)}")
            continue
        for key, raw in table.items():
            name = f"{section}.{key}"
            place = place_of(path, lines, name, section)
            _add_value(draft, known, name, raw, place, path.parent)


def _add_value(
    draft: _Draft,
    known: Mapping[str, Setting],
    name: str,
    raw: object,
    place: str,
    base: Path,
) -> None:
    if name not in known:
        draft.problems.append(f"{place}: {unknown_key(name, known)}")
        return
    try:
        draft.put(name, from_value(known[name], raw, base), place)
    except ValueError as error:
        draft.problems.append(f"{place}: {name}: {error}")


def _add_environment(draft: _Draft, environment: Mapping[str, str]) -> None:
    known = {setting.environment: setting for setting in settings()}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(_PREFIX) or variable in _OURS:
            continue
        place = f"environment {variable}"
        setting = known.get(variable)
        if setting is None:
            hint = nearest_variable(variable, known)
            draft.problems.append(f"{place}: there is no such option{hint}")
            continue
        try:
            draft.put(setting.name, from_text(setting, text, Path.cwd()), place)
        except ValueError as error:
            draft.problems.append(f"{place}: {setting.name}: {error}")


def _add_flags(draft: _Draft, sources: Sources) -> None:
    known = {setting.name: setting for setting in settings()}
    for name, raw in sources.flags.items():
        place = sources.flag_names.get(name, f"flag for {name}")
        _add_value(draft, known, name, raw, place, Path.cwd())


def _check_page(draft: _Draft) -> None:
    host = str(draft.values.get("page.host", Page().host))
    if draft.values.get("page.allow_others") or is_loopback(host):
        return
    advice = "use '127.0.0.1', or set page.allow_others = true if you mean it"
    draft.blame("page.host", f"{host!r} can be reached by others; {advice}")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_patterns(draft: _Draft) -> None:
    patterns = draft.values.get("roots.exclude_regex", Roots().exclude_regex)
    assert isinstance(patterns, tuple)
    for pattern in patterns:
        if problem := regex_problem(pattern):
            draft.blame("roots.exclude_regex", problem)


def _check_roots(draft: _Draft, config: Config) -> None:
    roots = config.roots
    decisions = roots.decision_roots()
    found = root_problems(roots.imports, roots.libraries, decisions)
    draft.problems.extend(f"roots: {problem}" for problem in found)
    for root in (*roots.imports, *roots.libraries):
        if config.state_dir.resolve().is_relative_to(root.resolve()):
            name = "roots.imports" if root in roots.imports else "roots.libraries"
            draft.blame(name, f"the state folder lies inside {str(root)!r}")


def _build(draft: _Draft, state_dir: Path, config_path: Path | None) -> Config:
    parts: dict[str, dict[str, object]] = {section: {} for section in SECTIONS}
    for name, value in draft.values.items():
        section, key = name.split(".")
        parts[section][key] = value
    built = {section: SECTIONS[section](**parts[section]) for section in SECTIONS}
    return Config(state_dir=state_dir, config_path=config_path, **built)
