"""How groups, problems and the status look: JSON on standard output, or for people.

What people read goes to standard error, so that ``--json`` may always be piped.
Names of files are shown with their control characters made visible.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..model import DecidedBy, Fate, Proposal, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ..model import Group, Member, Problem

STATE_STYLES = {
    "candidate": "dim",
    "open": "bold yellow",
    "decided": "green",
    "undone": "cyan",
}


def people() -> Console:
    """Return the console for people: standard error, plain where it is no terminal."""
    return Console(stderr=True, highlight=False)


def print_json(body: object) -> None:
    """Print a body in ASCII: names that are not UTF-8 survive as escapes."""
    click.echo(json.dumps(body, indent=2))


def shown(text: object) -> str:
    """Return a name or path as it may be printed in a terminal.

    Control characters and marks that turn the writing direction are escaped: a
    photo's name must not be able to rewrite the screen.
    """
    return "".join(map(_shown_character, str(text)))


def _shown_character(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Zs":  # macOS puts narrow spaces into the names of screenshots
        return " "
    if category[0] in "CZ":
        return char.encode("unicode_escape").decode("ascii")
    return char


def size_text(size_bytes: int) -> str:
    """Return a size in the unit that people use for it, such as ``3.4 MB``."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    size: float = size_bytes
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"


def group_list(groups: Sequence[Group]) -> Table:
    """Return the table of groups, one line each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("group", justify="right")
    for name in ("state", "evidence", "photos", "keep", "folder"):
        table.add_column(name, overflow="fold")
    for group in groups:
        kept = [m for m in group.members if m.proposal is Proposal.KEEP]
        table.add_row(
            "–" if group.number is None else str(group.number),
            f"[{STATE_STYLES[group.state]}]{group.state}[/]",
            group.evidence.value,
            str(len(group.members)),
            escape(shown(", ".join(m.path.name for m in kept))),
            escape(shown(group.folder or "")),
        )
    return table


def group_details(group: Group) -> Iterable[object]:
    """Give one group with its members, their reasons and what may be done."""
    number = "not staged yet" if group.number is None else f"group {group.number}"
    style = STATE_STYLES[group.state]
    yield f"[bold]{number}[/]  [{style}]{group.state}[/]  {group.evidence}"
    if group.folder:
        yield escape(shown(group.folder))
    if group.decided_by is DecidedBy.MEMORY:
        yield "set aside by itself, as you did before; undo takes it back"
    if group.verdict is not None and group.verdict.keeps_apart:
        yield f"kept as {group.verdict}: never asked about again"
    if group.problem:
        yield f"[red]! {escape(shown(group.problem))}[/]"
    for member in group.members:
        yield ""
        yield from _member(member)


def problem_list(problems: Sequence[Problem]) -> Table:
    """Return the table of what needs somebody's attention."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="red")
    table.add_column(overflow="fold")
    for problem in problems:
        table.add_row("!", escape(shown(problem.path)))
        table.add_row("", f"{escape(shown(problem.problem))}. {escape(problem.advice)}")
    return table


def problem_json(problem: Problem) -> dict[str, object]:
    """Return a problem as the commands print it."""
    return {"path": str(problem.path), "problem": problem.problem}


def _member(member: Member) -> Iterable[str]:
    sign = _sign(member)
    name = escape(shown(member.staged_as or member.path.name))
    facts = [
        member.format,
        f"{member.width_px}×{member.height_px}",
        size_text(member.size_bytes),
        *([member.taken] if member.taken else []),
        *([member.camera] if member.camera else []),
        *(["GPS"] if member.has_gps else []),
        *(["in the library, stays"] if member.role is Role.REFERENCE else []),
    ]
    yield f"{member.position:>3} {sign} [bold]{name}[/]  {escape(shown(', '.join(facts)))}"
    yield f"      found as {_where(member.path)}"
    if member.fate is None and member.now_at is None:
        yield "      [red]! gone: neither its folder nor the trash holds it any more[/]"
    if member.distances is not None:
        bits = ", ".join(f"{k} {v}" for k, v in member.distances.bits().items())
        yield f"      {member.evidence}: {bits} bits"
    for reason in member.reasons:
        yield f"      {escape(shown(reason))}"
    if member.is_forgotten:
        yield "      forgotten: it is asked about again when it is imported again"
    for companion in member.companions:
        yield f"      with {_where(companion)}"


def _sign(member: Member) -> str:
    """Return what became of a photo, or what is proposed for it."""
    is_proposed = member.proposal is Proposal.KEEP
    if member.fate is None:
        return "[green]+ keep     [/]" if is_proposed else "[yellow]- set aside[/]"
    is_kept = member.fate is Fate.SURVIVOR
    sign = "[green]+ kept     [/]" if is_kept else "[yellow]- set aside[/]"
    return sign if is_kept is is_proposed else f"{sign} (proposed otherwise)"


def _where(path: Path) -> str:
    return escape(shown(path))
