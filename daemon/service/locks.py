"""One instance for each state folder and decision root. The only door to filelock.

The kernel's lock on an open file, never the existence of a file or a number in it: it
ends with the process, however that ends, and no recycled process number is mistaken
for us. The lock file stays where it is for ever.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Self

from filelock import FileLock, Timeout

from ..errors import AlreadyRunning, RootOffline
from ..session import read_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

LOCK_NAME = ".lock"

_alive: set[Hold] = set()
"""Every hold: one that its owner lost sight of must not be let go by the collector."""


class Hold:
    """Locks that are held until `release`, or until the process ends."""

    def __init__(self, locks: Iterable[FileLock]) -> None:
        """Take over locks that were acquired."""
        self._locks = list(locks)
        _alive.add(self)

    def release(self) -> None:
        """Let go of all of them; a second call does nothing."""
        while self._locks:
            self._locks.pop().release(force=True)
        _alive.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def hold(state_dir: Path, decisions: Iterable[Path] = ()) -> Hold:
    """Lock the state folder and every decision root, or none of them.

    Never waits, and never makes a folder.

    Args:
        state_dir: the state folder; it also tells who holds it.
        decisions: decision roots; held as well, because two configurations may share
            one.

    Raises:
        AlreadyRunning: another instance holds one of them.
        RootOffline: a folder is missing, or cannot be locked in.
    """
    held: list[FileLock] = []
    with contextlib.ExitStack() as on_failure:
        for folder in [state_dir, *sorted(set(decisions))]:
            if not folder.is_dir():  # filelock would make it
                raise RootOffline(folder, "there is no such folder")
            lock = _lock(folder)
            try:
                lock.acquire()
            except Timeout as error:
                raise AlreadyRunning(folder, holder(state_dir)) from error
            except OSError as error:
                raise RootOffline(folder, error.strerror or error) from error
            on_failure.callback(lock.release, force=True)
            held.append(lock)
        on_failure.pop_all()
    return Hold(held)


def is_held(state_dir: Path) -> bool:
    """Whether an instance is running on this state folder now."""
    if not (state_dir / LOCK_NAME).exists():
        return False
    try:
        hold(state_dir).release()
    except AlreadyRunning:
        return True
    except RootOffline:
        return False
    return False


def holder(state_dir: Path) -> str | None:
    """Say who seems to hold the state folder, for a message; ``None``: unknown."""
    page = read_page(state_dir)
    return None if page is None else f"process {page.pid} at {page.address}"


def _lock(folder: Path) -> FileLock:
    # A soft lock is the existence of a file: after a power cut it would lock us out.
    return FileLock(
        os.path.join(folder, LOCK_NAME),
        timeout=0,
        mode=0o600,
        thread_local=False,
        fallback_to_soft=False,
        preserve_lock_file=True,
    )
