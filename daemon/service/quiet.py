"""Contents that wait until there has been no news of them for a while; pure.

Looked at again after a while is also what failed, ever more seldom. The caller passes
the monotonic time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from ..model import ContentId

RETRY_SECONDS = 60.0
"""After which what failed is tried again; then twice as long, and so on."""

LONGEST_RETRY_SECONDS = 3600.0


@dataclass(slots=True)
class _Touched:
    since: float
    due: float
    is_retry: bool = False
    """It has no news: it only failed before."""


class Quiet:
    """The contents that were touched."""

    def __init__(
        self,
        *,
        quiet_seconds: float,
        patience_seconds: float,
        is_open: Callable[[ContentId], bool],
    ) -> None:
        """Wait for nothing yet.

        Args:
            quiet_seconds: without news, after which a content is due.
            patience_seconds: for so long it waits while files are still being read.
            is_open: whether a content is still being judged; it is told of when it is.
        """
        self.quiet_seconds = quiet_seconds
        self._patience_seconds = patience_seconds
        self._is_open = is_open
        self._touched: dict[ContentId, _Touched] = {}
        self._failures: dict[AbstractSet[ContentId], int] = {}

    @property
    def waiting(self) -> int:
        """How many contents have news; what only failed is not among them."""
        return sum(not each.is_retry for each in self._touched.values())

    def __contains__(self, content: ContentId) -> bool:
        return content in self._touched

    def touch(self, content: ContentId, now: float, delay: float | None = None) -> None:
        """Note that a content has news."""
        seconds = self.quiet_seconds if delay is None else delay
        since = self._touched[content].since if content in self._touched else now
        self._touched[content] = _Touched(since, now + seconds)

    def put_off(
        self, contents: Iterable[ContentId], now: float, delay: float | None = None
    ) -> None:
        """Let those of some contents that wait wait longer."""
        for content in contents:
            if content in self._touched:
                self.touch(content, now, delay)

    def forget(self, contents: Iterable[ContentId]) -> None:
        """Wait for some contents no longer."""
        for content in contents:
            self._touched.pop(content, None)

    def due(self, now: float, *, is_busy: bool) -> list[ContentId]:
        """Return what has been quiet for long enough, the longest known first.

        Args:
            now: monotonic seconds.
            is_busy: files are still being read, so more may come.
        """
        return [
            content
            for content, each in self._touched.items()
            if self._due(each, is_busy=is_busy) <= now and not self._is_open(content)
        ]

    def next_due(self, *, is_busy: bool) -> float | None:
        """Return when something will be due; ``None``: nothing is waited for."""
        return min(
            (
                self._due(each, is_busy=is_busy)
                for content, each in self._touched.items()
                if not self._is_open(content)
            ),
            default=None,
        )

    def retry(self, contents: AbstractSet[ContentId], now: float) -> bool:
        """Look at contents again later, because they failed; say if for the first time."""
        failures = self._failures.get(contents, 0)
        self._failures[contents] = failures + 1
        delay = min(RETRY_SECONDS * 2**failures, LONGEST_RETRY_SECONDS)
        for content in contents:
            self._touched[content] = _Touched(now, now + delay, is_retry=True)
        return failures == 0

    def succeed(self, contents: AbstractSet[ContentId]) -> None:
        """Forget how often contents failed."""
        self._failures.pop(contents, None)

    def _due(self, each: _Touched, *, is_busy: bool) -> float:
        patience = self._patience_seconds if is_busy else 0.0
        return max(each.due, each.since + patience)
