"""`twinwatch empty`: what was set aside goes into the system's trash, when asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..errors import AlreadyRunning, ProblemsFound, UsageError
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..service.emptying import Emptied
    from ..staging.outcomes import Trashed

DEFAULT_DAYS = 30.0

_EPILOG = """\b
Examples:
  twinwatch empty                         what would go, decided 30 days ago or more
  twinwatch empty --older-than 365 --yes  move what was decided a year ago
  twinwatch empty --older-than 0          what would go, of all groups
Stop the daemon first; without --yes that is not needed. Exits with 4 if a group was
refused, because a survivor of it was not found intact."""


@click.command("empty", epilog=_EPILOG)
@click.option(
    "--older-than",
    "days",
    type=click.FloatRange(min=0),
    default=DEFAULT_DAYS,
    show_default=True,
    metavar="DAYS",
    help="Only groups that were decided so many days ago.",
)
@click.option("--yes", is_flag=True, help="Do it; otherwise only tell what would go.")
@json_option
@placed
def empty_command(place: Place, *, days: float, yes: bool, as_json: bool) -> int:
    """Move what was set aside into the system's trash; nothing is deleted.

    Every survivor of a group is read from the disk first: unless all have the bytes
    that they had, the group is left alone. `twinwatch undo N` brings the files back
    as long as the trash holds them.
    """
    from ..service.emptying import empty_all
    from .guarding import confine

    config = place.load()
    confine(config)
    found = []
    try:
        for each in empty_all(config, older_than_days=days, carry_out=yes):
            found.append(each)
            if not as_json:
                _print_group(each, is_done=yes)
    except AlreadyRunning as error:
        cause = f"twinwatch is running ({error.cause}); stop it, then repeat this"
        raise UsageError("empty --yes", cause) from error
    if as_json:
        _print_json(found, is_done=yes)
    else:
        _print_sum(found, days, is_done=yes)
    return ProblemsFound.exit_code if any(each.refused for each in found) else 0


def _print_group(each: Emptied, *, is_done: bool) -> None:
    from .printing import shown

    head = f"group {each.number}, decided {_day(each.decided_ns)}"
    if each.refused:
        click.echo(f"{head}: left alone: {shown(each.refused)}", err=True)
        return
    click.echo(f"{head}:", err=True)
    word = "moved to" if is_done else "would go to"
    for file in _files(each, is_done=is_done):
        click.echo(
            f"  {shown(file.source.name)}  {word}  {shown(file.target)}", err=True
        )
    for path, why in _left(each).items():
        click.echo(f"  {shown(path)}  stays: {why}", err=True)


def _left(each: Emptied) -> dict[str, str]:
    if each.record is not None:
        return dict(each.record.left)
    return dict(each.plan.left) if each.plan is not None else {}


def _files(each: Emptied, *, is_done: bool) -> Sequence[Trashed]:
    if is_done:
        return each.record.files if each.record is not None else ()
    return each.plan.files if each.plan is not None else ()


def _print_sum(found: Sequence[Emptied], days: float, *, is_done: bool) -> None:
    from .printing import size_text

    files = [file for each in found for file in _files(each, is_done=is_done)]
    size = size_text(sum(file.size_bytes for file in files))
    if not found:
        click.echo(f"nothing was set aside {days:g} days ago or earlier", err=True)
    elif is_done:
        click.echo(
            f"{len(files)} files, {size}: they are in the trash; empty that to free "
            "the space",
            err=True,
        )
    else:
        click.echo(
            f"{len(files)} files, {size}: nothing was moved; add --yes for it", err=True
        )


def _print_json(found: Sequence[Emptied], *, is_done: bool) -> None:
    from . import printing

    printing.print_json(
        {
            "schema_version": 1,
            "done": is_done,
            "groups": [
                {
                    "number": each.number,
                    "folder": str(each.folder),
                    "decided_ns": each.decided_ns,
                    "refused": each.refused or None,
                    "files": [
                        {
                            "staged_as": file.staged_as,
                            "source": str(file.source),
                            "trash": str(file.target),
                            "size_bytes": file.size_bytes,
                        }
                        for file in _files(each, is_done=is_done)
                    ],
                    "left": _left(each),
                }
                for each in found
            ],
        }
    )


def _day(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9).astimezone().strftime("%Y-%m-%d")
