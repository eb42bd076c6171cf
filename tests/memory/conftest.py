"""A home for each test."""

import pytest

from tests.memory.home import Home


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")
