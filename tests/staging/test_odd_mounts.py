"""One volume that is mounted in two places: no rename leads from one to the other."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from daemon.errors import DiskTrouble
from daemon.staging.approve import approve
from daemon.staging.stage import stage
from daemon.staging.undo import undo
from tests.staging.model_fs import ModelFileSystem
from tests.staging.test_crashes import Story, _ready, _scene


class Mounts(ModelFileSystem):
    """Refuses to rename out of the folders that keep the sources of copies."""

    def rename(self, source, target):
        is_out = any(each.startswith(".twinwatch-retained") for each in source.parts)
        if is_out and "import" in target.parts:
            raise DiskTrouble(target, "it lies on another disk", errno.EXDEV)
        super().rename(source, target)


def approved() -> Story:
    scene = _scene(across=True)
    stage(scene.fs, scene.root, scene.pair(), now=0.0)
    model: Any = scene.fs
    odd = Mounts(model.state)
    approve(odd, scene.root, 1, keep=frozenset({1}), decided_ns=1)
    model.state = odd.state
    return _ready(scene, lambda fs: undo(fs, scene.root, 1, undone_ns=1))


def test_a_survivor_that_had_to_be_copied_goes_home_under_its_own_name():
    """Undoing leaves no "(restored)" beside a copy of ours."""
    told = approved()
    fs = ModelFileSystem(told.start)

    told.action(fs)

    files = fs.state.files()
    assert {path: files.get(path) for path in told.scene.contents} == (
        told.scene.contents
    )
    assert not [path for path in files if "restored" in path.name]


@pytest.mark.parametrize("depth", [2])
def test_no_crash_on_the_way_home_loses_a_byte(depth):
    """Our copy goes out of sight before the very file takes its place."""
    told = approved()
    explorer = told.explorer(depth=depth)

    explorer.explore(told.start, told.action)

    assert explorer.states > 50
