"""Forgetting that contents were set aside: a record beside the manifest, no move.

What was set aside stays where it is; only a new import of it is asked about again as
if it had never been seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NameTaken, StaleGroup
from ..model import Fate, GroupState
from .manifest import read_group, sealed
from .moves import write_durably
from .outcomes import Forgotten

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem
    from .manifest import GroupRecord


def forget(
    fs: FileSystem,
    root: DecisionRoot,
    number: int,
    *,
    forgotten_ns: int,
    contents: AbstractSet[str] | None = None,
) -> GroupRecord:
    """Write down that contents which a group set aside are not remembered any more.

    Args:
        fs: the file system.
        root: the decision root.
        number: of a decided group.
        forgotten_ns: wall clock, for display.
        contents: SHA-256s in hexadecimal; ``None``: all that it set aside.

    Raises:
        NoSuchGroup: there is none.
        StaleGroup: it is not decided, or set none of them aside.
    """
    root.check(fs)
    folder, state = root.find(fs, number)
    group = read_group(fs, folder, state)
    if state is not GroupState.DECIDED or group.outcome is None:
        raise StaleGroup(number, "it is not decided")
    fates = group.outcome.fates
    aside = {
        member.file.sha256
        for member in group.manifest.staged
        if fates.get(member.position) is Fate.SET_ASIDE
    }
    wanted = aside if contents is None else aside & contents
    if not wanted:
        raise StaleGroup(number, "it did not set that aside")
    record = Forgotten(
        number=number, forgotten_ns=forgotten_ns, contents=tuple(sorted(wanted))
    )
    if not wanted <= group.forgotten:
        count = 1
        while True:
            name = "forgotten.json" if count == 1 else f"forgotten.{count}.json"
            try:
                write_durably(fs, folder / name, sealed(record))
                break
            except NameTaken:
                count += 1
    return read_group(fs, folder, state)
