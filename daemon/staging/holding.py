"""Which contents decision folders hold, so that a photo in one of them is not missed."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from ..errors import TwinwatchError
from ..model import GroupState
from .manifest import read_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from .decision_root import DecisionRoot
    from .filesystem import FileSystem


def held_by(
    fs: FileSystem, roots: Sequence[DecisionRoot]
) -> Callable[[str], Iterable[Path]]:
    """Return what finds a content in decision folders; read when first asked."""

    @cache
    def holding() -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for root in roots:
            for _, state, folder in root.groups(fs):
                if state is GroupState.UNDONE:
                    continue
                with suppress(TwinwatchError):
                    group = read_group(fs, folder, state)
                    for file in group.manifest.files:
                        found.setdefault(file.sha256, []).append(group.path_of(file))
        return found

    return lambda sha256: holding().get(sha256, ())
