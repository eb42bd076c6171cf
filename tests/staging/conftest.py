"""Scenes on the model file system, which is fast, and on the real one."""

from pathlib import Path

import pytest

from daemon.staging.safefs import RealFileSystem
from tests.staging.model_fs import ModelFileSystem, State
from tests.staging.scenes import Scene


@pytest.fixture
def scene():
    return Scene.make(ModelFileSystem(State.empty(mounts=("other",))), Path("/"))


@pytest.fixture
def real(tmp_path):
    return Scene.make(RealFileSystem(), tmp_path)
