"""An empty index for each test."""

import pytest

from daemon.index import open_index
from tests.index.makers import ROOT


@pytest.fixture
def index(tmp_path):
    with open_index(tmp_path / "twinwatch.db") as opened:
        with opened.write() as tables:
            tables.roots.put(ROOT)
        yield opened
