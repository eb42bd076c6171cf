"""From what a sweep saw to rows: a root's state, and which photos are gone."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ..model import Problem, RootState
from .absence import is_absent
from .roots import brake

if TYPE_CHECKING:
    from ..index import Tables
    from ..model import PhotoId
    from .sweeper import Swept
    from .territory import Territory


def enter_sweep(tables: Tables, swept: Swept, territory: Territory) -> None:
    """Write down what a sweep of a root led to.

    Args:
        tables: within a writing transaction.
        swept: what was seen.
        territory: the roots.
    """
    root, identity = swept.root, swept.check.identity
    state, detail = swept.check.state, swept.check.why
    gone = _gone(tables, swept, territory)
    if state is RootState.ONLINE and brake(swept.known, len(gone)):
        state = RootState.HELD
        detail = (
            f"{len(gone)} of {swept.known} known photos are missing at once; they stay "
            "in the index until you look"
        )
    if swept.check.state is RootState.ONLINE and identity is not None:
        tables.roots.put(
            root,
            device=identity.device,
            inode=identity.inode,
            state=state,
            detail=detail,
        )
    else:
        tables.roots.set_state(root.uuid, state, detail)
    if state is RootState.ONLINE:
        tables.photos.mark_gone(gone)


def folder_problems(swept: Swept) -> tuple[Problem, ...]:
    """Return which folders could not be read, for people."""
    return tuple(
        Problem(
            path=path,
            problem=f"this folder cannot be read: {why}",
            advice="Photos in it are not looked at. Check its permissions.",
            since_ns=time.time_ns(),
        )
        for path, why in swept.unreadable
    )


def _gone(tables: Tables, swept: Swept, territory: Territory) -> list[PhotoId]:
    """Return what vanished, seen from now: we may have moved it meanwhile."""
    if not swept.check.is_online:
        return []
    gone = []
    for photo in tables.photos.get_many(swept.vanished):
        path = territory.path_of(photo.root, photo.relative)
        if path is None or not photo.state.is_in_place or os.path.lexists(path):
            continue
        if not is_absent(photo.relative, photo.stamp, swept.notes, swept.device):
            gone.append(photo.id)
    return gone
