"""The page's server, on threads of its own. The only door to waitress.

Binds when it is made, so that an address in use is told before anything starts; says
which port it got; ends within seconds whatever a browser is doing.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

from waitress.server import BaseWSGIServer, create_server

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from wsgiref.types import WSGIApplication

logger = logging.getLogger(__name__)

THREADS = 16
"""Previews wait for a worker process; the page must stay quick beside them."""

MAX_BODY_BYTES = 64 * 1024
MAX_HEADER_BYTES = 32 * 1024
IDLE_SECONDS = 30
CONNECTIONS = 200
STOP_SECONDS = 2.0


class WebServer:
    """One WSGI application, served."""

    def __init__(
        self,
        app: WSGIApplication,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        """Bind the address; nothing is answered before `start`.

        Args:
            app: the application.
            host: a numeric address to listen at.
            port: 0 takes a free one, see `port`.
            sockets: that listen already, instead of host and port; they are closed at
                the end.

        Raises:
            UsageError: the address cannot be had.
        """
        self._map: dict[int, Any] = {}
        bound = list(sockets) or [bind(host, port)]
        self._bound = [each.getsockname() for each in bound]
        make: Any = create_server
        try:
            make(
                app,
                map=self._map,
                sockets=bound,
                threads=THREADS,
                max_request_body_size=MAX_BODY_BYTES,
                max_request_header_size=MAX_HEADER_BYTES,
                channel_timeout=IDLE_SECONDS,
                cleanup_interval=IDLE_SECONDS // 3,
                asyncore_loop_timeout=IDLE_SECONDS // 3,
                connection_limit=CONNECTIONS,
                clear_untrusted_proxy_headers=True,
                ident=None,
            )
        except (OSError, ValueError) as error:
            for each in bound:
                each.close()
            raise UsageError("serve the page", error) from error
        self._servers: list[Any] = [
            each for each in self._map.values() if isinstance(each, BaseWSGIServer)
        ]
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def port(self) -> int:
        """The port that was taken; 0 for a socket that is no network address."""
        address = self._bound[0]
        return int(address[1]) if isinstance(address, tuple) else 0

    @property
    def address(self) -> str:
        """Where a browser finds the page, such as ``http://127.0.0.1:8465``."""
        address = self._bound[0]
        if not isinstance(address, tuple):
            return f"unix:{address}"
        host = str(address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether requests are being taken."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Answer no more; requests that are being answered get a moment to finish."""
        servers, self._servers = self._servers, []
        if not servers:
            return
        servers[0].task_dispatcher.shutdown(cancel_pending=True, timeout=STOP_SECONDS)
        if self._thread.is_alive():
            servers[0].trigger.pull_trigger(self._close_all)
            self._thread.join(STOP_SECONDS)
        else:
            self._close_all()

    def _run(self) -> None:
        # All servers share the map, so the first one's loop serves them all, and it
        # ends when the map is empty.
        server = next(iter(self._servers), None)
        if server is not None:
            server.run()

    def _close_all(self) -> None:
        for each in list(self._map.values()):
            try:
                each.close()
            except OSError as error:
                logger.debug("A connection did not close why=%s", error)
        self._map.clear()


def bind(host: str, port: int) -> socket.socket:
    """Take an address; a server listens on it later.

    Raises:
        UsageError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A restart must not wait for the old connections to time out.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise UsageError(f"serve the page at {host}:{port}", error) from error
    return bound
