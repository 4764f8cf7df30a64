"""The first words of a TLS client, read by OpenSSL itself, so that no second opinion about them can differ from its."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from anyio.abc import ByteReceiveStream

from massgen_core.sandbox.network import is_address

MOST_BYTES = 65536
"""Most that is read for one hello. Usual ones have 500 bytes, with a post-quantum key 1,800; the longest real ones
carry several such keys and a session ticket, whose length has two bytes. OpenSSL itself would go on to 131,396."""

_RECORD = 5  # bytes of a record's header (RFC 8446 section 5.1)
_HANDSHAKE = 22
_NAME = re.compile(rb"\0(?=\0([\0\1].)([\0\1].)\0(\0[^\0]))", re.DOTALL)
"""How the extension with a server's name begins, which has up to 255 letters (RFC 6066 section 3)."""


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


class _Greeted(ssl.SSLObject):
    """A server's end, which hears whom a client greets."""

    asked = False
    server_name: str | None = None


class _Reader:
    """A handshake that OpenSSL begins and that ends where it asks which certificate the named server has."""

    def __init__(self) -> None:
        self._incoming = ssl.MemoryBIO()
        self._tls = cast("_Greeted", _context().wrap_bio(self._incoming, ssl.MemoryBIO(), server_side=True))
        self._letters = _Letters()

    @property
    def server_name(self) -> str | None:
        return self._tls.server_name

    def complete(self, piece: bytes) -> bool:
        if not self._letters.are_ascii(piece):
            raise NoHello
        self._incoming.write(piece)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            if self._tls.asked:
                return True
        raise NoHello


class _Letters:
    """A look at the letters of the server's name, before Python gets to see it.

    OpenSSL takes any, and from one that is not ASCII's Python makes no text: it refuses the hello as well, and writes a
    traceback through `sys.unraisablehook`, which no callback can prevent.
    """

    def __init__(self) -> None:
        self._message = bytearray()
        self._unread = bytearray()

    def are_ascii(self, piece: bytes) -> bool:
        """Whether all letters are, of a name that is complete with this piece."""
        self._unread += piece
        grown = False
        while len(self._unread) >= _RECORD and len(self._unread) >= (end := self._end()):
            if self._unread[0] == _HANDSHAKE:
                self._message += self._unread[_RECORD:end]
            del self._unread[:end]
            grown = True
        whole = grown and len(self._message) >= 4 + int.from_bytes(self._message[1:4])
        return not whole or all(map(bytes.isascii, _names(bytes(self._message))))

    def _end(self) -> int:
        return _RECORD + int.from_bytes(self._unread[3:5])


def _names(message: bytes) -> Iterator[bytes]:
    """Whatever stands in a message like a server's name: three lengths in front of it that agree."""
    for found in _NAME.finditer(message):
        extension, names, name = map(int.from_bytes, found.groups())
        if extension == names + 2 == name + 5:
            start = found.end(3)
            yield message[start : start + name]


@cache
def _context() -> ssl.SSLContext:
    """What all hellos are read with; no handshake gets as far as to leave anything in it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = _Greeted
    context.sni_callback = _stop
    return context


def _stop(tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int:
    if isinstance(tls, _Greeted):
        tls.asked = True
        tls.server_name = name
    return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
