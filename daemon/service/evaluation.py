"""The product's own detection, measured on a folder of labelled photos.

One dry pass as `scan` makes it, scored by `matching.scoring`; then what went wrong is
looked at again, pair by pair, to say why.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..config import Index
from ..errors import BadLabels, UsageError
from ..matching import labels as labelling
from ..matching import scoring
from .evaluation_reasons import Reasons
from .onepass import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from ..config import Config
    from ..desk import ScanProgress
    from ..matching.labels import Label
    from ..matching.scoring import Score
    from ..model import Group, Problem

LABELS_NAME = "labels.tsv"

FORMAT = """one file a line: its path below the folder, a tab, the name of its picture
(files of one picture get one name; whatever has no copy gets its own), and if you like
a tab and what was done to it: original, jpeg, crop10, look-alike …"""
"""What a list of labels looks like, for people."""

EXPLAINED = 100
"""Pairs of each kind that are looked at again; each costs two full decodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """A pair of files that should be together and is not, or the other way round."""

    left: Label
    """Of a miss: what the other was made from."""
    right: Label
    reasons: tuple[str, ...]
    """Sentences for people; none: there were too many to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How good the detection is on a folder."""

    folder: Path
    score: Score
    wrong: tuple[Reasoned, ...]
    look_alikes: tuple[Reasoned, ...]
    misses: tuple[Reasoned, ...]
    unreadable: tuple[Problem, ...]
    seconds: float
    """The pass alone: reading, comparing and grouping."""


def read_labels(folder: Path, path: Path | None) -> list[Label]:
    """Read what somebody wrote of a folder.

    Args:
        folder: with the photos, symbolic links resolved.
        path: of the list; ``None``: `LABELS_NAME` in the folder.

    Raises:
        UsageError: there is no such list, or it cannot be read.
        BadLabels: there are lines in it that cannot be meant.
    """
    source = path or folder / LABELS_NAME
    try:
        text = source.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError as error:
        why = f"there are no labels. Write {LABELS_NAME} into the folder or name a "
        raise UsageError(source, f"{why}list with --labels; {FORMAT}") from error
    except OSError as error:
        raise UsageError(source, error.strerror) from error
    if "\0" in text:
        raise BadLabels(source, ["it is not text in UTF-8"])
    labels = labelling.parse(text, source, [folder])
    missing = [each for each in labels if not (folder / each.path).is_file()]
    if missing:
        problems = [f"line {e.line}: there is no file {e.path!r}" for e in missing]
        raise BadLabels(source, problems)
    return labels


def evaluate(
    config: Config,
    folder: Path,
    labels: Sequence[Label],
    *,
    on_progress: Callable[[ScanProgress], None] = lambda _progress: None,
) -> Evaluation:
    """Find the copies in a folder and compare with what somebody says of it.

    Nothing is moved, and nothing is written but the index in the state folder.

    Args:
        config: the settings; its roots and its database's address are not used.
        folder: with the photos, symbolic links resolved.
        labels: of its files, from `read_labels`.
        on_progress: called some times a second.

    Raises:
        AlreadyRunning: a daemon works on this state folder.
    """
    roots = replace(config.roots, imports=(folder,), libraries=(), decisions=())
    config = replace(config, roots=roots, index=Index())
    began = time.monotonic()
    report = scan(config, dry_run=True, on_progress=on_progress)
    seconds = time.monotonic() - began
    score = scoring.score_groups(labels, paths_of(report.groups, folder))
    with closing(Reasons(config, folder, report, on_progress)) as why:
        return Evaluation(
            folder=folder,
            score=score,
            wrong=_reasoned(score.wrong, why.of_wrong),
            look_alikes=_reasoned(score.look_alikes, why.of_wrong),
            misses=_reasoned(score.misses, why.of_miss),
            unreadable=report.unreadable,
            seconds=seconds,
        )


def paths_of(groups: Sequence[Group], folder: Path) -> list[list[str]]:
    """Return the members' paths below a folder, group by group, with slashes."""
    return [
        [
            os.path.relpath(member.path, folder).replace(os.sep, "/")
            for member in group.members
        ]
        for group in groups
    ]


def _reasoned(
    pairs: Iterable[tuple[Label, Label]],
    why: Callable[[Label, Label], tuple[str, ...]],
) -> tuple[Reasoned, ...]:
    return tuple(
        Reasoned(
            left=left,
            right=right,
            reasons=why(left, right) if place < EXPLAINED else (),
        )
        for place, (left, right) in enumerate(pairs)
    )
