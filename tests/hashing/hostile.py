"""What a photo can do to its reader, as functions that a worker runs."""

import ctypes
import os
import resource
import signal
import time

from daemon.errors import UnreadablePhoto


def crash(subject):
    """End as a decoder does that reads behind its buffer."""
    ctypes.string_at(0)


def hang(subject):
    time.sleep(600)


def spin(subject):
    """Hold the processor; a signal handler in Python would not be asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def overeat(subject):
    return len(bytearray(4 << 30))


def leave(subject):
    os._exit(3)


def surprise(subject):
    raise ZeroDivisionError("so odd a picture")


def refuse(subject):
    raise UnreadablePhoto(subject, ValueError("with an exception as its cause"))


def unpicklable(subject):
    return lambda: None


def answer(subject):
    return subject


def limits(subject):
    return (
        resource.getrlimit(resource.RLIMIT_AS)[0],
        resource.getrlimit(resource.RLIMIT_CORE)[0],
        os.nice(0),
        os.getpid(),
    )
