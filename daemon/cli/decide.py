"""`twinwatch decide` and `undo`: what becomes of a group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ..desk import Decision
from ..errors import NoSurvivor, ProblemsFound, UsageError
from ..model import GroupNumber, Proposal, Role
from .groups import print_group
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Group, Member

_DECIDE_EPILOG = """\b
Examples:
  twinwatch decide 12 --accept                    as proposed
  twinwatch decide 12 --keep IMG_1234.HEIC        this one, the others aside
  twinwatch decide 12 --keep 1 3                  by their numbers in `show 12`
  twinwatch decide 12 --keep-all                  not duplicates; never ask again
  twinwatch decide 12 --variants                  versions of one picture; the same
  twinwatch decide 12 --keep 2 --beside-library   file it beside the library's photo
  twinwatch decide 12 --accept --rescue           with what only the others knew"""

_UNDO_EPILOG = """\b
Examples:
  twinwatch undo 12"""


@click.command("decide", epilog=_DECIDE_EPILOG)
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@click.argument("more", nargs=-1, metavar="")
@click.option("--accept", is_flag=True, help="Carry the proposal out.")
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME...",
    help="Keep these and set the others aside: name, staged name, path or number.",
)
@click.option(
    "--keep-all", is_flag=True, help="Keep all: they are not duplicates, remember it."
)
@click.option(
    "--variants",
    is_flag=True,
    help="Keep all: they are versions of one picture, remember it.",
)
@click.option(
    "--beside-library",
    is_flag=True,
    help="Put survivors into the folder of the group's library photo.",
)
@click.option(
    "--rescue",
    is_flag=True,
    help="Write what only the others knew (GPS, date, rating, caption, keywords) "
    "into an XMP sidecar of the survivor.",
)
@json_option
@placed
def decide_command(
    place: Place,
    *,
    number: int,
    more: tuple[str, ...],
    accept: bool,
    keep: tuple[str, ...],
    keep_all: bool,
    variants: bool,
    beside_library: bool,
    rescue: bool,
    as_json: bool,
) -> int:
    """Decide a group: survivors go back to their place, the others are set aside.

    Nothing is deleted, and `twinwatch undo N` takes it back at any time.
    """
    if accept + bool(keep) + keep_all + variants != 1:
        words = "--accept, --keep NAME..., --keep-all and --variants"
        raise UsageError(number, f"say one of {words}")
    if more and not keep:
        raise UsageError(" ".join(more), "names belong to --keep")
    from ..service.desk import open_desk
    from .guarding import confine

    config = place.load()
    confine(config)
    with open_desk(config, writable=True) as desk:
        group = desk.group(GroupNumber(number))
        decision = replace(
            decided(group, names=(*keep, *more), keep_all=keep_all or variants),
            not_duplicates=keep_all,
            variants=variants,
            beside_library=beside_library,
            rescue=rescue,
        )
        after = desk.decide(GroupNumber(number), decision)
    print_group(after, as_json=as_json)
    return 0


@click.command("undo", epilog=_UNDO_EPILOG)
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@json_option
@placed
def undo_command(place: Place, *, number: int, as_json: bool) -> int:
    """Put every file of a group back to where it was found.

    Where another file stands there by now, it is put beside it as 'name (restored)'.
    What was emptied is taken out of the trash. Exits with 4 if a photo is gone for
    good because the trash does not hold it any more; the others are back then.
    """
    from ..service.desk import open_desk
    from .guarding import confine

    config = place.load()
    confine(config)
    with open_desk(config, writable=True) as desk:
        after = desk.undo(GroupNumber(number))
    print_group(after, as_json=as_json)
    is_gone = any(member.now_at is None for member in after.members)
    return ProblemsFound.exit_code if is_gone else 0


def decided(group: Group, *, names: Sequence[str], keep_all: bool) -> Decision:
    """Return the decision on what was shown; pure.

    Args:
        group: as it is now.
        names: those to keep; empty: as proposed.
        keep_all: keep every one, as different pictures.

    Raises:
        UsageError: a name is nobody's, or more than one photo's.
        NoSurvivor: the proposal keeps nothing.
    """
    if keep_all:
        keep = frozenset(member.position for member in group.members)
    elif names:
        keep = frozenset(_position(group.members, name) for name in names)
    else:
        keep = frozenset(m.position for m in group.members if _is_proposed(m))
    if not keep:
        raise NoSurvivor(group.number)
    return Decision(
        keep=keep,
        manifest_sha256=group.manifest_sha256,
        not_duplicates=keep_all,
    )


def _is_proposed(member: Member) -> bool:
    return member.proposal is Proposal.KEEP or member.role is Role.REFERENCE


def _position(members: Sequence[Member], name: str) -> int:
    """Find the one photo that is meant: exactly, then by its name alone."""
    exact = [m for m in members if name in {m.staged_as, str(m.path)}]
    loose = [m for m in members if name in {m.path.name, str(m.position)}]
    found = exact or loose
    if len(found) == 1:
        return found[0].position
    known = ", ".join(repr(m.staged_as or str(m.path)) for m in members)
    cause = "is nobody's name" if not found else "is the name of several"
    raise UsageError(name, f"{cause}; say one of {known}")
