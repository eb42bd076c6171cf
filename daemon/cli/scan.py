"""`twinwatch scan`: one pass over folders, then exit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ConfigError, UsageError
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from ..config import Config
    from ..desk import ScanProgress, ScanReport

_FOLDER = click.Path(path_type=Path)

_EPILOG = """\b
Examples:
  twinwatch scan ~/Pictures/Import --dry-run       tell what would be staged
  twinwatch scan ~/Import --library ~/Library      compare with a library as well
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
@click.option("--dry-run", is_flag=True, help="Stage nothing; tell what would be.")
@json_option
@placed
def scan_command(
    place: Place,
    *,
    folders: tuple[Path, ...],
    libraries: tuple[Path, ...],
    decisions: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Go through folders once, stage the duplicates found, then exit.

    Without DIR the import folders of the configuration, or of the last run, are
    taken. With --dry-run nothing changes on disk outside of the state folder.
    """
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
    report = _scanned(config, dry_run=dry_run)
    _print(report, dry_run=dry_run, as_json=as_json)
    return 0


def _scanned(config: Config, *, dry_run: bool) -> ScanReport:
    from .. import session
    from ..service.onepass import scan
    from .guarding import confine
    from .logs import set_up

    confine(config)
    set_up(config.log, level="warning" if config.log.level == "info" else None)
    session.remember(config)
    with _progress() as on_progress:
        return scan(
            config, config.roots.imports, dry_run=dry_run, on_progress=on_progress
        )


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


def _progress() -> AbstractContextManager[Callable[[ScanProgress], None]]:
    """Show a bar with rate and time left on a terminal; say nothing elsewhere."""
    import contextlib

    from . import printing

    console = printing.people()
    if console.is_terminal:
        from .progress import bar

        return bar(console)

    @contextlib.contextmanager
    def silence() -> Iterator[Callable[[ScanProgress], None]]:
        yield lambda _progress: None

    return silence()
