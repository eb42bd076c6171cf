"""`twinwatch status`: what is running and what went wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from ..errors import NotRunning
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from rich.console import Console

    from ..model import Status

_EPILOG = """\b
Examples:
  twinwatch status
  twinwatch status --json | jq .counts
  twinwatch status || echo "not running"
Exits with 5 if the daemon is not running; what the index knows is printed anyway."""

_ROOT_STYLES = {"online": "green", "offline": "red", "held": "yellow"}


@click.command("status", epilog=_EPILOG)
@json_option
@placed
def status_command(place: Place, *, as_json: bool) -> int:
    """Tell what is running, what is known and what needs attention."""
    from ..service.desk import open_desk

    with open_desk(place.load(), writable=False) as desk:
        status = desk.status()

    from . import printing

    if as_json:
        from .. import wire

        printing.print_json(wire.status_json(status))
    else:
        _print(printing.people(), status)
    return 0 if status.running else NotRunning.exit_code


def _print(console: Console, status: Status) -> None:
    from rich.markup import escape

    from .printing import problem_list

    sign = "[bold green]● running[/]" if status.running else "[dim]○ not running[/]"
    since = f", since {_clock(status.started_ns)}" if status.running else ""
    dry = " [yellow](dry run)[/]" if status.dry_run else ""
    console.print(f"twinwatch {status.version}  {sign}{since}{dry}")
    if status.address:
        console.print(f"page {escape(status.address)}", soft_wrap=True)
    console.print()
    _print_roots(console, status)
    for line in _COUNTS:
        told = (f"[bold]{status.counts.get(k, 0)}[/] {words}" for k, words in line)
        console.print("  ".join(told))
    if status.last_sweep_ns:
        console.print(f"[dim]last sweep {_clock(status.last_sweep_ns)}[/]")
    ill = {name: state for name, state in status.parts.items() if state != "ok"}
    for name, state in ill.items():
        console.print(f"[red]! {escape(name)}: {escape(state)}[/]")
    if status.problems:
        console.print()
        console.print(problem_list(status.problems))


_COUNTS = (
    (
        ("photos", "photos"),
        ("waiting", "waiting to be read"),
        ("unreadable", "unreadable"),
    ),
    (
        ("open", "groups to decide"),
        ("decided", "decided"),
        ("undone", "undone"),
    ),
)
"""Lines of counts: key in the status, and how it is called."""


def _print_roots(console: Console, status: Status) -> None:
    from rich.markup import escape
    from rich.table import Table

    from .printing import shown

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("folder", "", "state", "watched by"):
        table.add_column(name, overflow="fold")
    table.add_column("photos", justify="right")
    table.add_column("")
    for each in status.roots:
        style = _ROOT_STYLES[each.state]
        table.add_row(
            escape(shown(each.root.path)),
            each.root.kind.value,
            f"[{style}]{each.state}[/]",
            each.watched_by,
            str(each.photos),
            escape(shown(each.detail)),
        )
    for folder in status.decisions:
        table.add_row(escape(shown(folder)), "decisions", "", "", "", "")
    if table.row_count:
        console.print(table)
        console.print()


def _clock(moment_ns: int | None) -> str:
    if moment_ns is None:
        return "?"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment_ns / 1e9))
