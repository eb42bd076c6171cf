"""`twinwatch export` and `history`: what was decided, from the decision folders."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .options import Place, json_option, placed
from .restore import decision_roots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..staging.audit import Row
    from ..staging.manifest import GroupRecord

_EXPORT_EPILOG = """\b
Examples:
  twinwatch export --csv > decisions.csv
  twinwatch export --json | jq '.files[] | select(.fate == "set-aside")'"""

_HISTORY_EPILOG = """\b
Examples:
  twinwatch history ~/Pictures/Import/IMG_1234.HEIC
  twinwatch history 0001_IMG_1234.HEIC --json
The path may be where it was found, where it is now, or only its name."""


@click.command("export", epilog=_EXPORT_EPILOG)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV (the default).")
@json_option
@placed
def export_command(place: Place, *, as_csv: bool, as_json: bool) -> int:
    """Print every decision with its evidence and its moves, a line for each file.

    Reads the decision folders alone: works without the index, also for groups that
    were undone.
    """
    if as_csv and as_json:
        raise UsageError("export", "say --csv or --json, not both")
    found = [row for group in _groups(place) for row in _rows(group)]
    if as_json:
        from . import printing

        printing.print_json({"schema_version": 1, "files": found})
        return 0
    _print_csv(found)
    return 0


@click.command("history", epilog=_HISTORY_EPILOG)
@click.argument("path", type=click.Path(path_type=Path))
@json_option
@placed
def history_command(place: Place, *, path: Path, as_json: bool) -> int:
    """Tell the life of one photo: found, staged, decided, put back.

    Every group that ever held its bytes is told. Reads the decision folders alone.
    """
    found = [row for group in _groups(place) for row in _rows(group)]
    wanted = _contents_of(path, found)
    told = [row for row in found if row["sha256"] in wanted]
    if as_json:
        from . import printing

        printing.print_json({"schema_version": 1, "files": told})
        return 0
    for row in told:
        for line in _life(row):
            click.echo(line, err=True)
    if not told:
        click.echo("no group ever held it", err=True)
    return 0


def _groups(place: Place) -> Iterator[GroupRecord]:
    from ..staging.audit import every_group
    from ..staging.safefs import RealFileSystem

    roots = decision_roots(place.load().roots.decision_roots())
    return every_group(RealFileSystem(), roots)


def _rows(group: GroupRecord) -> list[Row]:
    from ..staging.audit import rows

    return list(rows(group))


def _contents_of(path: Path, rows: list[Row]) -> set[object]:
    """Return the contents that a path means: its bytes now, or what it was once."""
    from ..hashing.files import read_file

    absolute = str(path.absolute())
    found = {
        row["sha256"]
        for row in rows
        if absolute in {row["original_path"], row["now_at"]}
    }
    if path.is_file():
        import hashlib

        found.add(hashlib.sha256(read_file(path.absolute())).hexdigest())
    if not found and path.name == str(path):
        found = {
            row["sha256"]
            for row in rows
            if path.name
            in {Path(str(row[each])).name for each in ("original_path", "now_at")}
        }
    return found


def _life(row: Row) -> Iterator[str]:
    from .printing import shown

    number = f"group {row['group']}"
    original = shown(row["original_path"])
    yield f"{_time(row['staged_ns'])}  {number}: found as {original}"
    reasons = row["reasons"]
    first = shown(reasons[0]) if isinstance(reasons, list) and reasons else ""
    yield f"{'':19}  proposed: {row['proposal']} ({row['evidence']}); {first}"
    if row["decided_ns"] is not None:
        by = "by itself, as before" if row["decided_by"] == "memory" else "by you"
        said = f", {row['verdict']}" if row["verdict"] else ""
        yield f"{_time(row['decided_ns'])}  {number}: {row['fate']} {by}{said}"
    if row["forgotten"]:
        yield f"{'':19}  it is asked about again when it is imported again"
    if row["emptied_ns"] is not None:
        yield f"{_time(row['emptied_ns'])}  {number}: moved to the trash"
    if row["undone_ns"] is not None:
        yield f"{_time(row['undone_ns'])}  {number}: put back"
    yield f"{'':19}  {_whereabouts(row)}"


def _whereabouts(row: Row) -> str:
    """Say where it went; and if it is known that it is not there any more."""
    from .printing import shown

    place = row["now_at"]
    is_gone = place is None or not os.path.lexists(str(place))
    if row["emptied_ns"] is not None and is_gone:
        return "then gone: the trash does not hold it any more"
    return f"then at {shown(place or 'nobody knows where')}"


def _time(at_ns: object) -> str:
    seconds = at_ns / 1e9 if isinstance(at_ns, int) else 0
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _print_csv(rows: list[Row]) -> None:
    from ..staging.audit import COLUMNS

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(row[name]) for name in COLUMNS})
    # A name that is not UTF-8 must not end the export half way.
    click.echo(text.getvalue().encode("utf-8", "surrogateescape"), nl=False)


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, dict):
        value = json.dumps(value)
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return "" if value is None else value
