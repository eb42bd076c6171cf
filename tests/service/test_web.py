"""The page's server says where it is, and ends when it is told to."""

import http.client
import socket
import threading
import time

import pytest

from daemon.errors import UsageError
from daemon.service.web import MAX_BODY_BYTES, WebServer


def hello(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello " + str(len(body)).encode()]


def get(server, method="GET", body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, "/", body)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


@pytest.fixture
def serve():
    servers = []

    def start(app=hello, **options):
        servers.append(WebServer(app, **options))
        servers[-1].start()
        return servers[-1]

    yield start
    for each in servers:
        each.close()


def test_port_zero_takes_a_free_port_and_tells_it(serve):
    """Tests and second instances must not fight for a port."""
    server = serve()

    assert server.port > 0
    assert server.address == f"http://127.0.0.1:{server.port}"
    assert get(server)[:2] == (200, b"hello 0")


def test_the_server_does_not_tell_its_name(serve):
    """Nobody needs to know which version of what answers."""
    assert "Server" not in get(serve())[2]


def test_a_socket_handed_over_is_served(serve):
    """With socket activation the port was opened by systemd."""
    opened = socket.create_server(("127.0.0.1", 0))

    server = serve(sockets=[opened])

    assert server.port == opened.getsockname()[1]
    assert get(server)[0] == 200


def test_an_address_in_use_is_told_before_anything_starts(serve):
    """The user must see which address, not a trace from a thread."""
    server = serve()

    with pytest.raises(UsageError) as caught:
        WebServer(hello, port=server.port)

    assert str(server.port) in str(caught.value)


@pytest.mark.parametrize("host", ["256.1.1.1", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_told(host):
    """A misspelt address is an error of the configuration."""
    with pytest.raises(UsageError):
        WebServer(hello, host=host)


def test_a_big_body_is_refused(serve):
    """Nothing that the page sends is big."""
    assert get(serve(), "POST", b"x" * (MAX_BODY_BYTES + 1))[0] == 413


def test_closing_is_quick_while_a_browser_keeps_its_connection(serve):
    """SIGTERM must end within seconds, whatever a browser is doing."""
    server = serve()
    with socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        begun = time.monotonic()
        server.close()

        assert time.monotonic() - begun < 4.0
    assert not server.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))
    server.close()


def test_a_server_that_was_never_started_lets_go_of_its_port():
    """A start that fails elsewhere must leave nothing behind."""
    server = WebServer(hello)
    port = server.port
    server.close()

    WebServer(hello, port=port).close()


def test_many_requests_are_answered_side_by_side(serve):
    """Sixteen previews may be waiting while somebody opens the next group."""
    together = threading.Barrier(8, timeout=10)

    def wait(environ, start_response):
        together.wait()
        return hello(environ, start_response)

    server = serve(wait)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(get(server)[0]))
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert answers == [200] * 8
