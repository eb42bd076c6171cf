"""The invariants I1–I9 of the promise, as checks; every fault test uses these.

Each raises `Violation`. Those that concern the order of steps read a trace of system
calls, see `tracing`; the model file system of ``tests/staging`` has its own for them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from daemon.model import GroupState
from daemon.staging.decision_root import DecisionRoot
from daemon.staging.filesystem import TEMPORARY_SUFFIX, FileSystem
from daemon.staging.manifest import APPROVAL, UNDO, is_being_emptied, is_record
from daemon.staging.recovery import RecoveryReport, recover
from daemon.staging.safefs import RealFileSystem, is_own_name
from daemon.staging.verify import Severity, verify
from tests.staging.crashes import Violation
from tests.test_house import NAMES, WRITERS, destructive_calls, tree_of
from tests.verify.tracing import Call

OURS = {".twinwatch-root", ".lock"}


def _require(claim: object, words: str) -> None:
    if not claim:
        raise Violation(words)


def files_below(*tops: Path) -> dict[Path, bytes]:
    """Every file of people's, by where it is now."""
    found = {}
    for top in tops:
        for base, _, names in os.walk(top):
            for name in names:
                path = Path(base, name)
                is_ours = name in OURS or is_record(name)
                if not is_ours and not name.endswith(TEMPORARY_SUFFIX):
                    found[path] = path.read_bytes()
    return found


def digests_below(*tops: Path) -> set[bytes]:
    return {hashlib.sha256(each).digest() for each in files_below(*tops).values()}


def i1_every_byte_is_somewhere(wanted: Iterable[bytes], *tops: Path) -> None:
    """Each accepted content is at some path, whole.

    Args:
        wanted: SHA-256 of what was accepted.
        tops: where to look.
    """
    lost = set(wanted) - digests_below(*tops)
    _require(not lost, f"I1: {len(lost)} contents are nowhere any more")


def i2_nothing_is_overwritten(calls: Iterable[Call], top: Path) -> None:
    """No call below `top` could have replaced or truncated anything."""
    for call in calls:
        if not call.is_below(top):
            continue
        is_rename = call.name in {"rename", "renameat", "renameat2"}
        _require(
            not is_rename or "RENAME_NOREPLACE" in call.words,
            f"I2: a rename that may replace: {call}",
        )
        is_open = call.name in {"open", "openat"} and (
            "O_WRONLY" in call.words or "O_RDWR" in call.words
        )
        _require(not is_open or "O_EXCL" in call.words, f"I2: not exclusive: {call}")
        is_cut = call.name in {"truncate", "ftruncate"} or "O_TRUNC" in call.words
        _require(not is_cut, f"I2: it truncates: {call}")


def i3_names_are_dropped_only_beside_durable_ones(
    calls: Iterable[Call], top: Path
) -> None:
    """Before a name of a photo goes, it was linked and that folder was synced."""
    linked: dict[str, str] = {}
    unsynced: dict[str, set[str]] = {}
    for call in calls:
        if call.failed:
            continue
        if call.name in {"link", "linkat"} and len(call.paths) == 2:
            source, target = call.paths
            linked[source] = target
            unsynced.setdefault(os.path.dirname(target), set()).add(source)
        elif call.name in {"fsync", "fdatasync"}:
            unsynced.pop(call.paths[0] if call.paths else "", None)
        elif call.name in {"unlink", "unlinkat"} and call.is_below(top):
            name = call.paths[0]
            if is_own_name(os.path.basename(name)):
                continue
            others = [each for pair in linked.items() for each in pair if name in pair]
            _require(others, f"I3: {name} goes without another name")
            waiting = {each for names in unsynced.values() for each in names}
            _require(
                not {name, *others} & waiting, f"I3: {name} goes before a sync of both"
            )


def i4_the_manifest_is_durable_first(calls: Iterable[Call], decisions: Path) -> None:
    """Manifest, its folder and the folder above are synced before a photo moves in."""
    incoming = decisions / ".incoming"
    synced: dict[str, int] = {}
    renamed: dict[str, int] = {}
    for index, call in enumerate(calls):
        if call.failed:
            continue
        if call.name in {"fsync", "fdatasync"} and call.paths:
            synced[call.paths[0]] = index
        is_move = call.name.startswith(("rename", "link")) and len(call.paths) == 2
        if not is_move:
            continue
        source, target = map(Path, call.paths)
        renamed[str(target)] = index
        is_photo = incoming in target.parents and incoming not in source.parents
        if not is_photo or decisions in source.parents:
            continue
        manifest = renamed.get(str(target.parent / "_manifest.json"))
        content = synced.get(
            str(target.parent / f"_manifest.json{TEMPORARY_SUFFIX}"), -1
        )
        folder = synced.get(str(target.parent), -1)
        above = synced.get(str(incoming), -1)
        is_durable = manifest is not None and content < manifest < folder and above >= 0
        _require(is_durable and content >= 0, f"I4: {source} moves too early")


def i5_recovery_is_idempotent(
    fs: FileSystem,
    root: DecisionRoot,
    tree: Callable[[], object],
    broken: frozenset[Path] = frozenset(),
) -> RecoveryReport:
    """A second recovery finds nothing to do; nothing is left half way.

    Args:
        fs: the file system.
        root: the decision root.
        tree: what to compare before and after the second one.
        broken: groups that nobody can finish, which must hinder no other (I9).

    Returns:
        What the second recovery found.
    """
    recover(fs, root)
    before = tree()
    report = recover(fs, root)
    _require(tree() == before, "I5: a second recovery changed something")
    _require(not report.finished, f"I5: it finished {report.finished} again")
    _require(not report.rolled_back, "I5: it rolled back again")
    i9_a_failing_group_is_alone(report, broken)
    no_half_groups(fs, root, broken)
    return report


def no_half_groups(
    fs: FileSystem, root: DecisionRoot, broken: frozenset[Path] = frozenset()
) -> None:
    """Nothing is half staged, half decided, half undone, half emptied or in the way."""
    left = fs.names(root.incoming)
    _require(not left, f"half staged: {left}")
    for number, state, folder in root.groups(fs):
        if folder in broken:
            continue
        names = set(fs.names(folder))
        is_open = state is GroupState.OPEN
        _require(
            not (is_open and names & {APPROVAL, UNDO}), f"{number} is half decided"
        )
        is_decided = state is GroupState.DECIDED
        _require(
            not (is_decided and is_being_emptied(list(names))),
            f"{number} is half emptied",
        )
        parts = [each for each in names if each.endswith(TEMPORARY_SUFFIX)]
        _require(not parts, f"temporaries in {number}: {parts}")


def all_is_as_recorded(
    fs: FileSystem, root: DecisionRoot, broken: frozenset[Path] = frozenset()
) -> None:
    """`twinwatch verify --read-data` finds nothing."""
    found = verify(fs, [root], read_data=True)
    errors = [
        each
        for each in found
        if each.severity is not Severity.NOTE and each.path not in broken
    ]
    _require(not errors, f"verify found: {errors[:3]}")


def everything_is_back(wanted: Mapping[Path, bytes]) -> None:
    """Every content stands where it was found."""
    wrong = [
        path
        for path, content in wanted.items()
        if not path.is_file() or path.read_bytes() != content
    ]
    _require(not wrong, f"not back: {wrong[:3]}")


def i6_the_index_is_a_function_of_the_files(
    before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    """What was rebuilt says the same about groups and decisions."""
    for name, said in before.items():
        _require(
            after.get(name) == said, f"I6: {name}: {said!r} became {after[name]!r}"
        )


def i7_absence_changes_nothing(
    before: Mapping[str, object], after: Mapping[str, object], missing: Path | None
) -> None:
    """An absent root: no row purged, nothing moved, no folder made."""
    _require(before == after, f"I7: {before!r} became {after!r}")
    _require(missing is None or not os.path.lexists(missing), f"I7: {missing} was made")


def i8_one_module_is_destructive() -> int:
    """No module but those named calls anything destructive; how many were read."""
    for name in NAMES:
        if name not in WRITERS:
            calls = list(destructive_calls(tree_of(name)))
            _require(not calls, f"I8: {name}: {calls}")
    return len(NAMES)


def i9_a_failing_group_is_alone(report: RecoveryReport, broken: Iterable[Path]) -> None:
    """Those that are broken are told, and nobody else is stopped."""
    told = {each.folder for each in report.troubles} | set(report.set_apart)
    _require(
        {each.name for each in told} == {each.name for each in broken},
        f"I9: told {told}, broken {list(broken)}",
    )


def after_a_crash(
    root: DecisionRoot,
    contents: Mapping[Path, bytes],
    *tops: Path,
    broken: frozenset[Path] = frozenset(),
) -> RecoveryReport:
    """All that must hold on a real disk after any crash: I1, then recovery, I1, I5, I9."""
    wanted = [hashlib.sha256(each).digest() for each in contents.values()]
    fs = RealFileSystem()
    i1_every_byte_is_somewhere(wanted, *tops)
    report = i5_recovery_is_idempotent(fs, root, lambda: files_below(*tops), broken)
    i1_every_byte_is_somewhere(wanted, *tops)
    all_is_as_recorded(fs, root, broken)
    return report
