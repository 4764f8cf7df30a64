"""A client, an exchange that reads its requests, and a host: on loopback sockets, with TLS or without."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import h11
from anyio import to_thread
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSStream

from massgen_core import SandboxSecret
from massgen_core.egress.authority import Authority
from massgen_core.egress.exchange import intercept, relay_requests
from massgen_core.egress.heads import Scheme
from massgen_core.egress.swap import Swaps

VALUE = "the-real-secret"
ENDS = (OSError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)

Handler = Callable[[ByteStream], Awaitable[None]]


@dataclass(kw_only=True)
class Stage:
    """What a test sees of an exchange; ``seen`` holds the requests that reached the host, as `echo` reads them."""

    scheme: Scheme
    port: int = 0
    swaps: Swaps
    authority: Authority
    trust: ssl.SSLContext
    denied: list[str] = field(default_factory=list[str])
    seen: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    connections: int = 0
    host: str = "localhost"
    address: str = "127.0.0.1"

    @property
    def word(self) -> str:
        """The placeholder of the secret."""
        return self.swaps.environment["TOKEN"]

    @property
    def authority_of_url(self) -> str:
        """The host and port as they stand in a URL and a Host header."""
        return f"{self.host}:{self.port}"

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[ByteStream]:
        """A connection of the sandbox, in plaintext for the test."""
        stream: ByteStream = await anyio.connect_tcp(self.address, self.port)
        if self.scheme == "https":
            stream = await TLSStream.wrap(stream, hostname=self.host, ssl_context=self.trust, standard_compatible=False)
        async with stream:
            yield stream

    async def say(self, request: str | bytes) -> bytes:
        """Send bytes (``HOST`` stands for the host and port) and read until the connection ends."""
        data = request.encode() if isinstance(request, str) else request
        async with self.client() as stream:
            with suppress(*ENDS):
                await stream.send(data.replace(b"HOST", self.authority_of_url.encode()))
            return await read_all(stream)


async def read_all(stream: ByteStream) -> bytes:
    received = b""
    with suppress(*ENDS):
        while True:
            received += await stream.receive()
    return received


async def read_until(stream: ByteStream, end: bytes) -> bytes:
    received = b""
    while end not in received:
        received += await stream.receive()
    return received


@asynccontextmanager
async def serving(handler: Handler) -> AsyncGenerator[int]:
    """A server on a loopback port, for as long as the context lasts."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:

        async def guarded(stream: ByteStream) -> None:
            async with stream:
                await handler(stream)

        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, guarded)
            yield listener.extra(SocketAttribute.local_port)
            group.cancel_scope.cancel()


@asynccontextmanager
async def staged(
    handler: Handler | None = None,
    *,
    scheme: Scheme = "http",
    hosts: Sequence[str] = ("localhost",),
    headers: Sequence[str] = ("authorization", "x-api-key"),
    certificate_for: str = "localhost",
    trusted: bool = True,
    plain: bool = False,
    absent: bool = False,
) -> AsyncGenerator[Stage]:
    """An exchange between a client's port and a host that is served by ``handler``, or by `echo`.

    Over TLS the host may show a certificate for another name or one that nobody trusts, speak no TLS, or be absent.
    """
    public = Authority()
    authority = Authority(["localhost"], extra=public.certificate_pem if trusted else b"")
    secret = SandboxSecret(name="TOKEN", value=VALUE, use="placeholder", hosts=hosts, headers=headers)
    trust = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    stage = Stage(scheme=scheme, swaps=Swaps([secret]), authority=authority, trust=trust)
    certificate = await to_thread.run_sync(public.server_context, certificate_for)

    async def host(stream: ByteStream) -> None:
        stage.connections += 1
        if scheme == "https" and not plain:
            try:
                stream = await TLSStream.wrap(stream, server_side=True, ssl_context=certificate)
            except ENDS:
                return
        with suppress(*ENDS, h11.RemoteProtocolError):
            await (handler or echo(stage))(stream)
        with anyio.move_on_after(1, shield=True), suppress(*ENDS):
            await stream.aclose()

    async with serving(host) as upstream_port:

        async def dial() -> ByteStream:
            if absent:
                raise ConnectionRefusedError
            return await anyio.connect_tcp("127.0.0.1", upstream_port)

        async def front(stream: ByteStream) -> None:
            settings: dict[str, Any] = {"host": stage.host, "port": stage.port, "swaps": stage.swaps}
            settings["deny"] = stage.denied.append
            if scheme == "https":
                await intercept(stream, dial, authority=authority, **settings)
            else:
                await relay_requests(stream, await dial(), scheme="http", **settings)

        async with serving(front) as stage.port:
            yield stage


def echo(stage: Stage) -> Handler:
    """A host that answers with what it was sent."""

    async def handler(stream: ByteStream) -> None:
        http = h11.Connection(h11.SERVER)
        while True:
            request = await next_event(http, stream)
            if not isinstance(request, h11.Request):
                return
            if http.they_are_waiting_for_100_continue:
                await stream.send(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            body, trailers = await read_body(http, stream)
            seen = {
                "method": request.method.decode(),
                "target": request.target.decode(),
                "headers": [[name.decode(), value.decode("latin-1")] for name, value in request.headers.raw_items()],
                "body": body.decode("latin-1"),
                "trailers": trailers,
            }
            stage.seen.append(seen)
            answer = json.dumps(seen).encode()
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
            await stream.send(http.send(h11.Response(status_code=200, headers=headers)) or b"")
            if request.method != b"HEAD":
                await stream.send(http.send(h11.Data(data=answer)) or b"")
            await stream.send(http.send(h11.EndOfMessage()) or b"")
            if http.our_state is not h11.DONE:
                return
            http.start_next_cycle()

    return handler


async def next_event(http: h11.Connection, stream: ByteStream) -> object:
    while (event := http.next_event()) is h11.NEED_DATA:
        try:
            http.receive_data(await stream.receive())
        except ENDS:
            http.receive_data(b"")
    return event


async def read_body(http: h11.Connection, stream: ByteStream) -> tuple[bytes, list[list[str]]]:
    body = bytearray()
    while isinstance(event := await next_event(http, stream), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return bytes(body), [[name.decode(), value.decode()] for name, value in event.headers]
