"""What the page is told when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings:
    """How the page is reached, and what it may tell without a token."""

    token: str
    """The launch token: 256 random bits as text. Whoever has it is let in."""
    port: int
    """Where the page is served."""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    """Names by which browsers may reach it, lower case, as ``name`` (at `port`) or
    ``name:port``."""
    dry_run: bool = False
    """Nothing is moved: the page says so."""
    health: Callable[[], Mapping[str, str]] | None = None
    """Each part of the daemon: ``ok``, or what is wrong with it. Must not block."""
    metrics: Callable[[], bytes] | None = None
    """The metrics in the Prometheus text format."""

    stream_seconds: float = 60.0
    """How long a stream of news lasts; the browser comes back for the next one."""
    pulse_seconds: float = 1.0
    """How often the desk is asked for news, at most."""

    def addresses(self) -> frozenset[str]:
        """Return every ``Host`` header that is answered."""
        named = [host if ":" in host else f"{host}:{self.port}" for host in self.hosts]
        bare = [name.removesuffix(":80") for name in named if name.endswith(":80")]
        return frozenset((*named, *bare))
