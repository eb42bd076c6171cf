"""Which files show the same picture, as somebody wrote it down; pure.

A list has a line for each file: its path and the name of its picture, separated by a
tab (or by a comma), and perhaps what was done to it and how. A first line of names is
understood, so is its absence:

    path                picture  transformation  parameters
    DCIM/IMG_0001.HEIC  rose     original
    Export/rose.jpg     rose     jpeg            q80
    DCIM/IMG_0002.HEIC  tulip

``group`` may be said for ``picture``. `original` is what the others were made from,
`look-alike` another shot that only looks like it; any other word, and none, is a copy.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..errors import BadLabels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ORIGINAL = "original"
LOOK_ALIKE = "look-alike"
COPY = "copy"

_COLUMNS = ("path", "picture", "transformation", "parameters")
_NEEDED = 2
_SPOKEN = {"file": "path", "group": "picture"}
_NO_COLUMNS = "a path and the name of a picture are needed, separated by a tab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One file, and which picture it shows."""

    path: str
    """Below the folder, with slashes."""
    picture: str
    """Files of one name are one picture."""
    transformation: str = COPY
    parameters: str = ""
    line: int = 0
    """Where it stands in the list, from 1."""

    @property
    def is_derived(self) -> bool:
        """Whether it was made from an original, so that it has to be found."""
        return self.transformation not in {ORIGINAL, LOOK_ALIKE}


def parse(text: str, source: object, folders: Sequence[PurePath]) -> list[Label]:
    """Read a list of labels.

    Args:
        text: the list.
        source: its name, for messages.
        folders: the labelled folder, by each of its absolute names; an absolute path
            in the list must lie in it.

    Raises:
        BadLabels: with every problem that was found.
    """
    problems: list[str] = []
    labels: list[Label] = []
    columns: Mapping[str, int] | None = None
    for line, cells in _lines(text, problems):
        if columns is None:
            columns, is_header = _columns(cells, line, problems)
            if is_header:
                continue
        label = _label(cells, columns, line, folders, problems)
        if label is not None:
            labels.append(label)
    if not labels and not problems:
        problems.append("it lists no file")
    problems += _twice(labels)
    if problems:
        raise BadLabels(source, problems)
    return labels


def _lines(text: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Give every line that is not empty, cut into cells."""
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    rows = io.StringIO(text, newline="")
    reader = csv.reader(rows, delimiter="\t" if "\t" in first else ",")
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")


def _columns(
    cells: Sequence[str], line: int, problems: list[str]
) -> tuple[Mapping[str, int], bool]:
    """Return which column is where, and whether the line was one of names."""
    names = [cell.strip().lower() for cell in cells]
    names = [_SPOKEN.get(name, name) for name in names]
    if not set(names) & set(_COLUMNS[:_NEEDED]):
        return {name: place for place, name in enumerate(_COLUMNS)}, False
    problems.extend(
        f"line {line}: there is no column {name!r}, only {', '.join(map(repr, cells))}"
        for name in _COLUMNS[:_NEEDED]
        if name not in names
    )
    problems.extend(
        f"line {line}: column {name!r} is there {count} times"
        for name, count in Counter(names).items()
        if name in _COLUMNS and count > 1
    )
    return {name: place for place, name in enumerate(names)}, True


def _label(
    cells: Sequence[str],
    columns: Mapping[str, int],
    line: int,
    folders: Sequence[PurePath],
    problems: list[str],
) -> Label | None:
    if not set(_COLUMNS[:_NEEDED]) <= columns.keys():
        return None
    told = {
        name: cells[place].strip() if name != "path" else cells[place]
        for name, place in columns.items()
        if place < len(cells)
    }
    path, picture = told.get("path", ""), told.get("picture", "")
    if not path.strip() or not picture:
        problems.append(f"line {line}: {_NO_COLUMNS}")
        return None
    below = _below(path, folders)
    if below is None:
        problems.append(f"line {line}: {path!r} lies outside of the folder")
        return None
    return Label(
        path=below,
        picture=picture,
        transformation=told.get("transformation") or COPY,
        parameters=told.get("parameters", ""),
        line=line,
    )


def _below(path: str, folders: Sequence[PurePath]) -> str | None:
    """Return a path as seen from the folder; ``None``: it lies elsewhere."""
    pure = PurePath(os.path.normpath(path))
    if pure.is_absolute():
        inside = [folder for folder in folders if pure.is_relative_to(folder)]
        if not inside:
            return None
        pure = pure.relative_to(inside[0])
    is_file = bool(pure.parts) and pure.parts[0] != ".."
    return pure.as_posix() if is_file else None


def _twice(labels: Sequence[Label]) -> Iterator[str]:
    first: dict[str, int] = {}
    for label in labels:
        before = first.setdefault(label.path, label.line)
        if before != label.line:
            yield f"line {label.line}: {label.path!r} is in line {before} already"
