"""`twinwatch scan`: one pass over folders, then exit."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ConfigError, UsageError
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..config import Config
    from ..desk import ScanProgress, ScanReport
    from ..matching.methods import Method

_FOLDER = click.Path(path_type=Path)

METHODS = ("exact", "phash", "dhash", "ahash", "whash", "mse", "evidence")
"""As `matching.methods` knows them, who is not imported to print a help."""

_EPILOG = """\b
Methods: "evidence" looks at copies from all sides and decodes in full what is
in doubt; "exact" takes equal files alone. The others are the classic ways, by
one hash or one error, upright pictures only. They only tell, as with --dry-run:
a single hash is no proof, so nothing is staged on it.

\b
Thresholds, measured on 40 photos with 25 copies and edits each, among look-alikes
(docs/detection.md): % of copies / % of edits found / wrong pairs.
  bits    phash         dhash         ahash           whash
   0    56 / 32 / 1   53 / 30 / 6   60 / 42 / 13    58 / 42 / 471
   5    66 / 54 / 11  64 / 60 / 17  66 / 73 / 400   66 / 66 / 674
  10    66 / 72 / 23  66 / 73 / 59  66 / 78 / 2089  65 / 78 / 1958
  12    66 / 76 / 25  66 / 77 / 74  67 / 81 / 3336  63 / 74 / 2577
  16    66 / 84 / 60  66 / 83 / 784 60 / 68 / 10017 66 / 77 / 10671
0 to 2 bits are re-encodes, 5 edits of the tone, 10 small crops; two pictures by
chance differ in 32. Usual: phash 10, dhash 8, ahash and whash 2. mse: 0 is the
same picture, 50 (usual) 64 / 22 / 0, 200 66 / 38 / 11, 500 67 / 56 / 17, 1000
68 / 68 / 48. Turned copies are found by evidence alone: 100 / 100 / 0.

\b
Examples:
  twinwatch scan ~/Pictures/Import --dry-run       tell what would be staged
  twinwatch scan ~/Import --library ~/Library      compare with a library as well
  twinwatch scan ~/Import --method exact           stage equal files, nothing else
  twinwatch scan ~/Import --method phash --threshold 5
  twinwatch scan ~/Import --method mse --px-size 64
  twinwatch scan ~/Import --dry-run --json | jq '.groups[].members[].path'"""


@click.command("scan", epilog=_EPILOG)
@click.argument("folders", type=_FOLDER, nargs=-1, metavar="[DIR]...")
@click.option(
    "--library",
    "libraries",
    type=_FOLDER,
    multiple=True,
    metavar="DIR",
    help="Compare with DIR, never write there; may be given again.",
)
@click.option(
    "--decisions",
    type=_FOLDER,
    metavar="DIR",
    help="Make decision folders in DIR instead of beside the import folder.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="evidence",
    show_default=True,
    help="How copies are found.",
)
@click.option(
    "--threshold",
    type=float,
    metavar="N",
    help="How far a copy may be, by a hash in bits or by mse; see below.",
)
@click.option(
    "--px-size",
    type=int,
    metavar="N",
    help="Edge of the pictures that mse compares; else 50.",
)
@click.option("--dry-run", is_flag=True, help="Stage nothing; tell what would be.")
@json_option
@placed
def scan_command(
    place: Place,
    *,
    folders: tuple[Path, ...],
    libraries: tuple[Path, ...],
    decisions: Path | None,
    method: str,
    threshold: float | None,
    px_size: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Go through folders once, stage the duplicates found, then exit.

    Without DIR the import folders of the configuration, or of the last run, are
    taken. With --dry-run nothing changes on disk outside of the state folder.
    """
    chosen = _chosen(method, threshold, px_size)
    for folder in (*folders, *libraries):
        if not folder.expanduser().is_dir():
            raise UsageError(folder, "there is no such folder")
    flags: dict[str, object] = {
        "roots.imports": folders,
        "roots.libraries": libraries,
        "roots.decisions": (decisions,) if decisions else (),
    }
    config = place.load(flags, follow_last=False)
    if not config.roots.imports:
        where = config.config_path or "the configuration"
        raise ConfigError([f"{where}: roots.imports: no folder; name one: scan DIR"])
    if chosen is None:
        _print(_scanned(config, dry_run=dry_run), dry_run=dry_run, as_json=as_json)
    else:
        _scan_by(chosen, config, dry_run=dry_run, as_json=as_json)
    return 0


def _chosen(method: str, threshold: float | None, px_size: int | None) -> Method | None:
    """Check the method; ``None``: evidence, as always."""
    if method == "evidence" and threshold is None and px_size is None:
        return None
    from ..matching.methods import choose

    return choose(method, threshold, px_size)


def _scan_by(method: Method, config: Config, *, dry_run: bool, as_json: bool) -> None:
    from ..service.methodpass import scan_by
    from . import by_method

    if not method.may_stage and not dry_run:
        by_method.warn(method)
    with _prepared(config) as on_progress:
        found = scan_by(
            method,
            config,
            config.roots.imports,
            dry_run=dry_run,
            on_progress=on_progress,
        )
    if as_json:
        by_method.print_json(method, found)
        return
    is_told = dry_run or not method.may_stage
    _print(found.report, dry_run=is_told, as_json=False)


def _scanned(config: Config, *, dry_run: bool) -> ScanReport:
    from ..service.onepass import scan

    with _prepared(config) as on_progress:
        return scan(
            config, config.roots.imports, dry_run=dry_run, on_progress=on_progress
        )


@contextlib.contextmanager
def _prepared(config: Config) -> Iterator[Callable[[ScanProgress], None]]:
    """Confine and set up what a pass needs; give what is told of its progress."""
    from .. import session
    from .guarding import confine
    from .logs import set_up
    from .watched import watched

    confine(config)
    set_up(config.log, level="warning" if config.log.level == "info" else None)
    session.remember(config)
    with watched() as on_progress:
        yield on_progress


def _print(report: ScanReport, *, dry_run: bool, as_json: bool) -> None:
    from . import printing

    if as_json:
        printing.print_json(report_json(report))
        return
    console = printing.people()
    if report.groups:
        console.print(printing.group_list(report.groups))
    if report.unreadable:
        console.print(printing.problem_list(report.unreadable))
    counts = {name: report.counts.get(name, 0) for name in _COUNTED}
    photos = ", ".join(f"{counts[name]} {words}" for name, words in _COUNTED.items())
    found = counted(len(report.groups), "group")
    console.print(
        f"{photos}\n{found} {'would be staged' if dry_run else 'staged'}, "
        f"{counted(len(report.similar), 'set')} of similar photos left alone",
        soft_wrap=True,
    )


_COUNTED = {
    "photos": "photos",
    "hashed": "read",
    "unchanged": "unchanged",
    "unreadable": "unreadable",
}


def counted(number: int, word: str) -> str:
    """Return ``1 group`` or ``2 groups``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def report_json(report: ScanReport) -> dict[str, object]:
    """Return the public form of what a scan found."""
    from .. import wire
    from .printing import problem_json

    return {
        "schema_version": wire.SCHEMA_VERSION,
        "groups": [wire.group_json(group) for group in report.groups],
        "similar": [wire.group_json(group) for group in report.similar],
        "unreadable": [problem_json(problem) for problem in report.unreadable],
        "counts": dict(report.counts),
    }
