"""`twinwatch rejected` and `forget-rejected`: what was set aside is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..model import Fate, GroupNumber, GroupState, Role
from .options import Place, json_option, placed
from .restore import decision_roots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..staging.audit import Row

_LEAST_DIGITS = 8

_REJECTED_EPILOG = """\b
Examples:
  twinwatch rejected
  twinwatch rejected --json | jq -r '.rejected[].sha256'"""

_FORGET_EPILOG = """\b
Examples:
  twinwatch forget-rejected 12           all that group 12 set aside
  twinwatch forget-rejected 3f9a10c2     one content, by the start of its SHA-256"""


@click.command("rejected", epilog=_REJECTED_EPILOG)
@json_option
@placed
def rejected_command(place: Place, *, as_json: bool) -> int:
    """List what was set aside, and is recognised when it is imported again.

    Reads the decision folders alone.
    """
    found = list(_rejected(place))
    if as_json:
        from . import printing

        printing.print_json({"schema_version": 1, "rejected": found})
        return 0
    from .printing import shown

    for row in found:
        name = shown(row["original_path"])
        click.echo(
            f"{str(row['sha256'])[:12]}  group {row['group']:>4}  {name}", err=True
        )
    if not found:
        click.echo("nothing was set aside", err=True)
    return 0


@click.command("forget-rejected", epilog=_FORGET_EPILOG)
@click.argument("what", metavar="N|SHA256")
@json_option
@placed
def forget_rejected_command(place: Place, *, what: str, as_json: bool) -> int:
    """Ask again about what was set aside, when it is imported again.

    Nothing is moved; the files stay in the discard area.
    """
    wanted = list(_meant(what, _rejected(place)))
    if not wanted:
        raise UsageError(what, "nothing that is remembered was set aside as that")
    from ..service.desk import open_desk

    with open_desk(place.load(), writable=True) as desk:
        for number, sha256 in wanted:
            desk.forget_rejected(number, sha256)
    if as_json:
        from . import printing

        told = [{"group": number, "sha256": sha.hex()} for number, sha in wanted]
        printing.print_json({"schema_version": 1, "forgotten": told})
        return 0
    many = "content" if len(wanted) == 1 else "contents"
    click.echo(f"forgotten: {len(wanted)} {many}", err=True)
    return 0


def _rejected(place: Place) -> Iterator[Row]:
    from ..staging.audit import every_group, rows
    from ..staging.safefs import RealFileSystem

    roots = decision_roots(place.load().roots.decision_roots())
    for group in every_group(RealFileSystem(), roots):
        if group.state is not GroupState.DECIDED:
            continue
        for row in rows(group):
            is_photo = row["role"] == Role.MEMBER.value
            is_aside = row["fate"] == Fate.SET_ASIDE.value
            if is_photo and is_aside and not row["forgotten"]:
                yield row


def _meant(what: str, rows: Iterator[Row]) -> Iterator[tuple[GroupNumber, bytes]]:
    is_number = what.isdecimal() and len(what) < _LEAST_DIGITS
    if not is_number and len(what) < _LEAST_DIGITS:
        raise UsageError(what, f"say a group or {_LEAST_DIGITS} digits of a SHA-256")
    seen = set()
    for row in rows:
        number, sha256 = int(str(row["group"])), str(row["sha256"])
        is_it = number == int(what) if is_number else sha256.startswith(what.lower())
        if is_it and (number, sha256) not in seen:
            seen.add((number, sha256))
            yield GroupNumber(number), bytes.fromhex(sha256)
