"""The first words of TLS: whom they name, in whatever pieces they come, and what OpenSSL would not have."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise

import anyio
import pytest
from anyio.abc import ByteReceiveStream
from hypothesis import given, settings
from hypothesis import strategies as st
from ways_out import client_hello

from massgen_core.egress.hello import MOST_BYTES, Hello, NoHello, read_hello

GOOD = client_hello("good.test")
SERVER_NAME = 0
UNKNOWN = 65_000


class Pieces(ByteReceiveStream):
    """A client that says some pieces, one after the other, and ends; it counts what was taken."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.left = [piece for piece in pieces if piece]
        self.taken = 0

    async def receive(self, max_bytes: int = 65536) -> bytes:
        if not self.left:
            raise anyio.EndOfStream
        piece, self.left[0] = self.left[0][:max_bytes], self.left[0][max_bytes:]
        if not self.left[0]:
            del self.left[0]
        self.taken += len(piece)
        return piece

    async def aclose(self) -> None:
        self.left.clear()


def read(*pieces: bytes) -> Hello:
    async def main() -> Hello:
        return await read_hello(Pieces(pieces))

    return anyio.run(main)


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


def names(*names: bytes, kind: int = 0) -> bytes:
    listed = b"".join(struct.pack(">BH", kind, len(name)) + name for name in names)
    return extension(SERVER_NAME, struct.pack(">H", len(listed)) + listed)


def with_extensions(*more: bytes, record: int = 16384) -> bytes:
    """A hello that OpenSSL made without a name, with extensions of our own put in front, in records of some size."""
    message = client_hello(None)[5:]
    at = 4 + 2 + 32
    at += 1 + message[at]
    at += 2 + int.from_bytes(message[at : at + 2])
    at += 1 + message[at]
    extensions = b"".join(more) + message[at + 2 :]
    body = message[4:at] + struct.pack(">H", len(extensions)) + extensions
    message = b"\x01" + len(body).to_bytes(3) + body
    parts = [message[start : start + record] for start in range(0, len(message), record)]
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(part)) + part for part in parts)


@pytest.mark.parametrize("name", ["good.test", "xn--bcher-kva.example", "a" * 63 + ".test", "under_score.test"])
def test_the_name(name: str) -> None:
    """A hello names its server, and every byte of it is kept."""
    data = client_hello(name)
    assert read(data) == Hello(server_name=name, data=data)


def test_no_name() -> None:
    """A hello without a name, as to an address, names none: it is meant for an address, and for no name."""
    hello = read(client_hello(None))
    assert hello.server_name is None
    assert not hello.names("good.test")
    assert hello.names("127.0.0.1")
    assert hello.names("::1")
    assert read(client_hello("127.0.0.1")).server_name is None


def test_whom_a_hello_is_meant_for() -> None:
    """Upper case makes no difference, anything else does."""
    assert read(client_hello("Good.TEST")).names("good.test")
    for other in ("good.tes", "good.test.evil.test", "xgood.test", "127.0.0.1"):
        assert not read(GOOD).names(other)
    assert not read(with_extensions(names(b"good.test."))).names("good.test")


def test_single_bytes() -> None:
    """A hello may come byte by byte."""
    assert read(*(bytes([byte]) for byte in GOOD)) == Hello(server_name="good.test", data=GOOD)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, len(GOOD)), max_size=10), st.integers(1, 200))
def test_any_pieces(cuts: list[int], record: int) -> None:
    """A hello may come in any pieces, and in records of any size."""
    data = with_extensions(names(b"good.test"), record=record)
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert read(*pieces) == Hello(server_name="good.test", data=data)


def test_what_comes_behind() -> None:
    """What came in the same piece behind the hello is passed on with it."""
    assert read(GOOD + b"early data") == Hello(server_name="good.test", data=GOOD + b"early data")


def test_long_ones() -> None:
    """A hello may be much longer than usual, but not without end; no more than that is taken."""
    assert read(with_extensions(names(b"good.test"), extension(UNKNOWN, bytes(60_000)))).names("good.test")

    async def endless() -> int:
        data = with_extensions(names(b"good.test"), extension(UNKNOWN, bytes(20_000)), record=1)
        client = Pieces([data[start : start + 1000] for start in range(0, len(data), 1000)])
        with pytest.raises(NoHello):
            await read_hello(client)
        return client.taken

    assert anyio.run(endless) <= MOST_BYTES


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"CONNECT good.test:443 HTTP/1.1\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(200),
        b"\x17\x03\x03\x00\x05hello",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\x00\x00" * 100,
        GOOD[:5] + b"\x02" + GOOD[6:],
        GOOD[:9] + b"\x03\x01" + GOOD[11:].replace(b"\x00\x2b", b"\x5a\x5a"),
        with_extensions(names(b"good.test", b"evil.test")),
        with_extensions(names(b"good.test"), names(b"evil.test")),
        with_extensions(names(b"good.test"), names(b"good.test")),
        with_extensions(names(b"good.test", kind=1)),
        with_extensions(names(b"good.test\0.evil.test")),
        with_extensions(names(b"good.test") + b"\0"),
        with_extensions(names()),
        with_extensions(names(b"a" * 256)),
        with_extensions(extension(SERVER_NAME, b"")),
    ],
    ids=[
        *("HTTP", "CONNECT", "SSH", "SSL 2", "no handshake", "no hello", "empty records"),
        *("a server's", "too old", "two names", "two lists", "twice the same", "another kind", "a zero", "a bad end"),
        *("no names", "too long a name", "an empty list"),
    ],
)
def test_no_hello(data: bytes) -> None:
    """What OpenSSL would not have is no hello; two names are not one to choose from."""
    with pytest.raises(NoHello):
        read(data)


@pytest.mark.parametrize("data", [b"", GOOD[:1], GOOD[:-1]])
def test_half_a_hello(data: bytes) -> None:
    """A client that leaves before the end of its hello has gone, and is not said to have said something else."""
    with pytest.raises(anyio.EndOfStream):
        read(data)


@pytest.mark.parametrize("record", [16384, 1, 7])
@pytest.mark.parametrize("size", [1, 100, 16384])
def test_names_that_are_not_ascii(record: int, size: int) -> None:
    """A name with other letters than ASCII's is refused, quietly, however it is cut up."""
    for name in ("gööd.test".encode(), b"good.test\xff", b"\x80"):
        data = with_extensions(extension(UNKNOWN, bytes(9)), names(name), record=record)
        with pytest.raises(NoHello):
            read(*(data[start : start + size] for start in range(0, len(data), size)))


def test_letters_elsewhere() -> None:
    """Only the name's letters count, and what is no name may look like half of one."""
    data = with_extensions(extension(UNKNOWN, b"\0\0\0\0\x05\0\x80\x80"), names(b"good.test"))
    assert read(data).names("good.test")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600), st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4))
def test_anything(noise: bytes, changes: list[tuple[int, int]]) -> None:
    """Whatever comes, it is a hello with the bytes that came, or none, and nothing else is raised."""
    changed = bytearray(GOOD)
    for at, value in changes:
        changed[at] = value
    for data in (noise, bytes(changed), bytes(changed) + noise, GOOD[:11] + noise):
        with suppress(NoHello, anyio.EndOfStream):
            assert read(data).data == data
