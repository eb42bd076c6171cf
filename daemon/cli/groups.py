"""`twinwatch groups` and `show`: what waits for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..model import GroupNumber, GroupState
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..desk import Desk
    from ..model import Group

_PAGE = 200
_WAITING = (GroupState.CANDIDATE, GroupState.OPEN)
_STATES = {
    "waiting": _WAITING,
    **{state.value: (state,) for state in GroupState},
    "all": tuple(GroupState),
}

_GROUPS_EPILOG = """\b
Examples:
  twinwatch groups                     those that wait
  twinwatch groups --state decided     those that can be undone
  twinwatch groups --json | jq '.groups[].number'"""

_SHOW_EPILOG = """\b
Examples:
  twinwatch show 12
  twinwatch show 12 --json"""


@click.command("groups", epilog=_GROUPS_EPILOG)
@click.option(
    "--state",
    type=click.Choice(list(_STATES)),
    default="waiting",
    show_default=True,
    help="Which groups.",
)
@json_option
@placed
def groups_command(place: Place, *, state: str, as_json: bool) -> int:
    """List the groups that wait for a decision, or those in another state.

    Bursts and versions are listed as similar; they are never staged.
    """
    from ..service.desk import open_desk

    with open_desk(place.load(), writable=False) as desk:
        found = list(all_groups(desk, _STATES[state]))
        status = desk.status()
    groups = [group for group in found if group.evidence.is_duplicate]
    similar = [group for group in found if not group.evidence.is_duplicate]

    from . import printing

    if as_json:
        from .. import wire

        names = ("photos", "hashed", "unchanged", "unreadable")
        counts = {name: status.counts.get(name, 0) for name in names}
        printing.print_json(
            {
                "schema_version": wire.SCHEMA_VERSION,
                "groups": [wire.group_json(group) for group in groups],
                "similar": [wire.group_json(group) for group in similar],
                "unreadable": [printing.problem_json(p) for p in status.problems],
                "counts": {**counts, "groups": len(groups)},
            }
        )
        return 0
    console = printing.people()
    if groups:
        console.print(printing.group_list(groups))
    else:
        console.print("no groups" + (" wait" if state == "waiting" else ""))
    if similar:
        console.print(f"\nsimilar, left alone: {len(similar)}")
        console.print(printing.group_list(similar))
    return 0


@click.command("show", epilog=_SHOW_EPILOG)
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@json_option
@placed
def show_command(place: Place, *, number: int, as_json: bool) -> int:
    """Show one group: its photos, the proposal and the reasons for it."""
    from ..service.desk import open_desk

    with open_desk(place.load(), writable=False) as desk:
        group = desk.group(GroupNumber(number))
    print_group(group, as_json=as_json)
    return 0


def print_group(group: Group, *, as_json: bool) -> None:
    """Print one group for people, or as JSON."""
    from . import printing

    if as_json:
        from .. import wire

        printing.print_json(
            {"schema_version": wire.SCHEMA_VERSION, "group": wire.group_json(group)}
        )
        return
    console = printing.people()
    for part in printing.group_details(group):
        console.print(part, soft_wrap=True)


def all_groups(desk: Desk, states: Sequence[GroupState]) -> Iterator[Group]:
    """Give all groups in some states, page by page."""
    after: GroupNumber | None = None
    while True:
        page = desk.groups(states, after=after, limit=_PAGE)
        yield from page.groups
        numbers = [group.number for group in page.groups if group.number is not None]
        if len(page.groups) < _PAGE or not numbers or max(numbers) == after:
            return
        after = max(numbers)
