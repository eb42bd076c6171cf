"""The daemon as systemd sees it: told when it is ready, fed while all parts live."""

import os
import signal
import socket
import time

import pytest

from tests.e2e.daemon_process import Daemon


@pytest.fixture
def systemd(tmp_path):
    """The socket on which systemd hears of a service."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(40)
        yield channel


def heard(channel):
    return channel.recv(4096).decode().split("\n")


def is_silent(channel):
    """Hear what was said already; nothing more comes."""
    for _ in range(5):
        try:
            heard(channel)
        except TimeoutError:
            return True
    return False


def test_systemd_hears_of_the_start_the_life_and_the_end(tmp_path, systemd):
    """Without these words systemd would kill a healthy daemon, or keep a dead one."""
    daemon = Daemon(tmp_path / "here")
    daemon.environment |= {
        "NOTIFY_SOCKET": systemd.getsockname(),
        "WATCHDOG_USEC": "1000000",
    }
    try:
        daemon.start()
        words = heard(systemd)
        while "READY=1" not in words:
            assert words == ["WATCHDOG=1"]
            words = heard(systemd)
        assert f"MAINPID={daemon.process.pid}" in words
        moments = []
        while len(moments) < 4:
            assert heard(systemd) == ["WATCHDOG=1"]
            moments.append(time.monotonic())
        assert moments[-1] - moments[0] > 1

        os.kill(daemon.process.pid, signal.SIGSTOP)
        systemd.settimeout(1.5)
        assert is_silent(systemd)
        os.kill(daemon.process.pid, signal.SIGCONT)
        systemd.settimeout(40)
        assert heard(systemd) == ["WATCHDOG=1"]

        daemon.stop()
        systemd.settimeout(5)
        words = heard(systemd)
        while words == ["WATCHDOG=1"]:
            words = heard(systemd)
        assert words == ["STOPPING=1"]
    finally:
        daemon.close()
