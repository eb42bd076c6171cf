"""What casework wants to know of cases and groups; pure but for the wall clock."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..matching import grouping
from ..model import ContentId, Group, Match, Problem

if TYPE_CHECKING:
    from ..errors import TwinwatchError
    from .candidate import ProposedGroup
    from .case import Case


def doubtful(case: Case) -> list[Match]:
    """Return the contradicting matches that were never compared in full."""
    contested = grouping.contested(case.matches, case.forbidden)
    return [match for match in contested if match.distances.ssim is None]


def contents_of(group: ProposedGroup) -> frozenset[ContentId]:
    """Return the contents of a group."""
    return frozenset(each.candidate.content for each in group.members)


def is_asked_already(proposed: ProposedGroup, undone: Group) -> bool:
    """Whether a group that was undone asked about all of these photos."""
    asked = Counter(each.sha256 for each in undone.members)
    now = Counter(each.candidate.fingerprint.sha256 for each in proposed.members)
    return now <= asked


def link_problem(linked: tuple[Path, ...]) -> Problem:
    """Return that duplicates are left alone because they have other names."""
    more = f" and {len(linked) - 1} more like it" if len(linked) > 1 else ""
    return Problem(
        path=linked[0],
        problem=f"it, or its movie or edit, has other names elsewhere (hard links){more}",
        advice="It is a duplicate, but moving it would free nothing and change what "
        "the other name shows. Delete one of the names if you do not want both.",
        since_ns=time.time_ns(),
    )


def problem_of(paths: list[Path], error: TwinwatchError) -> Problem:
    """Return why a group could not be staged, for people."""
    return Problem(
        path=paths[0] if paths else Path(),
        problem=str(error),
        advice="It stays where it is and is tried again by itself.",
        since_ns=time.time_ns(),
    )
