"""Attempts on a network with a list of what may be reached: past its proxy, through it, and around its rules.

What is sent carries the attempt's own word; whether that word arrived at a listener of the audit is seen on the host.
Where there is no proxy (the weak profile), it is sent straight to the listener.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable

from massgen_sandbox_docker.audit.probes.probe import Facts, attempt, main, parameters

_PROXY = ("127.0.0.1", 3128)
_TIME = 8.0


def _allowed() -> int:
    return int(parameters()["allowed"])


def _forbidden() -> int:
    return int(parameters()["forbidden"])


@attempt("gate-control")
def control() -> Facts:
    """What is allowed must pass, or no refusal says anything."""
    return _answers({"web": lambda: _get(f"web.audit.test:{_allowed()}", "gate-control")})


@attempt("gate-forbidden-host")
def forbidden_host() -> Facts:
    hosts = ("forbidden.audit.test", "127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1")
    return _answers(
        {host: lambda host=host: _connect(f"{host}:{_forbidden()}", b"gate-forbidden-host") for host in hosts}
    )


@attempt("gate-other-port")
def other_port() -> Facts:
    places = (f"tls.audit.test:{_forbidden()}", f"web.audit.test:{_forbidden()}", "tls.audit.test:22")
    return _answers({place: lambda place=place: _connect(place, b"gate-other-port") for place in places})


@attempt("gate-other-name")
def other_name() -> Facts:
    """Ask for one server, and greet another in TLS; also at the address that the sandbox has for the allowed one."""
    hello = _hello("gate-other-name.audit.test")
    place = f"tls.audit.test:{_allowed()}"
    return _answers(
        {
            "by CONNECT": lambda: _connect(place, hello),
            "by its own address": lambda: _direct(("tls.audit.test", _allowed()), hello),
        }
    )


@attempt("gate-plain-text")
def plain_text() -> Facts:
    place = f"tls.audit.test:{_allowed()}"
    request = b"GET /gate-plain-text HTTP/1.1\r\nHost: tls.audit.test\r\n\r\n"
    return _answers(
        {
            "by CONNECT": lambda: _connect(place, request),
            "by its own address": lambda: _direct(("tls.audit.test", _allowed()), request),
        }
    )


@attempt("gate-fronting")
def fronting() -> Facts:
    """Ask for an allowed host, and name another one in the request."""
    place = f"web.audit.test:{_allowed()}"
    head = f"GET http://{place}/ HTTP/1.1\r\nHost: gate-fronting.audit.test\r\n\r\n"
    plain = b"GET / HTTP/1.1\r\nHost: gate-fronting.audit.test\r\n\r\n"
    return _answers(
        {
            "by the proxy": lambda: _spoken(_PROXY, head.encode()),
            "by its own address": lambda: _direct(("web.audit.test", _allowed()), plain),
        }
    )


@attempt("gate-redirect")
def redirect() -> Facts:
    """The allowed host sends to a forbidden one; the client follows."""
    place = f"127.0.0.1:{_forbidden()}"
    return _answers(
        {
            "first": lambda: _get(f"web.audit.test:{_allowed()}", "first"),
            "followed": lambda: _get(place, "gate-redirect"),
        }
    )


@attempt("gate-private-address")
def private_address() -> Facts:
    """Names on the list that lead to the host itself, which the list does not allow."""
    names = ("inner", "mapped", "lan")
    port = _allowed()
    return _answers(
        {name: lambda name=name: _get(f"{name}.audit.test:{port}", "gate-private-address") for name in names}
    )


@attempt("gate-huge-head")
def huge_head() -> Facts:
    place = f"web.audit.test:{_allowed()}"
    head = f"GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\nX: gate-huge-head {'x' * (2 << 20)}\r\n\r\n"
    return _answers({"2 MiB": lambda: _spoken(_PROXY, head.encode())})


@attempt("gate-slow-heads")
def slow_heads() -> Facts:
    """150 connections that never finish their requests, and are let go; then one that does must be answered."""
    with contextlib.ExitStack() as kept:
        for _ in range(150):
            with contextlib.suppress(OSError):
                connection = kept.enter_context(socket.create_connection(_PROXY, timeout=_TIME))
                connection.sendall(b"GET http://web.audit.test/ HTTP/1.1\r\nX: ")
    return _answers({"one that is whole": _whole})


def _whole() -> str:
    """Ask again for a while: the proxy has to notice the others' end."""
    place, end = f"web.audit.test:{_allowed()}", time.monotonic() + _TIME
    answer = ""
    while not answer and time.monotonic() < end:
        with contextlib.suppress(ConnectionResetError), socket.create_connection(_PROXY, timeout=_TIME) as connection:
            connection.sendall(f"GET http://{place}/gate-slow-heads HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
            answer = _status(connection)
        time.sleep(0.05)
    return answer


def _answers(ways: dict[str, Callable[[], str]]) -> Facts:
    return {"answers": {name: _outcome(way) for name, way in ways.items()}}


def _outcome(way: Callable[[], str]) -> str:
    try:
        return way()
    except OSError as error:
        return type(error).__name__


def _get(place: str, word: str) -> str:
    return _spoken(_PROXY, f"GET http://{place}/{word} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())


def _connect(place: str, data: bytes) -> str:
    """Open a tunnel, and send into it what is meant for its other end."""
    with _opened(_PROXY) as connection:
        connection.sendall(
            f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode() if _is_proxy(connection) else data
        )
        answer = _status(connection)
        if answer.split()[1:2] == ["200"]:
            connection.sendall(data)
            return f"{answer}, then {_status(connection) or 'nothing'}"
        return answer


def _direct(place: tuple[str, int], data: bytes) -> str:
    return _spoken(place, data)


def _spoken(place: tuple[str, int], data: bytes) -> str:
    with _opened(place) as connection:
        connection.sendall(data)
        return _status(connection)


def _opened(place: tuple[str, int]) -> socket.socket:
    """A connection; straight to the audit's listener where nobody listens at the place."""
    try:
        return socket.create_connection(place, timeout=_TIME)
    except OSError:
        detour = parameters().get("detour")
        if not detour:
            raise
        return socket.create_connection((str(detour[0]), int(detour[1])), timeout=_TIME)


def _is_proxy(connection: socket.socket) -> bool:
    return connection.getpeername()[1] == _PROXY[1]


def _status(connection: socket.socket) -> str:
    """The first line of an answer; empty where the connection ends without one."""
    line = connection.recv(4096).split(b"\r\n")[0].decode("ascii", "replace")
    return line[:120] if line.isprintable() else "bytes"


def _hello(name: str) -> bytes:
    """The first message of TLS, greeting a server of this name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


if __name__ == "__main__":
    main()
