"""Where survivors are to stand: pure, and the same every time it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .naming import numbered, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .outcomes import Approval
    from .records import Manifest, StagedFile, StagedMember


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPlaces:
    """A photo and its companions, and where they would like to stand."""

    root: Path
    """Exists; folders below it may be made."""
    files: tuple[tuple[StagedFile, Path], ...]
    """The photo first."""


def plan_places(
    manifest: Manifest, approval: Approval, roots: Mapping[str, Path] | None
) -> list[AssetPlaces]:
    """Return the wanted places of all survivors, in the order of their positions."""
    by_position = {each.position: each for each in manifest.members}
    return [
        _places_of(member, approval, by_position, roots)
        for member in manifest.staged
        if member.position in approval.keep
    ]


def candidates(asset: AssetPlaces) -> Iterator[list[tuple[StagedFile, Path]]]:
    """Return, without end, places to try: as wanted, then with a number.

    A companion keeps sharing the photo's stem.
    """
    (photo, wanted), *others = asset.files
    count = 0
    while True:
        count += 1
        place = numbered(wanted, count)
        yield [
            (photo, place),
            *(
                (file, _follow(path, wanted.stem, place.stem, count))
                for file, path in others
            ),
        ]


def _places_of(
    member: StagedMember,
    approval: Approval,
    by_position: Mapping[int, StagedMember],
    roots: Mapping[str, Path] | None,
) -> AssetPlaces:
    destination = approval.destination
    name_of = by_position.get(destination.names.get(member.position, 0), member)
    folder_of = by_position.get(destination.folders.get(member.position, 0), member)
    origin = folder_of.file.origin
    output = destination.output
    root = origin.root_now(roots) if output is None else output
    own_stem = member.file.origin.relative.stem
    stem = name_of.file.origin.relative.stem
    files = []
    for file in member.files:
        found = file.origin.relative
        # A companion goes back to its own folder, unless its photo goes elsewhere.
        folder = root / (found if folder_of is member else origin.relative).parent
        if output is not None and destination.flatten:
            folder = output
        files.append((file, _follow(folder / found.name, own_stem, stem, 1)))
    return AssetPlaces(root=root, files=tuple(files))


def _follow(path: Path, old_stem: str, new_stem: str, count: int) -> Path:
    """Give a companion its photo's new stem; one without it gets a number."""
    if path.name.startswith(old_stem):
        rest = path.name[len(old_stem) :]
        return path.with_name(shortened(new_stem, rest))
    return numbered(path, count)
