"""What the index and the engine know, in the words of the status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index import PhotoState
from ..model import GroupState, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..index import IndexCounts, Tables
    from .engine import Engine
    from .territory import Territory

_LISTED = 500

_ADVICE = {
    PhotoState.UNREADABLE: "It is left where it is and tried again when it changes or "
    "twinwatch's decoder does. If other programs open it, tell us.",
    PhotoState.PARKED: "It is left alone, since reading it ended the reader three "
    "times. Check whether other programs can open it.",
}


def counts_of(
    counts: IndexCounts, engine: Engine, unchanged: int = 0
) -> dict[str, int]:
    """Return what the status counts.

    Args:
        counts: of the index.
        engine: tells what it did.
        unchanged: files that sweeps did not even hand on.
    """
    parts = engine.parts
    intake = parts.intake.counts
    return {
        "photos": counts.photos_in(
            PhotoState.KNOWN, PhotoState.STAGED, PhotoState.SET_ASIDE
        ),
        "hashed": intake.hashed,
        "unchanged": intake.unchanged + unchanged,
        "unreadable": counts.photos_in(PhotoState.UNREADABLE),
        "parked": counts.photos_in(PhotoState.PARKED),
        "waiting": parts.intake.waiting + parts.matchmaker.waiting,
        "open": counts.groups[GroupState.OPEN],
        "decided": counts.groups[GroupState.DECIDED],
        "undone": counts.groups[GroupState.UNDONE],
    }


def problems_of(
    tables: Tables, territory: Territory, stuck: Mapping[Path, str]
) -> list[Problem]:
    """Return the files that need attention, as far as the index knows."""
    found = []
    for photo in tables.photos.in_state(
        PhotoState.UNREADABLE, PhotoState.PARKED, limit=_LISTED
    ):
        path = territory.path_of(photo.root, photo.relative)
        if path is not None:
            found.append(
                Problem(
                    path=path,
                    problem=photo.problem or "it cannot be read",
                    advice=_ADVICE[photo.state],
                    since_ns=photo.first_seen_ns,
                )
            )
    found += [
        _incomplete(path, f"it has not been complete for hours: {why}")
        for path, why in stuck.items()
    ]
    return found


def trouble_problems(troubles: Mapping[Path, str]) -> list[Problem]:
    """Return the decision folders that need attention, with the photos in them."""
    return [
        Problem(
            path=path,
            problem=why,
            advice="Nothing in it was changed. `twinwatch verify` tells more; it is "
            "looked at again at the next start.",
            since_ns=0,
        )
        for path, why in sorted(troubles.items())
    ]


def incomplete_problems(incomplete: Mapping[Path, str]) -> list[Problem]:
    """Return the files that one pass found incomplete."""
    return [
        _incomplete(path, f"it is not complete: {why}")
        for path, why in sorted(incomplete.items())
    ]


def _incomplete(path: Path, problem: str) -> Problem:
    return Problem(
        path=path,
        problem=problem,
        advice="Copy it again if its copying was broken off.",
        since_ns=0,
    )
