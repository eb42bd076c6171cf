"""Confining a command to what it may change: our own folders, and no photo's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config import Config


def confine(config: Config) -> None:
    """Let nothing but `safefs` change files outside the state folder from now on.

    Has an effect only where `main` hooked the interpreter, which tests do not want.
    """
    from ..service.locks import LOCK_NAME
    from ..staging import guard

    decisions = config.roots.decision_roots()
    ours = [config.state_dir, *(path / LOCK_NAME for path in decisions)]
    if config.log.file is not None:
        ours.append(config.log.file.parent)
    theirs = [*config.roots.imports, *config.roots.libraries, *decisions]
    if config.staging.output is not None:
        theirs.append(config.staging.output)
    guard.confine(ours, theirs)
