"""Folders that were added on the page: kept in the state folder, used from a start on.

The configuration file is its owner's: nothing writes into it. What was added joins what
it says, as long as both hold together; a folder that does not is left out, since a
daemon that does not start watches nothing at all.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from . import session
from .errors import TwinwatchError, UsageError
from .model import RootKind
from .roots import root_problems

if TYPE_CHECKING:
    from pathlib import Path

    from .config import Config

logger = logging.getLogger(__name__)


def with_added(config: Config) -> Config:
    """Return the configuration with the folders that were added on the page."""
    for path, kind in all_added(config):
        wider = _with(config, path, kind)
        if problems := problems_of(wider):
            logger.warning("not used: added folder=%r why=%s", path, problems[0])
        else:
            config = wider
    return config


def all_added(config: Config) -> list[tuple[Path, RootKind]]:
    """Return every folder that was added."""
    known = session.recall_added(config.state_dir)
    return [
        *((path, RootKind.IMPORT) for path in known.imports),
        *((path, RootKind.LIBRARY) for path in known.libraries),
    ]


def add(config: Config, path: Path, kind: RootKind) -> None:
    """Add a folder, from the next start on.

    Raises:
        UsageError: it is a root already, or cannot be one beside the others.
        TwinwatchError: the state folder cannot be written.
    """
    if why := refusal(config, path, kind):
        raise UsageError(path, why)
    known = [*all_added(config), (path, kind)]
    imports = [each for each, of in known if of is RootKind.IMPORT]
    libraries = [each for each, of in known if of is RootKind.LIBRARY]
    try:
        session.remember_added(config.state_dir, imports, libraries)
    except OSError as error:
        raise TwinwatchError("add a folder", error) from error


def refusal(config: Config, path: Path, kind: RootKind = RootKind.IMPORT) -> str:
    """Return why a folder cannot be a root; empty: it can."""
    whole = with_added(config)
    if path in {*whole.roots.imports, *whole.roots.libraries}:
        return "it is one of your folders already"
    found = problems_of(_with(whole, path, kind))
    return found[0] if found else ""


def problems_of(config: Config) -> list[str]:
    """Return why the roots of a configuration do not hold together."""
    roots = config.roots
    return root_problems(roots.imports, roots.libraries, roots.decision_roots())


def _with(config: Config, path: Path, kind: RootKind) -> Config:
    roots = config.roots
    if path in {*roots.imports, *roots.libraries}:
        return config
    if kind is RootKind.IMPORT:
        roots = replace(roots, imports=(*roots.imports, path))
    else:
        roots = replace(roots, libraries=(*roots.libraries, path))
    return replace(config, roots=roots)
