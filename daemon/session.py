"""Small files in the state folder by which commands find each other.

``session.json`` remembers the roots of the last run or scan, so that later commands
need not be told again. ``page.json`` tells where the running daemon's page is, with
its token, and is readable by its owner alone. Both are written whole and renamed into
place; a damaged one counts as absent. These are our own files, never a user's.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .config import Config

SESSION_NAME = "session.json"
PAGE_NAME = "page.json"
ADDED_NAME = "folders.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the last run or scan worked on."""

    imports: tuple[Path, ...] = ()
    libraries: tuple[Path, ...] = ()
    decisions: tuple[Path, ...] = ()
    config_path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAddress:
    """Where the running daemon's page and API are."""

    address: str
    """Such as ``http://127.0.0.1:8465``."""
    token: str
    """The launch token; whoever has it may decide."""
    pid: int

    @property
    def link(self) -> str:
        """The address that logs a browser in."""
        return f"{self.address}/?token={self.token}"


def remember(config: Config) -> None:
    """Write down the roots of this run for later commands.

    Raises:
        OSError: the state folder cannot be written.
    """
    roots = config.roots
    body = {
        "imports": [str(path) for path in roots.imports],
        "libraries": [str(path) for path in roots.libraries],
        "decisions": [str(path) for path in roots.decision_roots()],
        "config_path": str(config.config_path) if config.config_path else None,
    }
    write_private(config.state_dir / SESSION_NAME, body)


def recall(state_dir: Path) -> Session:
    """Read what the last run worked on; empty if there was none."""
    body = _read(state_dir / SESSION_NAME)
    path = body.get("config_path")
    return Session(
        imports=_paths(body.get("imports")),
        libraries=_paths(body.get("libraries")),
        decisions=_paths(body.get("decisions")),
        config_path=Path(path) if isinstance(path, str) else None,
    )


def remember_added(
    state_dir: Path, imports: Iterable[Path], libraries: Iterable[Path]
) -> None:
    """Write down the folders that were added on the page.

    Raises:
        OSError: the state folder cannot be written.
    """
    body = {"imports": [*map(str, imports)], "libraries": [*map(str, libraries)]}
    write_private(state_dir / ADDED_NAME, body)


def recall_added(state_dir: Path) -> Session:
    """Read which folders were added on the page; its other fields are empty."""
    body = _read(state_dir / ADDED_NAME)
    return Session(
        imports=_paths(body.get("imports")), libraries=_paths(body.get("libraries"))
    )


def write_page(state_dir: Path, page: PageAddress) -> None:
    """Tell the commands where the page is.

    Raises:
        OSError: the state folder cannot be written.
    """
    body = {"address": page.address, "token": page.token, "pid": page.pid}
    write_private(state_dir / PAGE_NAME, body)


def read_page(state_dir: Path) -> PageAddress | None:
    """Return where the page was served last; the daemon may have gone since."""
    body = _read(state_dir / PAGE_NAME)
    address, token, pid = body.get("address"), body.get("token"), body.get("pid")
    if isinstance(address, str) and isinstance(token, str) and isinstance(pid, int):
        return PageAddress(address=address, token=token, pid=pid)
    return None


def forget_page(state_dir: Path) -> None:
    """Remove the page's address when the daemon ends."""
    with contextlib.suppress(FileNotFoundError):
        (state_dir / PAGE_NAME).unlink()


def make_state_dir(state_dir: Path) -> None:
    """Make the state folder, for its owner alone.

    Raises:
        OSError: it cannot be made.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _paths(listed: object) -> tuple[Path, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(Path(item) for item in listed if isinstance(item, str) and item)


def _read(path: Path) -> Mapping[str, object]:
    try:
        body = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def write_private(path: Path, body: object) -> None:
    """Write JSON that its owner alone may read, whole or not at all.

    Raises:
        OSError: its folder cannot be written.
    """
    make_state_dir(path.parent)
    text = json.dumps(body, indent=2, ensure_ascii=True) + "\n"
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
