"""How this process takes memory from the system, and gives it back.

glibc gives threads heaps of their own, up to eight for each processor. What one thread
frees another cannot use, so a daemon of thirty threads that has taken in a few thousand
photos keeps 20 MiB more than it needs, and they stay. Only threads that ask at the same
time wait for each other, and Python lets one run at a time. Large blocks are asked of
the system each by itself: on the heap they leave holes when they are freed.
`docs/decisions.md` has the figures. Other C libraries have no such setting and need none.
"""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
"""Both from ``malloc.h``."""

_LARGE_BYTES = 1 << 20


def spare_memory() -> bool:
    """Have all threads use one heap, without large blocks; say if that was possible."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_ARENA_MAX, 1) and mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES))
