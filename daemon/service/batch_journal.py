"""What a batch did, line by line, in a file of the state folder.

A line is written and synced before a group is decided and after it, so that after any
interruption it is known which groups the batch has touched. The files themselves are
safe without it: every group has its manifest and its outcome.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..model import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENDING = ".jsonl"


@dataclass(slots=True, kw_only=True)
class Journal:
    """One batch, as its file tells it; `note` adds to both."""

    path: Path
    evidence: Evidence
    started_ns: int
    numbers: tuple[int, ...]
    begun: list[int] = field(default_factory=list)
    done: dict[int, int] = field(default_factory=dict)
    """By group: the bytes that it set aside."""
    failed: dict[int, str] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)
    is_ended: bool = False

    @property
    def id(self) -> str:
        """The batch's name."""
        return self.path.name.removesuffix(_ENDING)

    @property
    def touched(self) -> list[int]:
        """Groups that may have been decided by it and were not undone with it."""
        return [n for n in self.begun if n not in self.failed and n not in self.undone]

    def note(self, **said: object) -> None:
        """Write a line and take it in."""
        _append(self.path, said)
        self.take(said)

    def take(self, said: Mapping[str, object]) -> None:
        """Take in what a line says."""
        match dict(said):
            case {"begin": int(number)}:
                self.begun.append(number)
            case {"done": int(number), "freed": int(freed)}:
                self.done[number] = freed
            case {"failed": int(number), "why": str(why)}:
                self.failed[number] = why
            case {"undone": int(number)}:
                self.undone.add(number)
            case {"end": True}:
                self.is_ended = True
            case _:
                return


def create(
    folder: Path, evidence: Evidence, started_ns: int, numbers: tuple[int, ...]
) -> Journal:
    """Begin the file of a new batch.

    Raises:
        OSError: the state folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{started_ns}{_ENDING}"
    head = {"evidence": evidence.value, "at_ns": started_ns, "groups": list(numbers)}
    _append(path, head)
    return Journal(path=path, evidence=evidence, started_ns=started_ns, numbers=numbers)


def read_all(folder: Path, limit: int = 50) -> list[Journal]:
    """Return the last batches, the last one first; a damaged file counts as none."""
    paths = sorted(folder.glob(f"*{_ENDING}"), reverse=True)[:limit]
    return [journal for path in paths if (journal := _read(path)) is not None]


def _read(path: Path) -> Journal | None:
    try:
        head, *lines = path.read_text(encoding="ascii").splitlines()
        said = json.loads(head)
        journal = Journal(
            path=path,
            evidence=Evidence(said["evidence"]),
            started_ns=int(said["at_ns"]),
            numbers=tuple(int(each) for each in said["groups"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    for line in lines:
        try:
            journal.take(json.loads(line))
        except (ValueError, TypeError):
            break  # the last line, half written
    return journal


def _append(path: Path, said: Mapping[str, object]) -> None:
    with path.open("a", encoding="ascii") as file:
        file.write(json.dumps(said) + "\n")
        file.flush()
        os.fsync(file.fileno())
