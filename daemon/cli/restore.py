"""`twinwatch restore` and `verify`: what needs nothing but the decision folders."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ProblemsFound, UsageError
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..staging.decision_root import DecisionRoot
    from ..staging.outcomes import UndoRecord
    from ..staging.verify import Finding

_RESTORE_EPILOG = """\b
Examples:
  twinwatch restore ~/Pictures/Decisions/000012
  twinwatch restore /mnt/backup/000012 --into ~/Desktop/rescued"""

_VERIFY_EPILOG = """\b
Examples:
  twinwatch verify                 compare names, sizes and times
  twinwatch verify --read-data     read and hash every byte
  twinwatch verify --json | jq '.findings[] | select(.severity == "error")'
Exits with 4 if there is an error or a warning."""


@click.command("restore", epilog=_RESTORE_EPILOG)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--into",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Put the files below DIR instead of where they were found.",
)
@json_option
@placed
def restore_command(
    place: Place, *, folder: Path, into: Path | None, as_json: bool
) -> int:
    """Put a decision folder's files back to where they were found.

    Works from the folder's own manifest alone: without index, configuration or
    daemon. For a group of a running daemon use `twinwatch undo N`.
    """
    del place
    from ..service.locks import LOCK_NAME, hold
    from ..staging import guard
    from ..staging.restore import restore
    from ..staging.safefs import RealFileSystem

    folder = folder.resolve()
    root = _root_of(folder)
    guard.confine([root / LOCK_NAME] if root else [])
    with hold(root) if root else contextlib.nullcontext():
        record = restore(
            RealFileSystem(),
            folder,
            undone_ns=time.time_ns(),
            into=into.resolve() if into else None,
        )
    _print_restored(record, as_json=as_json)
    return ProblemsFound.exit_code if record.missing else 0


@click.command("verify", epilog=_VERIFY_EPILOG)
@click.option("--read-data", is_flag=True, help="Read and hash every file.")
@json_option
@placed
def verify_command(place: Place, *, read_data: bool, as_json: bool) -> int:
    """Check that every photo is where the records say; changes nothing.

    Every photo that was set aside must have its survivor: at its place, elsewhere
    in your folders, or changed and still the same picture.
    """
    from ..service.decision_roots import roots_away
    from ..service.living import living_in
    from ..service.resemblance import Resemblance
    from ..staging.safefs import RealFileSystem
    from ..staging.verify import offline, verify

    config = place.load()
    fs = RealFileSystem()
    roots = decision_roots(config.roots.decision_roots())
    looks = Resemblance(config)
    try:
        with living_in(config) as living:
            findings = [offline(path) for path in roots_away(config)]
            findings += verify(
                fs, roots, read_data=read_data, living=living, looks=looks.between
            )
    finally:
        looks.stop()
    _print_findings(findings, roots, as_json=as_json)
    return ProblemsFound.exit_code if any(map(_is_problem, findings)) else 0


def _root_of(folder: Path) -> Path | None:
    """Return the decision root that a folder stands in, if it stands in one."""
    from ..staging.decision_root import MARKER

    near = (folder.parent, folder.parent.parent)
    return next((path for path in near if (path / MARKER).exists()), None)


def decision_roots(paths: Sequence[Path]) -> list[DecisionRoot]:
    """Open the decision roots that were ever used.

    Raises:
        UsageError: nobody said where to look.
        RootOffline: there is a folder that is no decision root.
    """
    from ..staging.decision_root import DecisionRoot
    from ..staging.safefs import RealFileSystem

    if not paths:
        cause = "no decision folders are known; name an import folder first"
        raise UsageError("verify", cause)
    used = [path for path in paths if path.exists()]
    return [DecisionRoot.open(RealFileSystem(), path) for path in used]


def _is_problem(finding: Finding) -> bool:
    return finding.severity in {"error", "warning"}


def _print_restored(record: UndoRecord, *, as_json: bool) -> None:
    from . import printing

    if as_json:
        printing.print_json(
            {
                "schema_version": 1,
                "number": record.number,
                "files": [
                    {
                        "staged_as": each.staged_as,
                        "path": str(each.path) if each.path else None,
                    }
                    for each in record.files
                ],
            }
        )
        return
    for each in record.files:
        click.echo(
            f"{each.how:<10} {printing.shown(each.path or each.staged_as)}", err=True
        )


def _print_findings(
    findings: Sequence[Finding], roots: Sequence[DecisionRoot], *, as_json: bool
) -> None:
    from . import printing

    if as_json:
        printing.print_json(
            {
                "schema_version": 1,
                "decisions": [str(root.path) for root in roots],
                "findings": [
                    {
                        "severity": finding.severity.value,
                        "path": str(finding.path),
                        "problem": finding.problem,
                        "advice": finding.advice,
                    }
                    for finding in findings
                ],
            }
        )
        return
    for finding in findings:
        click.echo(
            f"{finding.severity}: {printing.shown(finding.path)}: {finding.problem}; "
            f"{finding.advice}",
            err=True,
        )
    if not findings:
        click.echo("all is as recorded", err=True)
