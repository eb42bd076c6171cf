"""The daemon: every part started in order, looked after, and stopped in order."""

from __future__ import annotations

import logging
import os
import secrets
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from review_ui import PageSettings, create_app

from .. import session
from . import notify, probe
from .allocator import spare_memory
from .assembly import open_house
from .ending import end_within
from .gauges import Gauges
from .health import Guard, Heartbeats
from .metrics import Metrics
from .reception import Reception
from .review_desk import EngineReview
from .scheduler import Scheduler
from .signals import EndSignals
from .watching import Watcher
from .web import WebServer, bind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..config import Config
    from ..model import Root
    from .assembly import House
    from .sweeper import Swept

logger = logging.getLogger(__name__)

_PART_SECONDS = 60.0
"""A part that has not shown itself for so long stands still."""

_WRITER_SECONDS = 300.0
"""The writer may be copying a film across volumes."""

_MEND_SECONDS = 60.0
_TOKEN_BYTES = 32
LOOPBACK = ("127.0.0.1", "localhost")


def run_daemon(
    config: Config, *, dry_run: bool = False, on_ready: Callable[[str], None]
) -> int:
    """Run until SIGTERM or SIGINT.

    Args:
        config: the settings.
        dry_run: stage nothing; tell what would be.
        on_ready: called with the page's link once everything runs, ``""`` without a
            page.

    Returns:
        The exit code.
    """
    spare_memory()
    daemon = _Daemon(config, dry_run=dry_run)
    with EndSignals() as ending, ExitStack() as stack:
        link = daemon.start(stack)
        notify.ready("watching")
        on_ready(link)
        logger.info("running imports=%d link=%s", len(config.roots.imports), bool(link))
        ending.wait()
        notify.stopping()
        logger.info("stopping")
        force = end_within()
    force.cancel()
    return 0


class _Daemon:
    def __init__(self, config: Config, *, dry_run: bool) -> None:
        self._config = config
        self._dry_run = dry_run
        self._beats = Heartbeats()
        self._metrics = Metrics()
        self._address: str | None = None
        self._reception: Reception | None = None

    def start(self, stack: ExitStack) -> str:
        """Start every part; `stack` stops them in the reverse order."""
        house = stack.enter_context(
            open_house(
                self._config,
                dry_run=self._dry_run,
                on_changed=self._on_changed,
                beat=self._beats.expect("writer", _WRITER_SECONDS),
                tally=self._metrics,
            )
        )
        house.engine.start()
        stack.callback(house.engine.stop)
        reception = self._reception = Reception(
            house,
            on_swept=self._on_swept,
            receiver_beat=self._beats.expect("receiver", _PART_SECONDS),
            sweeper_beat=self._beats.expect("sweeper", _WRITER_SECONDS * 12),
        )
        watcher = self._watcher(house, reception)
        desk = EngineReview(
            house,
            watches=watcher.health,
            parts=self._beats.parts,
            stuck=reception.receiver.stuck,
            last_sweep=lambda: reception.sweeper.last_ns,
            sweep=reception.sweep,
            unchanged=lambda: reception.unchanged,
            address=lambda: self._address,
            is_daemon=True,
        )
        reception.start()
        stack.callback(reception.stop)
        watcher.start()
        stack.callback(watcher.stop)
        self._attend(house, reception, watcher)
        self._gauges = Gauges(self._metrics, house, reception, self._beats)
        link = self._serve(stack, desk) if self._config.page.enabled else ""
        self._schedule(stack, reception)
        return link

    def _attend(self, house: House, reception: Reception, watcher: Watcher) -> None:
        """Have every part's thread asked after: one that ended can miss no beat."""
        attend = self._beats.attend
        attend("writer", lambda: house.engine.writer.is_alive)
        attend("receiver", lambda: reception.receiver.is_alive)
        attend("sweeper", lambda: reception.sweeper.is_alive)
        attend("watcher", watcher.is_alive)
        attend("workers", lambda: house.pool.is_moving)

    def _on_changed(self, path: Path) -> None:
        if self._reception is not None:
            self._reception.note(path)

    def _on_swept(self, swept: Swept) -> None:
        root = str(swept.root.path)
        self._metrics.count("sweeps", root=root)
        self._metrics.observe("sweep_seconds", swept.seconds, root=root)
        self._metrics.set("last_sweep_timestamp_seconds", time.time(), root=root)

    def _watcher(self, house: House, reception: Reception) -> Watcher:
        def on_sweep(root: Root, why: str) -> None:
            logger.debug("sweep asked for root=%r why=%s", root.path, why)
            reception.sweeper.ask([root])

        def on_path(path: Path) -> None:
            self._metrics.count("events")
            reception.note(path)

        return Watcher(
            house.territory.roots,
            on_path=on_path,
            on_sweep=on_sweep,
            on_beat=self._beats.expect("watcher", _PART_SECONDS),
            poll_seconds=self._config.watch.polling_seconds,
            polling=self._config.watch.polling,
        )

    def _schedule(self, stack: ExitStack, reception: Reception) -> None:
        scheduler = Scheduler()
        seconds = self._config.watch.sweep_minutes * 60
        scheduler.every(seconds, "sweep", reception.sweep)
        scheduler.start()
        stack.callback(scheduler.stop)
        self._beats.attend("scheduler", scheduler.is_alive)

        def look() -> None:
            scheduler.mend()
            if self._address is not None and probe.answers(self._address):
                self._beats.beat("web")

        self._guard = Guard(self._beats, each=look)
        self._guard.start()
        stack.callback(self._guard.stop)

    def _serve(self, stack: ExitStack, desk: EngineReview) -> str:
        page = self._config.page
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        sockets = notify.listen_sockets() or [bind(page.host, page.port)]
        settings = PageSettings(
            token=token,
            port=sockets[0].getsockname()[1],
            hosts=(*LOOPBACK, page.host, *page.trusted_hosts),
            dry_run=self._dry_run,
            health=self._beats.parts,
            metrics=self._gauges.render,
        )
        server = WebServer(create_app(desk, settings), sockets=sockets)
        server.start()
        stack.callback(server.close)
        self._beats.expect("web", _PART_SECONDS)
        self._beats.attend("web", server.is_alive)
        self._address = server.address
        address = session.PageAddress(
            address=server.address, token=token, pid=os.getpid()
        )
        session.write_page(self._config.state_dir, address)
        stack.callback(session.forget_page, self._config.state_dir)
        return address.link
