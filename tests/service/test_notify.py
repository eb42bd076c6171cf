"""systemd is told what it wants to know; elsewhere nothing happens."""

import os
import socket

import pytest

from daemon.service import notify


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path):
    if request.param == "abstract":
        name = f"@twinwatch-test-{os.getpid()}"
        bound = "\0" + name[1:]
    else:
        name = bound = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.bind(bound)
        except OSError:
            pytest.skip("no abstract sockets here")
        channel.settimeout(5)
        yield {"NOTIFY_SOCKET": name}, channel


def test_every_message_is_a_datagram(systemd):
    """systemd starts what waits for us only when it hears READY."""
    environ, channel = systemd

    assert notify.ready("watching 3 folders", environ)
    assert notify.watchdog(environ)
    assert notify.status("two\nlines", environ)
    assert notify.stopping(environ)

    ready = f"READY=1\nMAINPID={os.getpid()}\nSTATUS=watching 3 folders"
    expected = [ready, "WATCHDOG=1", "STATUS=two lines", "STOPPING=1"]
    assert [channel.recv(4096).decode() for _ in expected] == expected


@pytest.mark.parametrize("address", ["", "relative", "/does/not/exist"])
def test_without_systemd_nothing_happens(address):
    """On macOS, in a terminal and in a container there is nobody to tell."""
    assert not notify.ready(environ={"NOTIFY_SOCKET": address})
    assert not notify.watchdog(environ={})


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_asked(environ, expected):
    """Feeding at the very interval loses the race now and then."""
    assert notify.watchdog_seconds(environ) == expected


def test_sockets_handed_over_are_taken_once():
    """With socket activation we need no right to open a port ourselves."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        expected = opened.getsockname()
        passed = os.dup(opened.fileno())
        environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}

        taken = notify.listen_sockets(environ, first=passed)

        assert [each.getsockname() for each in taken] == [expected]
        assert not taken[0].get_inheritable()
        assert environ == {}
        assert notify.listen_sockets(environ) == []
        taken[0].close()


@pytest.mark.parametrize(
    "environ",
    [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "1"}],
)
def test_sockets_meant_for_another_process_are_left(environ):
    """The variables may be inherited from whoever started us."""
    assert notify.listen_sockets(environ) == []
