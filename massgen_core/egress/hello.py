"""The first words of a TLS client, read by OpenSSL itself, so that no second opinion about them can differ from its."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from anyio.abc import ByteReceiveStream

from massgen_core.sandbox.network import is_address

MOST_BYTES = 65536
"""Most that is read for one hello. Usual ones have 500 bytes, with a post-quantum key 1,800; the longest real ones
carry several such keys and a session ticket, whose length has two bytes. OpenSSL itself would go on to 131,396."""


class NoHello(Exception):
    """What came is no hello that OpenSSL would have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """A hello: the server that it names, and every byte that was read."""

    server_name: str | None
    data: bytes

    def names(self, host: str) -> bool:
        """Whether it is meant for a host (in its normal form); an address is named by naming nothing."""
        return is_address(host) if self.server_name is None else self.server_name.lower() == host


async def read_hello(client: ByteReceiveStream) -> Hello:
    """Read until a hello is complete; what came behind it in the same piece is among its bytes.

    Raises:
        NoHello: OpenSSL would not have it, or it is too long.
        EndOfStream: The client went away before its end.
    """
    reader = _Reader()
    data = bytearray()
    while len(data) < MOST_BYTES:
        piece = await client.receive(MOST_BYTES - len(data))
        data += piece
        if reader.complete(piece):
            return Hello(server_name=reader.server_name, data=bytes(data))
    raise NoHello


class _Reader:
    """A handshake that OpenSSL begins and that ends where it asks which certificate the named server has.

    (Of a name that is not ASCII, which it refuses, Python says a word through `sys.unraisablehook`.)
    """

    def __init__(self) -> None:
        self.server_name: str | None = None
        self._asked = False
        self._incoming = ssl.MemoryBIO()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._stop
        self._tls = context.wrap_bio(self._incoming, ssl.MemoryBIO(), server_side=True)

    def complete(self, piece: bytes) -> bool:
        self._incoming.write(piece)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            if self._asked:
                return True
        raise NoHello

    def _stop(self, tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int:
        self.server_name = name
        self._asked = True
        return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
