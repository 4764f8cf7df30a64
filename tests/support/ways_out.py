"""A sandbox's way out on real sockets: servers on loopback, an egress before them, and what it said and dialled."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
from anyio import to_thread
from anyio.abc import ByteStream, SocketAttribute, TaskGroup
from anyio.streams.tls import TLSStream

from massgen_core.egress import Address, Denial, Egress
from massgen_core.egress.authority import Authority
from massgen_core.egress.dialling import dial_tcp
from massgen_core.sandbox import AllowList, parse_rule

Handler = Callable[[ByteStream], Awaitable[Any]]
LOOPBACK = ["127.0.0.0/8", "::1/128"]


class Way:
    """A sandbox's way out: what it dialled, what it reported, and clients of it."""

    def __init__(self, group: TaskGroup, clients: list[ByteStream], allow: AllowList, **options: Any) -> None:
        self.denials: list[Denial] = []
        self.dialled: list[tuple[str, int]] = []
        self.served = anyio.Event()
        self._group = group
        self._clients = clients
        self._dial = options.pop("dial", dial_tcp)
        self.egress = Egress(allow, report=self.denials.append, dial=self._dialled, **options)

    async def proxy(self) -> ByteStream:
        """A client that is connected to the proxy."""
        return await self._client(self.egress.serve_proxy)

    async def target(self, rule: str) -> ByteStream:
        """A client that is connected to the listener of a rule."""
        return await self._client(partial(self.egress.serve_target, rule=parse_rule(rule)))

    async def asked(self, request: bytes) -> bytes:
        """All that the proxy answers to some bytes."""
        async with await self.proxy() as client:
            await client.send(request)
            return await rest_of(client)

    async def tunnel(self, place: str) -> ByteStream:
        """A client for which the proxy has opened a tunnel."""
        client = await self.proxy()
        await client.send(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        answer = await client.receive()
        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n", answer
        return client

    async def _client(self, serve: Handler) -> ByteStream:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        first: Any = listener.listeners[0]

        async def serve_one() -> None:
            async with listener:
                client = await first.accept()
            await serve(client)
            self.served.set()

        self._group.start_soon(serve_one)
        client = await anyio.connect_tcp("127.0.0.1", port_of(listener))
        self._clients.append(client)
        return client

    async def _dialled(self, address: Address, port: int) -> ByteStream:
        self.dialled.append((str(address), port))
        return await self._dial(address, port)


@asynccontextmanager
async def way_out(
    *allow: str,
    hosts: dict[str, str] | None = None,
    private: Sequence[str] = LOOPBACK,
    inspect: bool = False,
    **rest: Any,
) -> AsyncGenerator[Way]:
    """A way out that allows some rules; local addresses too, unless it is said which."""
    table = AllowList.model_validate(
        {"allow": allow, "hosts": hosts or {}, "private": list(private), "inspect": inspect}
    )
    clients: list[ByteStream] = []
    try:
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                yield Way(group, clients, table, **rest)
                group.cancel_scope.cancel()
    finally:
        for client in clients:
            await anyio.aclose_forcefully(client)


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1") -> AsyncGenerator[int]:
    """A server on loopback, and its port."""
    async with await anyio.create_tcp_listener(local_host=host) as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, handler)
        yield port_of(listener)
        group.cancel_scope.cancel()


@asynccontextmanager
async def serving_tls(handler: Handler, authority: Authority, name: str) -> AsyncGenerator[int]:
    """A TLS server on loopback that a client of `trusting(authority)` takes for a name."""
    context = await to_thread.run_sync(authority.server_context, name)

    async def secured(stream: ByteStream) -> None:
        try:
            tls = await TLSStream.wrap(stream, server_side=True, ssl_context=context, standard_compatible=False)
        except (anyio.EndOfStream, anyio.BrokenResourceError, ssl.SSLError):
            await stream.aclose()
        else:
            await handler(tls)

    async with serving(secured) as port:
        yield port


async def greet(client: ByteStream, name: str, authority: Authority) -> TLSStream:
    """TLS from a client's side, which names a server."""
    context = await to_thread.run_sync(trusting, authority)
    return await TLSStream.wrap(client, hostname=name, ssl_context=context, standard_compatible=False)


def trusting(authority: Authority) -> ssl.SSLContext:
    """What verifies servers that this authority vouches for."""
    return ssl.create_default_context(cadata=authority.certificate_pem.decode())


async def echo(stream: ByteStream) -> None:
    """Send everything back, until the client has ended."""
    async with stream:
        async for piece in stream:
            await stream.send(piece)


async def rest_of(stream: ByteStream) -> bytes:
    """All that comes until the end, or until the connection breaks."""
    data = b""
    try:
        async for piece in stream:
            data += piece
    except anyio.BrokenResourceError:
        pass
    return data


def port_of(listener: Any) -> int:
    return listener.extra(SocketAttribute.local_port)


def client_hello(name: str | None) -> bytes:
    """What OpenSSL sends first to a server of a name, or of none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = name is not None
    outgoing = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()
