"""Whatever either end says: an exchange ends, holds no more than it must, and shows no secret."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest
from anyio.abc import ByteStream
from anyio.lowlevel import checkpoint
from hypothesis import given, settings
from hypothesis import strategies as st
from staging import VALUE

from massgen_core import SandboxSecret
from massgen_core.egress.exchange import relay_requests
from massgen_core.egress.swap import Swaps

SECRET = SandboxSecret(
    name="TOKEN", value=VALUE, use="placeholder", hosts=("a.test",), headers=("authorization", "x-api-key")
)
WORD = "<word>"
REQUEST = [
    *(b"GET", b"POST", b"HEAD", b"CONNECT", b" ", b"/", b"*", b"https://a.test/", b"HTTP/1.1", b"HTTP/1.0", b"\r\n"),
    *(b"Host: a.test\r\n", b"Host: b.test\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"\n"),
    *(b"Authorization: <word>\r\n", b"X-Api-Key: <word>\r\n", b"Connection: Upgrade\r\nUpgrade: websocket\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"abc", b"\0", b"\xff"),
    b"GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: <word>\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a.test\r\nX-Api-Key: <word>\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
]
ANSWER = [
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.0 200\r\n", b"HTTP/1.1 304 \r\n", b"\r\n", b"\n"),
    *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"abc", b"3\r\nabc\r\n"),
    *(b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"Upgrade: websocket\r\n", b"HTTP/1.1 101 \r\n", b"\0", b"\xff", b"X: y\r\n"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
]
Pieces = list[bytes]


def pieces_of(words: Sequence[bytes]) -> st.SearchStrategy[Pieces]:
    return st.lists(st.sampled_from(words) | st.binary(max_size=8), max_size=14)


class Scripted(ByteStream):
    """A peer that says its pieces, then hangs up, with or without ceremony; ``said`` is what it was told."""

    def __init__(self, pieces: Sequence[bytes], *, torn: bool = False, patience: int = 0) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self._torn = torn
        self._patience = patience  # turns of the event loop that it waits before it hangs up
        self.said = b""
        self.closed = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await checkpoint()
        if self._pieces and not self.closed:
            return self._pieces.pop(0)
        for _ in range(self._patience):
            await checkpoint()
        raise anyio.BrokenResourceError if self._torn else anyio.EndOfStream

    async def send(self, item: bytes) -> None:
        await checkpoint()
        if self.closed:
            raise anyio.ClosedResourceError
        self.said += item

    async def send_eof(self) -> None:
        await checkpoint()

    async def aclose(self) -> None:
        self.closed = True
        await checkpoint()


async def exchange(client: ByteStream, upstream: ByteStream, swaps: Swaps, denied: list[str]) -> None:
    with anyio.fail_after(20):
        await relay_requests(client, upstream, host="a.test", port=443, scheme="https", swaps=swaps, deny=denied.append)


def run(said: Pieces, answered: Pieces, torn: bool, backend: str) -> tuple[Scripted, Scripted, list[str], str]:
    swaps = Swaps([SECRET])
    word = swaps.environment["TOKEN"].encode()
    client = Scripted([piece.replace(WORD.encode(), word) for piece in said], patience=100)
    upstream = Scripted(answered, torn=torn)
    denied: list[str] = []
    anyio.run(exchange, client, upstream, swaps, denied, backend=backend)
    return client, upstream, denied, word.decode()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_noise(backend: str) -> None:
    """Neither end's noise makes an exchange hang or fail; the secret is seen by the host alone, in requests for it."""

    @settings(max_examples=300, deadline=None)
    @given(said=pieces_of(REQUEST), answered=pieces_of(ANSWER), torn=st.booleans())
    def check(said: Pieces, answered: Pieces, torn: bool) -> None:
        client, upstream, denied, word = run(said, answered, torn, backend)
        assert VALUE.encode() not in client.said
        assert VALUE not in "".join(denied)
        assert client.closed
        assert upstream.closed
        assert b"b.test" not in upstream.said.partition(b"\r\n\r\n")[0]
        for line in upstream.said.split(b"\r\n"):
            if VALUE.encode() in line:
                assert line.partition(b": ")[0].lower() in (b"authorization", b"x-api-key")
        assert word not in "".join(denied)

    check()


def test_the_noise_is_not_all_noise() -> None:
    """The same pieces, in a good order, are an exchange with a secret in it."""
    client, upstream, denied, _ = run([REQUEST[-3]], [ANSWER[-2]], False, "asyncio")
    assert (client.said, denied) == (ANSWER[-2], [])
    assert f"Authorization: {VALUE}\r\n".encode() in upstream.said


class Endless(Scripted):
    """A peer that says a head, then the same piece again and again; it counts."""

    def __init__(self, head: bytes, piece: bytes) -> None:
        super().__init__([head])
        self._piece = piece
        self.count = 0

    async def receive(self, max_bytes: int = 65536) -> bytes:
        if self._pieces:
            return await super().receive(max_bytes)
        await checkpoint()
        self.count += 1
        return self._piece


class Silent(Scripted):
    """A peer that, after what it has to say, neither speaks nor listens."""

    async def receive(self, max_bytes: int = 65536) -> bytes:
        if self._pieces:
            return await super().receive(max_bytes)
        await anyio.sleep_forever()
        raise AssertionError

    async def send(self, item: bytes) -> None:
        if item.startswith((b"GET", b"POST")):
            return
        await anyio.sleep_forever()


@pytest.mark.anyio
@pytest.mark.parametrize("direction", ["up", "down", "pipelined"])
async def test_no_faster_than_it_is_taken(direction: str) -> None:
    """From an end that says more than the other takes no more is read than is on its way."""
    get = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
    if direction == "up":
        post = b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
        loud: Endless = Endless(post, b"3\r\nabc\r\n")
        client, upstream = loud, Silent([])
    elif direction == "down":
        loud = Endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n")
        client, upstream = Silent([get]), loud
    else:
        loud = Endless(get, get)
        client, upstream = loud, Silent([])
    async with anyio.create_task_group() as group:
        group.start_soon(exchange, client, upstream, Swaps([SECRET]), [])
        await anyio.wait_all_tasks_blocked()
        assert loud.count <= 2
        group.cancel_scope.cancel()
    assert client.closed
    assert upstream.closed


@pytest.mark.anyio
async def test_many_requests_are_not_hoarded() -> None:
    """A client that floods requests while each is answered is read no further ahead than one piece."""
    get = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
    client = Endless(get, get * 20)
    upstream = Counting()
    await exchange(client, upstream, Swaps([]), [])
    assert upstream.answers == upstream.LAST
    assert client.count <= upstream.LAST // 20 + 1


class Counting(Scripted):
    """A host that answers each request once, a number of times."""

    LAST = 200

    def __init__(self) -> None:
        super().__init__([])
        self.answers = 0
        self._asked = anyio.Event()

    async def send(self, item: bytes) -> None:
        await super().send(item)
        self._asked.set()

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await self._asked.wait()
        if self.answers == self.LAST:
            raise anyio.EndOfStream
        self._asked = anyio.Event()
        self.answers += 1
        return b"HTTP/1.1 204 No Content\r\n\r\n"
