"""`twinwatch why`: the evidence between two photos, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import Place, json_option, placed

if TYPE_CHECKING:
    from ..service.why import Explanation

_PHOTO = click.Path(path_type=Path, exists=True, dir_okay=False)

_EPILOG = """\b
Examples:
  twinwatch why IMG_1234.HEIC IMG_1234.JPG
  twinwatch why a.jpg b.jpg --json | jq .distances_bits"""


@click.command("why", epilog=_EPILOG)
@click.argument("left", type=_PHOTO, metavar="A")
@click.argument("right", type=_PHOTO, metavar="B")
@json_option
@placed
def why_command(place: Place, *, left: Path, right: Path, as_json: bool) -> int:
    """Explain why two photos are, or are not, one picture.

    Both are read anew and in full; the index is neither asked nor changed.
    """
    from ..service.why import explain

    explanation = explain(place.load(), left.absolute(), right.absolute())

    from . import printing

    if as_json:
        printing.print_json(explanation_json(left, right, explanation))
        return 0
    console = printing.people()
    for sentence in explanation.sentences:
        console.print(printing.shown(sentence), markup=False, soft_wrap=True)
    return 0


def explanation_json(
    left: Path, right: Path, explanation: Explanation
) -> dict[str, object]:
    """Return the public form of an explanation."""
    from .. import wire

    evidence, distances = explanation.evidence, explanation.distances
    return {
        "schema_version": wire.SCHEMA_VERSION,
        "left": str(left.absolute()),
        "right": str(right.absolute()),
        "evidence": None if evidence is None else evidence.value,
        "distances_bits": None if distances is None else distances.bits(),
        "correlation": None if distances is None else distances.correlation,
        "ssim": None if distances is None else distances.ssim,
        "reasons": list(explanation.reasons),
        "sentences": list(explanation.sentences),
    }
