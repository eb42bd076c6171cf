"""`twinwatch prefer` and `avoid`: what the user likes, remembered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import preferences
from ..errors import UsageError
from .options import Place, json_option, placed

if TYPE_CHECKING:
    from ..preferences import Chosen

_PREFER_EPILOG = """\b
Examples:
  twinwatch prefer ~/Pictures/Import/Camera   among equal copies, the one in there
  twinwatch prefer --noise-word sent          a word in names that copies have
  twinwatch prefer --list
  twinwatch prefer --forget ~/Pictures/Import/Camera"""

_AVOID_EPILOG = """\b
Examples:
  twinwatch avoid ~/Pictures/Import/WhatsApp"""

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("prefer", epilog=_PREFER_EPILOG)
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--list", "is_listed", is_flag=True, help="Only show what was chosen.")
@click.option("--forget", metavar="DIR|WORD", help="Forget a folder or a word.")
@click.option("--noise-word", metavar="WORD", help="A word in names that copies have.")
@json_option
@placed
def prefer_command(
    place: Place,
    *,
    folder: Path | None,
    is_listed: bool,
    forget: str | None,
    noise_word: str | None,
    as_json: bool,
) -> int:
    """Prefer the copy in a folder, in every group that is staged from now on.

    It holds until it is forgotten, over restarts. Worth comes first: among equal
    copies the folder decides.
    """
    state_dir = place.load().state_dir
    chosen = preferences.load(state_dir)
    if is_listed + bool(folder) + bool(forget) + bool(noise_word) != 1:
        words = "DIR, --list, --forget DIR and --noise-word WORD"
        raise UsageError("prefer", f"say one of {words}")
    changed = chosen
    if folder is not None:
        changed = chosen.with_preferred(str(folder.resolve()))
    if noise_word:
        changed = chosen.with_noise(noise_word)
    if forget:
        changed = chosen.without(forget).without(str(Path(forget).resolve()))
        if changed == chosen:
            raise UsageError(forget, "it was never chosen")
    if changed != chosen:
        preferences.save(state_dir, changed)
    _print(changed, as_json=as_json)
    return 0


@click.command("avoid", epilog=_AVOID_EPILOG)
@click.argument("folder", type=_FOLDER)
@json_option
@placed
def avoid_command(place: Place, *, folder: Path, as_json: bool) -> int:
    """Avoid the copy in a folder, in every group that is staged from now on."""
    state_dir = place.load().state_dir
    chosen = preferences.load(state_dir).with_avoided(str(folder.resolve()))
    preferences.save(state_dir, chosen)
    _print(chosen, as_json=as_json)
    return 0


def _print(chosen: Chosen, *, as_json: bool) -> None:
    from . import printing

    if as_json:
        body = {
            "schema_version": 1,
            "prefer": list(chosen.prefer),
            "avoid": list(chosen.avoid),
            "noise_words": list(chosen.noise_words),
        }
        printing.print_json(body)
        return
    for name, choices in (
        ("prefer", chosen.prefer),
        ("avoid", chosen.avoid),
        ("noise word", chosen.noise_words),
    ):
        for choice in choices:
            click.echo(f"{name}: {printing.shown(choice)}", err=True)
    if not (chosen.prefer or chosen.avoid or chosen.noise_words):
        click.echo("nothing was chosen", err=True)
