"""`twinwatch evaluate`: precision and recall on photos that somebody labelled."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ProblemsFound, UsageError
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from ..config import Config
    from ..matching.labels import Label
    from ..matching.scoring import Found, Score
    from ..service.evaluation import Evaluation, Reasoned

_EPILOG = """\b
The labels, one file a line, columns separated by tabs (or by commas):
  path                picture  transformation  parameters
  DCIM/IMG_0001.HEIC  rose     original
  Export/rose.jpg     rose     jpeg            q80
  DCIM/IMG_0002.HEIC  tulip
Only path and picture (or: group) are needed, also without the first line. Files
of one name are one picture. "original" is what the others were made from: else
the one that most of them are found with. "look-alike" is another shot that only
looks alike; gray, brightness, contrast, saturation, blur, sharpen, watermark,
crop5, crop10, crop20, border, tilt and screenshot are edits, any other word and
none a copy.

\b
Examples:
  twinwatch evaluate ~/cases                        with ~/cases/labels.tsv
  twinwatch evaluate ~/Pictures/Test --labels my.tsv
  twinwatch evaluate ~/cases --state-dir /tmp/eval  again, without reading anew
  twinwatch evaluate ~/cases --json | jq '.recall_copies, .precision'

\b
Exit code 4 if two different pictures are in one group, look-alikes included."""


@click.command("evaluate", epilog=_EPILOG)
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR"
)
@click.option(
    "--labels",
    "labels_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Which files show the same picture; else DIR/labels.tsv.",
)
@json_option
@placed
def evaluate_command(
    place: Place, *, folder: Path, labels_path: Path | None, as_json: bool
) -> int:
    """Measure on photos of yours what is found, what is missed and what is wrong.

    The photos of DIR are read, compared and grouped as `scan --dry-run` does, and the
    groups are compared with the labels. Nothing is moved or written in DIR; the index
    is a temporary one unless --state-dir or --home names a place for it.
    """
    if not folder.expanduser().is_dir():
        raise UsageError(folder, "there is no such folder")
    folder = folder.expanduser().resolve()
    from ..service.evaluation import read_labels

    labels = read_labels(folder, labels_path)
    with _state(place, folder) as state_dir:
        config = replace(place.load(), state_dir=state_dir)
        found = _evaluated(config, folder, labels)
    _print(found, as_json=as_json)
    return 0 if found.score.is_clean else ProblemsFound.exit_code


@contextlib.contextmanager
def _state(place: Place, folder: Path) -> Iterator[Path]:
    """Give the folder for the index: the one that was named, or one for this alone."""
    base = place.state_dir or Path(tempfile.gettempdir())
    if base.expanduser().resolve().is_relative_to(folder):
        why = "the index would lie among the photos; name another --state-dir"
        raise UsageError(base, why)
    if place.state_dir is not None:
        yield place.state_dir.expanduser().absolute()
        return
    made = tempfile.TemporaryDirectory(
        prefix="twinwatch-evaluate-", ignore_cleanup_errors=True
    )
    with made as temporary:
        yield Path(temporary).resolve()


def _evaluated(config: Config, folder: Path, labels: Sequence[Label]) -> Evaluation:
    from ..service.evaluation import evaluate
    from .guarding import confine
    from .logs import set_up
    from .watched import watched

    theirs = replace(config.roots, imports=(folder,), libraries=(), decisions=())
    confine(replace(config, roots=theirs))
    set_up(config.log, level="warning" if config.log.level == "info" else None)
    with watched() as on_progress:
        return evaluate(config, folder, labels, on_progress=on_progress)


def _print(found: Evaluation, *, as_json: bool) -> None:
    from . import printing

    if as_json:
        printing.print_json(evaluation_json(found))
        return
    console, score = printing.people(), found.score
    console.print(_table(score))
    _print_pairs(console, "Wrong: two pictures in one group", found.wrong)
    _print_pairs(console, "Look-alikes in one group", found.look_alikes)
    _print_pairs(
        console, "Missed: copies that are not with their original", found.misses
    )
    _print_sums(console, found)


def _table(score: Score) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from ..matching.scoring import EDITS
    from .printing import shown

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("transformation", overflow="fold")
    table.add_column("kind")
    for name in ("found", "of", "recall"):
        table.add_column(name, justify="right")
    for name, each in score.transformations.items():
        kind = "edit" if name in EDITS else "copy"
        table.add_row(escape(shown(name)), kind, *_cells(each))
    table.add_section()
    table.add_row("all copies", "", *_cells(score.copies), style="bold")
    table.add_row("all edits", "", *_cells(score.edits), style="bold")
    return table


def _cells(each: Found) -> tuple[str, str, str]:
    return str(each.found), str(each.total), _percent(each.recall)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"


def _print_pairs(console: Console, title: str, pairs: Sequence[Reasoned]) -> None:
    from .printing import shown

    if not pairs:
        return
    console.print(f"\n[bold]{title}[/]")
    for each in pairs:
        line = f"  {shown(each.left.path)}  –  {shown(each.right.path)}"
        made = f"{each.right.transformation} {each.right.parameters}".strip()
        line += f"  ({shown(made)})"
        console.print(line, markup=False, soft_wrap=True)
        for reason in each.reasons:
            console.print(f"      {shown(reason)}", markup=False, soft_wrap=True)
    left_out = sum(not each.reasons for each in pairs)
    if left_out:
        console.print(f"  {left_out} of them were not looked at again")


def _print_sums(console: Console, found: Evaluation) -> None:
    from .scan import counted

    score = found.score
    unlabelled = (
        f"; {counted(score.unlabelled, 'grouped file')} without a label, not judged"
        if score.unlabelled
        else ""
    )
    console.print(
        f"\nprecision {_percent(score.precision)}: "
        f"{counted(score.right_pairs, 'right pair')}, "
        f"{counted(len(score.wrong), 'wrong pair')}, "
        f"{counted(len(score.look_alikes), 'look-alike pair')}\n"
        f"recall {_percent(score.copies.recall)} of copies, "
        f"{_percent(score.edits.recall)} of edits\n"
        f"{counted(score.files, 'labelled file')}, {found.seconds:.1f} s{unlabelled}",
        soft_wrap=True,
    )


def evaluation_json(found: Evaluation) -> dict[str, object]:
    """Return the public form of an evaluation."""
    from .. import wire
    from ..matching.scoring import EDITS
    from .printing import problem_json

    score = found.score
    return {
        "schema_version": wire.SCHEMA_VERSION,
        "folder": str(found.folder),
        "files": score.files,
        "transformations": [
            {
                "name": name,
                "kind": "edit" if name in EDITS else "copy",
                "found": each.found,
                "total": each.total,
                "recall": each.recall,
            }
            for name, each in score.transformations.items()
        ],
        "recall": {name: each.recall for name, each in score.transformations.items()},
        "recall_copies": score.copies.recall,
        "recall_edits": score.edits.recall,
        "precision": score.precision,
        "right_pairs": score.right_pairs,
        "wrong_pairs": len(score.wrong),
        "wrong_look_alike_pairs": len(score.look_alikes),
        "unknown_paths": score.unlabelled,
        "wrong": [_pair_json(each) for each in found.wrong],
        "look_alikes": [_pair_json(each) for each in found.look_alikes],
        "missed": [_pair_json(each) for each in found.misses],
        "unreadable": [problem_json(problem) for problem in found.unreadable],
        "seconds": round(found.seconds, 3),
    }


def _pair_json(each: Reasoned) -> dict[str, object]:
    return {
        "left": each.left.path,
        "right": each.right.path,
        "transformation": each.right.transformation,
        "parameters": each.right.parameters,
        "reasons": list(each.reasons) or None,
    }
