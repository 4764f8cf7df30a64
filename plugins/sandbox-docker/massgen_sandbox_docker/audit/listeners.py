"""The audit's own listeners on this host: the proof that nothing got out is that they heard nothing."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import anyio.abc
from anyio.streams.tls import TLSStream

_SIOCGIFADDR = 0x8915
_NOTICE = 0.3
_HEARD = 4096


@dataclass(kw_only=True)
class Listener:
    """One port, TCP and UDP, on all addresses of this host, and what was heard there."""

    port: int
    answer: bytes = b"heard"
    heard: list[bytes] = field(default_factory=list[bytes])

    async def settled(self) -> Sequence[bytes]:
        """What was heard, after a moment for what is still on its way."""
        await anyio.sleep(_NOTICE)
        return self.heard


@asynccontextmanager
async def listening(answer: bytes = b"heard", *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Listener]:
    """Listen until the body ends; a client that says something gets the answer, and the end of the connection.

    With ``tls``, what is heard is what was said inside it.
    """
    async with await anyio.create_tcp_listener(local_host="0.0.0.0") as tcp:
        port = int(tcp.extra(anyio.abc.SocketAttribute.local_port))
        listener = Listener(port=port, answer=answer)

        async def serve(stream: anyio.abc.SocketStream) -> None:
            async with stream:
                with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError, OSError):
                    inner = stream if tls is None else await _inside(stream, tls)
                    listener.heard.append(await inner.receive(_HEARD))
                    await inner.send(listener.answer)

        async def hear(datagrams: anyio.abc.UDPSocket) -> None:
            async for data, _ in datagrams:
                listener.heard.append(data)

        async with (
            await anyio.create_udp_socket(family=socket.AF_INET, local_host="0.0.0.0", local_port=port) as udp,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(tcp.serve, serve)
            tasks.start_soon(hear, udp)
            yield listener
            tasks.cancel_scope.cancel()


async def _inside(stream: anyio.abc.SocketStream, tls: ssl.SSLContext) -> TLSStream:
    return await TLSStream.wrap(stream, server_side=True, ssl_context=tls, standard_compatible=False)


def host_addresses() -> Sequence[str]:
    """The IPv4 addresses of this host but loopback's, the engine's bridges among them."""
    import fcntl  # there is none on Windows

    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            with contextlib.suppress(OSError):
                found.append(socket.inet_ntoa(fcntl.ioctl(probe, _SIOCGIFADDR, request)[20:24]))
    return [address for address in found if not address.startswith("127.")]
