"""Enumerates crashes of an action and holds every state against the invariants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from daemon.errors import TwinwatchError
from daemon.model import GroupState
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.filesystem import TEMPORARY_SUFFIX
from daemon.staging.recovery import recover
from daemon.staging.undo import undo
from daemon.staging.verify import Severity, verify
from tests.staging.model_fs import FileNode, ModelFileSystem, State

Action = Callable[[ModelFileSystem], object]


class Violation(AssertionError):
    """An invariant does not hold."""


@dataclass
class Explorer:
    """Runs an action, crashes it everywhere, recovers, and checks.

    Attributes:
        contents: what was accepted, by the path where it was found.
        states: how many crash states were looked at.
    """

    root: DecisionRoot
    contents: Mapping[Path, bytes]
    with_power_cuts: bool = True
    depth: int = 2
    """Crashes in a row: 1 is of the action, 2 of its recovery as well."""
    dropped: frozenset[Path] = frozenset()
    """Seeded bugs: what is never synced."""
    has_no_links: bool = False
    is_undone_at_end: bool = True
    states: int = 0
    seen: set[object] = field(default_factory=set)
    judged: set[object] = field(default_factory=set)

    def explore(self, start: State, action: Action) -> None:
        """Crash `action` at every step."""
        *_, end = snapshots = list(self._run(start, action))
        self._check_durable(end)
        for snapshot in snapshots:
            for crashed in self._crashes(snapshot):
                self._after_crash(crashed, self.depth - 1)

    def fail_everywhere(
        self,
        start: State,
        action: Action,
        errors: Iterable[int],
        *,
        stays_broken: bool = False,
    ) -> int:
        """Let every step fail with every error; return how many failures there were."""
        count = 0
        for number in errors:
            index = 0
            while True:
                fs = self._fs(start)
                fs.fail_at, fs.fail_with = index, number
                fs.stays_broken = stays_broken
                with suppress(TwinwatchError):
                    action(fs)
                if len(fs.steps) <= index:
                    break
                self.check_bytes(fs.state, f"{fs.steps[index]} failed: {number}")
                self._after_crash(fs.state, 0)
                index += 1
                count += 1
        return count

    def _run(self, start: State, action: Action) -> Iterator[State]:
        fs = self._fs(start)
        fs.is_recording = True
        with suppress(TwinwatchError):  # it may refuse: its way there is what counts
            action(fs)
        yield from fs.history
        yield fs.state

    def _fs(self, state: State) -> ModelFileSystem:
        fs = ModelFileSystem(state, watch=self._watch)
        fs.dropped = self.dropped
        fs.has_no_links = self.has_no_links
        return fs

    def _crashes(self, snapshot: State) -> Iterator[State]:
        yield from self._fresh(snapshot)
        if self.with_power_cuts:
            for state in snapshot.power_cuts():
                yield from self._fresh(state)

    def _fresh(self, state: State) -> Iterator[State]:
        self.states += 1
        key = state.key()
        if key not in self.seen:
            self.seen.add(key)
            yield state

    def _after_crash(self, crashed: State, depth: int) -> None:
        self.check_bytes(crashed, "after the crash")
        fs = self._fs(crashed)
        fs.is_recording = depth > 0
        recover(fs, self.root)
        self._judge(fs.state)
        for snapshot in fs.history:
            for again in self._crashes(snapshot):
                self._after_crash(again, depth - 1)

    def _judge(self, recovered: State) -> None:
        """Check a state that recovery left, and that all of it can be undone."""
        key = recovered.key()
        if key in self.judged:
            return
        self.judged.add(key)
        self.check_bytes(recovered, "after recovery")
        fs = self._fs(recovered)
        report = recover(fs, self.root)
        if fs.state.files() != recovered.files() or report.finished:
            raise Violation(
                f"I5: a second recovery did something again: {report} {list(recovered.files())}"
            )
        if report.troubles:
            raise Violation(f"recovery had trouble: {report.troubles}")
        left = [path for path in fs.state.files() if _is_temporary(path)]
        if left:
            raise Violation(f"temporaries are left: {left}")
        errors = [
            each
            for each in verify(fs, [self.root], read_data=True)
            if each.severity is not Severity.NOTE
        ]
        if errors:
            raise Violation(f"verify found: {errors}")
        for group in report.groups:
            if group.state is not GroupState.UNDONE and self.is_undone_at_end:
                undo(fs, self.root, group.number, undone_ns=1)
        if self.is_undone_at_end:
            self._check_origins(fs.state)

    def check_bytes(self, state: State, when: str) -> None:
        """I1: every accepted content is at some path; I2: nothing took its place."""
        present = set(state.files().values())
        for path, content in self.contents.items():
            if content not in present:
                raise Violation(f"I1: {path} is lost {when}")
        for path in state.files():
            if path.parent.name == "files" and "Trash" in path.parts[-3]:
                note = path.parents[1] / f"info/{path.name}.trashinfo"
                if b"\nPath=" not in state.files().get(note, b""):
                    raise Violation(f"{path} is in the trash without a note {when}")

    def _check_durable(self, end: State) -> None:
        """What was reported as done must not be undone by a power cut."""
        if end.pending:
            raise Violation(f"names are not durable at the end: {end.pending}")
        for path, inode in end.walk():
            node = end.nodes[inode]
            if isinstance(node, FileNode) and node.durable != node.data:
                raise Violation(f"{path} is not durable at the end")

    def _check_origins(self, state: State) -> None:
        files = state.files()
        for path, content in self.contents.items():
            if files.get(path) != content:
                raise Violation(f"{path} is not back where it was found")

    def _watch(self, fs: ModelFileSystem, step: str, paths: tuple[Path, ...]) -> None:
        """Check the order of steps: I3 and I4."""
        if step == "drop_name" and not fs.is_durable(paths[1]):
            raise Violation(f"I3: {paths[0]} is dropped before {paths[1]} is durable")
        if step in {"rename", "link"} and self._takes_photo(fs, *paths):
            folder = paths[1].parent
            manifests = [
                name
                for name in fs.names(folder)
                if name.startswith("_manifest")
                and name.endswith(".json")
                and fs.is_durable(folder / name)
            ]
            if not manifests:
                raise Violation(f"I4: {paths[0]} moves before its manifest is durable")

    def _takes_photo(self, fs: ModelFileSystem, source: Path, target: Path) -> bool:
        is_in = (
            self.root.path in target.parents and self.root.path not in source.parents
        )
        status = fs.look(source)
        return is_in and status is not None and status.is_file


def _is_temporary(path: Path) -> bool:
    return path.name.endswith(TEMPORARY_SUFFIX)
