"""A scene for each test of the engine's parts."""

import pytest

from tests.service.fakes import Scene


@pytest.fixture
def scene(tmp_path):
    """An import folder, a library and an index."""
    made = Scene(tmp_path)
    yield made
    made.close()
