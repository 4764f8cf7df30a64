"""What a proxy is asked: destinations in every disguise, requests that could be read in two ways, and noise."""

from __future__ import annotations

import re

import anyio
import pytest
from anyio.abc import ByteStream
from ways_out import client_hello, serving, way_out

from massgen_core.egress import Address, Denial
from massgen_core.egress.requests import MOST_HEAD

GOOD = {"good.test": "127.0.0.1", "xn--bcher-kva.test": "127.0.0.1"}
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage"


class Pages:
    """A server that answers whatever begins like a request, and keeps all it was sent."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def __call__(self, stream: ByteStream) -> None:
        async with stream:
            got = b""
            async for piece in stream:
                got += piece
                if b"\r\n\r\n" in got:
                    self.got.append(got)
                    await stream.send(PAGE)
                    return


@pytest.mark.anyio
@pytest.mark.parametrize("place", ["GOOD.test", "good.test.", "Good.Test.", "xn--bcher-kva.test", "XN--BCHER-KVA.TEST"])
async def test_one_host_in_several_spellings(place: str) -> None:
    """Upper case and the dot at the end change nothing; the server is asked in the normal form."""
    pages = Pages()
    async with (
        serving(pages) as port,
        way_out(f"http://good.test:{port}", f"http://xn--bcher-kva.test:{port}", hosts=GOOD) as way,
    ):
        head = f"GET HTTP://{place}:{port}/Path?q=%41 HTTP/1.1\r\nhOST: {place.lower()}:{port}\r\n\r\n"
        assert (await way.asked(head.encode())).startswith(b"HTTP/1.1 200 ")
        normal = place.lower().rstrip(".")
        assert pages.got[0].startswith(f"GET /Path?q=%41 HTTP/1.1\r\nHost: {normal}:{port}\r\n".encode())


@pytest.mark.anyio
@pytest.mark.parametrize(
    "target",
    [
        # what some take for one host and some for another
        "http://good.test:80@evil.test/",
        "http://good.test@evil.test/",
        "http://evil.test@good.test/",
        "http://user:word@good.test/",
        "http://good.test#@evil.test/",
        "http://good.test/#fragment",
        "http://evil.test\\@good.test/",
        "http://good.test\\.evil.test/",
        "http://good.test%2eevil.test/",
        "http://%67ood.test/",
        "http://good.test%00.evil.test/",
        "http://good.test,evil.test/",
        "http://good.test;evil.test/",
        "http://good..test/",
        "http://.good.test/",
        "http://good.test../",
        "http://*.good.test/",
        "http://-good.test/",
        "http:///good.test/",
        "http:////good.test/",
        "http:/good.test/",
        "http:good.test/",
        "http://",
        "http:///",
        "http://:80/",
        # ports that are none
        "http://good.test:/",
        "http://good.test:0/",
        "http://good.test:65536/",
        "http://good.test:080000/",
        "http://good.test:+80/",
        "http://good.test:80:80/",
        "http://good.test:8o/",
        # addresses in forms that resolvers take
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://017700000001/",
        "http://1.1.1.1.1/",
        "http://256.1.1.1/",
        "http://[::1/",
        "http://::1/",
        "http://[::1%25lo]/",
        "http://[127.0.0.1]/",
        "http://[good.test]/",
        "http://[v1.good]/",
        # other forms and protocols
        "https://good.test/",
        "ftp://good.test/",
        "ws://good.test/",
        "file:///etc/passwd",
        "/",
        "/good.test",
        "*",
        "good.test:80",
        "//good.test/",
    ],
)
async def test_targets_that_are_none(target: str) -> None:
    """A target that is not plainly `http://host:port/path` is refused, and nothing is dialled."""
    async with way_out("http://good.test:80", "good.test:443", hosts=GOOD, dial=_nobody) as way:
        host = re.sub(r"^\w+://|/.*", "", target)
        for said in ("good.test", host):
            answer = await way.asked(f"GET {target} HTTP/1.1\r\nHost: {said}\r\n\r\n".encode())
            assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer
        assert way.dialled == []
        assert len(way.denials) == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    "target",
    [
        *("good.test", "good.test:", "good.test:0", "good.test:65536", ":443", "443", "http://good.test:443"),
        *("https://good.test:443/", "user@good.test:443", "good.test:443/", "good.test:443#x", "good.test:443?x"),
        *("good%2etest:443", "good.test:443@evil.test:443", "2130706433:443", "0x7f.1:443", "127.1:443", "/"),
        *("::1:443", "[::1]", "[::1%lo]:443", "*.good.test:443", "good.test:443,evil.test:443", "good.test:22"),
        *("good.test:80", "evil.test:443", "[::1]:443", "127.0.0.1:443", "169.254.169.254:80", "localhost:443"),
    ],
)
async def test_tunnels_that_are_none(target: str) -> None:
    """A CONNECT to anything but a host and port on the list is refused, and nothing is dialled."""
    async with way_out("good.test:443", "http://good.test:80", hosts=GOOD, dial=_nobody) as way:
        answer = await way.asked(f"CONNECT {target} HTTP/1.1\r\nHost: good.test:443\r\n\r\n".encode())
        assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer
        assert way.dialled == []
        assert len(way.denials) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("asked", "host"),
    [
        ("CONNECT user:word@evil.test:443", "evil.test:443"),
        ("GET http://good.test:80@evil.test/", "evil.test"),
        ("GET http://good.test#@evil.test/", "good.test"),
        ("GET https://evil.test/", "evil.test"),
        ("GET /x?u=http://evil.test/", "a request without a host"),
        ("GET http://" + "a" * 300 + "@" + "b" * 300 + "/", "b" * 100),
        ("GET http://good.test/", "good.test"),
    ],
)
async def test_attempts_are_reported(asked: str, host: str) -> None:
    """Whoever asks in a form that could be read in two ways is in the log: host and reason, no name and no password."""
    async with way_out("good.test:80", hosts=GOOD, dial=_nobody) as way:
        answer = await way.asked(f"{asked} HTTP/1.1\r\nHost: good.test\r\nConnection: host\r\n\r\n".encode())
        head, sentence = answer.decode().splitlines()[0][:13], answer.decode().splitlines()[-1]
        assert head == "HTTP/1.1 400 "
        (denial,) = way.denials
        assert str(denial) == f"egress denied: {host} went no further: {sentence}"


@pytest.mark.anyio
async def test_addresses_in_forms_of_their_own_are_reported() -> None:
    """A host that only some resolvers read as an address is refused by that name, and reported."""
    async with way_out("good.test:443") as way:
        answer = await way.asked(b"GET http://2130706433/ HTTP/1.1\r\nHost: 2130706433\r\n\r\n")
        assert b"403 egress denied: 2130706433:80 is no host name and no address\r\n" in answer
        assert way.denials == [Denial(host="2130706433", port=80, reason="is no host name and no address")]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "said",
    [b"evil.test", b"good.test:81", b"good.test:443", b"", b"good.test evil.test", b"good.test, evil.test", b"\xff"],
)
async def test_another_host_header(said: bytes) -> None:
    """The Host header must say what the target says."""
    async with way_out("http://good.test:80", hosts=GOOD, dial=_nobody) as way:
        answer = await way.asked(b"GET http://good.test/ HTTP/1.1\r\nHost: " + said + b"\r\n\r\n")
        assert re.match(rb"HTTP/1\.1 40[03] ", answer), answer
        assert way.dialled == []


HEAD = b"POST http://good.test:%d/ HTTP/1.1\r\nHost: good.test:%d\r\n"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Content-Length: 5, 6\r\n\r\nhello!",
        b"Content-Length: +5\r\n\r\nhello",
        b"Content-Length: -5\r\n\r\nhello",
        b"Content-Length: 0x5\r\n\r\nhello",
        b"Content-Length: 5_0\r\n\r\nhello",
        b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello",
        b"Content-Length : 5\r\n\r\nhello",
        b"Transfer-Encoding: identity\r\n\r\nhello",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Host: evil.test\r\n\r\n",
        b"host: good.test\r\n\r\n",
        b" Host: evil.test\r\n\r\n",
        b"Connection: host\r\n\r\n",
        b"Connection: close, content-length\r\nContent-Length: 5\r\n\r\nhello",
        b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"X: a\0b\r\n\r\n",
        b"X: a\rHost: evil.test\r\n\r\n",
        b"X\x80: a\r\n\r\n",
        b": a\r\n\r\n",
        b"no colon\r\n\r\n",
    ],
)
async def test_requests_that_could_be_read_in_two_ways(rest: bytes) -> None:
    """A request whose end or host is in doubt is refused before anything is dialled."""
    async with way_out("http://good.test:80", hosts=GOOD, dial=_nobody) as way:
        answer = await way.asked(HEAD % (80, 80) + rest)
        assert re.match(rb"HTTP/1\.1 (4\d\d|501) ", answer), answer
        assert way.dialled == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("rest", "sent"),
    [
        (b"X: one\r\n two\r\n\r\n", rb"\r\nX: one two\r\n"),
        (b"X: one\r\n\tHost: evil.test\r\n\r\n", rb"\r\nX: one Host: evil.test\r\n"),
        (b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", rb"\r\nContent-Length: 5\r\n(?!.*Content-Length)"),
        (b"Content-Length: 5, 5\r\n\r\nhello", rb"\r\nContent-Length: 5\r\n"),
        (b"Transfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n", rb"\r\nTransfer-Encoding: chunked\r\n"),
        (b"X: y\n\n", rb"\r\nX: y\r\nConnection: close\r\n\r\n"),
    ],
)
async def test_requests_that_are_put_right(rest: bytes, sent: bytes) -> None:
    """What is allowed and unusual reaches the server in the usual form only."""
    pages = Pages()
    async with serving(pages) as port, way_out(f"http://good.test:{port}", hosts=GOOD) as way:
        answer = await way.asked(HEAD % (port, port) + rest)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert re.search(sent, pages.got[0], re.DOTALL | re.IGNORECASE), pages.got


@pytest.mark.anyio
@pytest.mark.parametrize("rest", [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
async def test_a_tunnel_has_no_body(rest: bytes) -> None:
    """A CONNECT with a body is refused: who else reads it may take the body for something of its own."""
    async with way_out("good.test:443", hosts=GOOD, dial=_nobody) as way:
        answer = await way.asked(b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test\r\n" + rest)
        assert answer.startswith(b"HTTP/1.1 400 a CONNECT has no body\r\n")


@pytest.mark.anyio
async def test_old_protocols() -> None:
    """A tunnel may be asked for in HTTP/1.0, as Python's own client does; a plain request may not."""
    async with serving(_silent) as port, way_out(f"tcp://good.test:{port}", "good.test:80", hosts=GOOD) as way:
        async with await way.proxy() as client:
            await client.send(f"CONNECT good.test:{port} HTTP/1.0\r\n\r\n".encode())
            assert (await client.receive()).startswith(b"HTTP/1.1 200 ")
        answer = await way.asked(b"GET http://good.test/ HTTP/1.0\r\nHost: good.test\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 505 ")
        answer = await way.asked(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert re.match(rb"HTTP/1\.1 4\d\d ", answer)


@pytest.mark.anyio
async def test_huge_heads() -> None:
    """A head without end is cut off with the status for that; no more of it is kept than the limit."""
    async with way_out("good.test:443", hosts=GOOD, dial=_nobody) as way:
        answer = await way.asked(b"CONNECT good.test:443 HTTP/1.1\r\nX: " + b"x" * (2 * MOST_HEAD + 1))
        assert answer.startswith(b"HTTP/1.1 431 ")
        answer = await way.asked(b"CONNECT " + b"x" * (2 * MOST_HEAD + 1))
        assert answer.startswith(b"HTTP/1.1 431 ")
        answer = await way.asked(b"CONNECT good.test:443 HTTP/1.1\r\n" + b"X: y\r\n" * MOST_HEAD)
        assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.anyio
async def test_more_behind_a_refusal() -> None:
    """After a refusal nothing more is read as a request, whatever came with it."""
    async with way_out("good.test:443", hosts=GOOD, dial=_nobody) as way:
        refused = b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n"
        answer = await way.asked(refused + b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test\r\n\r\n")
        assert answer.count(b"HTTP/1.1") == 1
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert way.dialled == []


@pytest.mark.anyio
async def test_a_hello_right_behind_a_connect() -> None:
    """A client need not wait for the answer before it goes on."""
    got: list[bytes] = []

    async def listens(stream: ByteStream) -> None:
        async with stream:
            got.append(await stream.receive())

    hello = client_hello("good.test")
    async with serving(listens) as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        answer = await way.asked(f"CONNECT good.test:{port} HTTP/1.1\r\nHost: good.test\r\n\r\n".encode() + hello)
        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
        assert got == [hello]


@pytest.mark.anyio
async def test_clients_that_say_nothing() -> None:
    """A client that connects and leaves, or leaves in the middle of a word, is nobody's trouble."""
    async with way_out("good.test:443", hosts=GOOD, dial=_nobody) as way:
        for said in (b"", b"CONNECT good.te", b"CONNECT good.test:443 HTTP/1.1\r\nHost: good"):
            way.served = anyio.Event()
            client = await way.proxy()
            await client.send(said)
            await client.aclose()
            await way.served.wait()
        assert way.denials == []


async def _nobody(address: Address, port: int) -> ByteStream:
    raise ConnectionRefusedError


async def _silent(stream: ByteStream) -> None:
    async with stream:
        async for _ in stream:
            pass
