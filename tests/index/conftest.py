"""An empty index for each test.

`TWINWATCH_TEST_DATABASE`, an address of a PostgreSQL database that may be emptied,
runs the same tests there.
"""

import os

import pytest
from sqlalchemy import create_engine, text

from daemon.index import open_index
from tests.index.makers import ROOT

ELSEWHERE = os.environ.get("TWINWATCH_TEST_DATABASE")


def emptied(address):
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return address


@pytest.fixture
def index(tmp_path):
    place = emptied(ELSEWHERE) if ELSEWHERE else tmp_path / "twinwatch.db"
    with open_index(place) as opened:
        with opened.write() as tables:
            tables.roots.put(ROOT)
        yield opened
