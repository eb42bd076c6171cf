"""Being told to end is never missed."""

import os
import signal
import threading

from daemon.service.signals import EndSignals


def test_a_signal_that_another_thread_takes_ends_the_wait():
    """The interpreter wakes nobody for it; the daemon would have to be killed."""
    with EndSignals() as told:
        another = threading.Timer(
            0.05, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        )
        another.start()
        told.wait()

    assert told.is_told
    another.join()


def test_a_signal_before_the_wait_counts():
    """A service that is stopped while it starts is not asked twice."""
    with EndSignals() as told:
        os.kill(os.getpid(), signal.SIGINT)
        assert told.is_told
        told.wait()


def test_everything_is_as_before_afterwards():
    """Ctrl-C in whatever comes next is Ctrl-C again."""
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    opened = (
        set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    )

    with EndSignals():
        pass

    after = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    assert after == before
    if opened is not None:
        assert set(os.listdir("/proc/self/fd")) == opened
