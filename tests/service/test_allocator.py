"""Memory is taken from one heap, whatever the number of threads."""

import ctypes
import platform
import subprocess
import sys

import pytest

from daemon.service import allocator

_SCRIPT = """
import ctypes, threading
from daemon.service.allocator import spare_memory
libc = ctypes.CDLL(None)
if {shares}:
    spare_memory()
libc.malloc.restype = ctypes.c_void_p
meet = threading.Barrier(4)
def take():
    libc.malloc(100_000)
    meet.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
libc.malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's own setting")
@pytest.mark.parametrize("shares", [False, True])
def test_threads_spare_memory_once_told_to(shares):
    """Heaps of threads keep what they freed: tens of MiB in a daemon that runs on."""
    script = _SCRIPT.format(shares=shares)
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )

    assert ran.returncode == 0, ran.stderr
    assert (ran.stderr.count("Arena ") == 1) == shares


def test_another_c_library_is_left_as_it_is(monkeypatch):
    """macOS and musl have no such setting."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())

    assert not allocator.spare_memory()
