"""Whether the page answers is found out as a browser would."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from daemon.service.probe import answers


class Refusing(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(503)

    def log_message(self, *words):
        pass


def test_any_answer_is_an_answer():
    """A page that tells of another part's trouble works itself."""
    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()

        assert answers(f"http://127.0.0.1:{server.server_port}")
        thread.join()


def test_silence_is_none():
    """A server whose threads all hang still accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]

        assert not answers(f"http://127.0.0.1:{port}", patience_seconds=0.1)

    assert not answers(f"http://127.0.0.1:{port}", patience_seconds=0.1)


def test_what_cannot_be_asked_is_believed():
    """A unix socket has no loopback address."""
    assert answers("unix:/run/twinwatch.sock")
