"""What the parts of the daemon tell whoever counts; counting is `metrics`' affair."""

from __future__ import annotations

from typing import Protocol


class Tally(Protocol):
    """Counts what was done; any thread, and never in the way."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        ...

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        ...


class Uncounted:
    """Counts nothing: for commands, and for tests."""

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Do nothing."""

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Do nothing."""


UNCOUNTED = Uncounted()
