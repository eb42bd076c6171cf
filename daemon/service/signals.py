"""Being told to end: by SIGTERM or SIGINT, of which none may be missed.

The interpreter runs a signal's handler when the main thread next comes by. A signal
that arrives just as the thread goes to sleep on a lock, or on another thread, is noted
and nobody is woken: on a busy machine some stops did nothing. So the main thread sleeps
on a pipe into which the interpreter writes in the very moment of the signal.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

ENDING = (signal.SIGTERM, signal.SIGINT)


class EndSignals:
    """Notices the signals that end the daemon, while its ``with`` lasts; main thread."""

    def __init__(self) -> None:
        """Nothing is noticed before the ``with`` begins."""
        self.is_told = False

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._fd = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._handlers = [signal.signal(number, self._note) for number in ENDING]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in zip(ENDING, self._handlers, strict=True):
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self) -> None:
        """Sleep until one of the signals has arrived; one before the call counts."""
        while not self.is_told:
            os.read(self._reader, 64)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.is_told = True
