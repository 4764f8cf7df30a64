"""Connections to the engine as plain byte streams: Unix socket, TCP, or TLS with a real half-close."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Protocol

import anyio
import anyio.abc

from massgen_sandbox_docker.engine.bare import connect
from massgen_sandbox_docker.engine.endpoint import Endpoint, TlsFiles

_READ = 65536


class ByteStream(Protocol):
    """A duplex stream whose sending side can be closed alone."""

    async def send(self, data: bytes) -> None:
        """Write all of it, waiting while the other side does not read."""
        ...

    async def receive(self) -> bytes:
        """The next bytes, never empty; raises `anyio.EndOfStream` at the end."""
        ...

    async def send_eof(self) -> None:
        """Close the sending side and keep reading."""
        ...

    async def aclose(self) -> None:
        """Close both sides."""
        ...

    @property
    def bare(self) -> socket.socket | None:
        """The socket, where nothing that was read from it is kept elsewhere."""
        ...


async def dial(endpoint: Endpoint) -> ByteStream:
    """Connect; raises `OSError` (`ssl.SSLError` included) as the system reports it."""
    if endpoint.socket is not None:
        return await connect(endpoint.socket)
    tcp = await anyio.connect_tcp(endpoint.host, endpoint.port)
    if endpoint.tls is None:
        return _Plain(tcp)
    tls = _Tls(tcp, ssl_context(endpoint.tls), endpoint.host)
    try:
        await tls.handshake()
    except BaseException:
        await anyio.aclose_forcefully(tcp)
        raise
    return tls


def ssl_context(files: TlsFiles) -> ssl.SSLContext:
    """A client context from the files that the docker command uses; raises `OSError` when they are no good."""
    context = ssl.create_default_context(cafile=str(files.ca) if files.ca else None)
    if not files.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if files.cert and files.key:
        context.load_cert_chain(str(files.cert), str(files.key))
    return context


class _Plain:
    def __init__(self, stream: anyio.abc.SocketStream) -> None:
        self._stream = stream

    async def send(self, data: bytes) -> None:
        await self._stream.send(data)

    async def receive(self) -> bytes:
        return await self._stream.receive(_READ)

    async def send_eof(self) -> None:
        await self._stream.send_eof()

    async def aclose(self) -> None:
        await anyio.aclose_forcefully(self._stream)

    @property
    def bare(self) -> socket.socket | None:
        return None


class _Tls:
    """TLS over memory buffers, because only so can ``close_notify`` be sent while reading goes on (RFC 8446, 6.1)."""

    def __init__(self, stream: anyio.abc.SocketStream, context: ssl.SSLContext, host: str) -> None:
        self._stream = stream
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._ssl = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._flushing = anyio.Lock()

    async def handshake(self) -> None:
        while True:
            try:
                self._ssl.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            else:
                return await self._flush()

    async def send(self, data: bytes) -> None:
        self._ssl.write(data)
        await self._flush()

    async def receive(self) -> bytes:
        while True:
            try:
                data = self._ssl.read(_READ)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                raise anyio.EndOfStream from None
            else:
                if not data:
                    raise anyio.EndOfStream
                return data

    async def send_eof(self) -> None:
        with contextlib.suppress(ssl.SSLError):  # it waits for the other side's close_notify; ours is in the buffer
            self._ssl.unwrap()
        await self._flush()

    async def aclose(self) -> None:
        await anyio.aclose_forcefully(self._stream)

    @property
    def bare(self) -> socket.socket | None:
        return None

    async def _flush(self) -> None:
        async with self._flushing:
            if self._outgoing.pending:
                await self._stream.send(self._outgoing.read())

    async def _fill(self) -> None:
        try:
            self._incoming.write(await self._stream.receive(_READ))
        except anyio.EndOfStream:
            self._incoming.write_eof()
