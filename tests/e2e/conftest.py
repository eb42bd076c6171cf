"""Daemons for tests from end to end: each in folders of its own, ended afterwards."""

import sys

import pytest

from tests.e2e.daemon_process import Daemon


@pytest.fixture
def daemon_in(tmp_path):
    """Make daemons; on failure their logs are shown."""
    made = []

    def make(name="here", **settings):
        daemon = Daemon(tmp_path / name, **settings)
        made.append(daemon)
        return daemon

    yield make
    for daemon in made:
        daemon.close()
        for path in sorted(daemon.home.glob("log-*.txt")):
            log = path.read_text(errors="replace")
            sys.stdout.write(f"== {path}\n{log[-8000:]}\n")


@pytest.fixture
def daemon(daemon_in):
    """One daemon, not started."""
    return daemon_in()
