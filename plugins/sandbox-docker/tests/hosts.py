"""Hosts of the tests' own, on loopback: an HTTPS one with a certificate, a plain HTTP one, and one that echoes."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any

from massgen_core.egress.authority import Authority


class Seen(BaseHTTPRequestHandler):
    """Answers each request with what it saw of it, except for values: those stay with the server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Web)
        server.requests.append({name.lower(): value for name, value in self.headers.items()})
        redirected = self.path.startswith("/to/")
        body = json.dumps({"host": self.headers["host"], "path": self.path}).encode()
        self.send_response(302 if redirected else 200)
        if redirected:
            self.send_header("Location", self.path.removeprefix("/to/"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


class Web(ThreadingHTTPServer):
    """A web server that remembers the headers of its requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Seen)
        self.requests: list[dict[str, str]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        return  # a client that does not like the certificate


class Echo(BaseRequestHandler):
    """Sends back what comes."""

    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.request.sendall(data)


class EchoServer(ThreadingTCPServer):
    """A TCP server that knows how many connections came."""

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Echo)
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


@contextmanager
def serving(server: TCPServer) -> Generator[None]:
    """Run it in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def web(authority: Authority | None = None, host: str = "web.test") -> Generator[Web]:
    """A web server, with TLS where there is an authority for its certificate."""
    server = Web()
    if authority is not None:
        context: ssl.SSLContext = authority.server_context(host)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with serving(server):
        yield server


@contextmanager
def echo(host: str = "127.0.0.1") -> Generator[EchoServer]:
    """A TCP server that echoes."""
    server = EchoServer(host)
    with serving(server):
        yield server
