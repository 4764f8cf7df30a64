"""Requests on their way out are read: each is for the host of its connection, and bodies pass as they come."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import suppress
from hashlib import sha256
from typing import Any

import anyio
import httpx2
import pytest
from anyio import from_thread, to_thread
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream
from staging import ENDS, VALUE, Stage, read_all, read_until, staged

from massgen_core.egress.heads import Scheme

pytestmark = pytest.mark.anyio

BOTH: list[Scheme] = ["http", "https"]
GET = "GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def headers_of(seen: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in seen["headers"]]


@pytest.mark.parametrize("scheme", BOTH)
async def test_many_requests(scheme: Scheme) -> None:
    """Requests follow one another on one connection, on both sides; Python's own client is content."""

    def talk(stage: Stage) -> list[Any]:
        kind: Any = http.client.HTTPConnection if scheme == "http" else http.client.HTTPSConnection
        settings: dict[str, Any] = {} if scheme == "http" else {"context": stage.trust}
        connection = kind(stage.host, stage.port, timeout=20, **settings)
        answers: list[Any] = []
        for number in range(5):
            connection.request("POST", f"/{number}?q=1", body=f"body {number}", headers={"X-Number": str(number)})
            answers.append(json.loads(connection.getresponse().read()))
        connection.close()
        return answers

    async with staged(scheme=scheme) as stage:
        answers = await to_thread.run_sync(talk, stage)
    assert [(each["method"], each["target"], each["body"]) for each in answers] == [
        ("POST", f"/{number}?q=1", f"body {number}") for number in range(5)
    ]
    assert answers == stage.seen
    assert (stage.connections, stage.denied) == (1, [])


async def test_the_secret_goes_where_it_belongs() -> None:
    """The host gets the value in the named header alone; the path, the body, trailers, other headers keep the word."""
    async with staged(scheme="https") as stage:
        word = stage.word
        packed = base64.b64encode(f"me:{word}".encode()).decode()
        answer = await stage.say(
            f"POST /{word}?key={word} HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer {word}\r\nX-API-KEY: {word}\r\n"
            f"x-api-key: {word}\r\nCookie: {word}\r\nauthorization: Basic {packed}\r\nTransfer-Encoding: chunked\r\n"
            f"Connection: close\r\n\r\n{len(word):x}\r\n{word}\r\n0\r\nX-Api-Key: {word}\r\nX-T: {word}\r\n\r\n"
        )
    assert answer.startswith(b"HTTP/1.1 200")
    [seen] = stage.seen
    headers = headers_of(seen)
    assert [value for name, value in headers if name == "x-api-key"] == [VALUE, VALUE]
    credentials = base64.b64encode(f"me:{VALUE}".encode()).decode()
    assert [value for name, value in headers if name == "authorization"] == [f"Bearer {VALUE}", f"Basic {credentials}"]
    assert dict(headers)["cookie"] == word
    assert (seen["target"], seen["body"]) == (f"/{word}?key={word}", word)
    assert seen["trailers"] == [["x-api-key", word], ["x-t", word]]


async def test_another_host_gets_the_word() -> None:
    """A host that is not the secret's gets the placeholder, which means nothing."""
    async with staged(scheme="https", hosts=("api.example.org",)) as stage:
        await stage.say(GET.replace("Connection", f"Authorization: {stage.word}\r\nConnection"))
    assert dict(headers_of(stage.seen[0]))["authorization"] == stage.word


async def test_no_secret_over_plain_http() -> None:
    """Without TLS the host itself gets the placeholder only, whatever the secret says."""
    async with staged(scheme="http") as stage:
        answer = await stage.say(GET.replace("Connection", f"Authorization: {stage.word}\r\nConnection"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert dict(headers_of(stage.seen[0]))["authorization"] == stage.word


async def test_a_host_that_reflects() -> None:
    """The limit of all this: what a named host sends back of a named header, the sandbox gets to see."""
    async with staged(scheme="https") as stage:
        answer = await stage.say(GET.replace("Connection", f"Authorization: {stage.word}\r\nConnection"))
    assert VALUE.encode() in answer


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize(
    ("head", "status", "reason"),
    [
        ("GET / HTTP/1.1\r\nHost: evil.test\r\n", 403, "Host header is 'evil.test'"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n", 403, "Host header is 'localhost'"),
        ("GET / HTTP/1.1\r\nHost: localhost:1\r\n", 403, "Host header is 'localhost:1'"),
        ("GET / HTTP/1.1\r\nHost: HOST.\r\n", 403, "Host header is"),
        ("GET / HTTP/1.1\r\nHost: HOST,evil.test\r\n", 403, "Host header is"),
        ("GET / HTTP/1.1\r\nHost: HOST@evil.test\r\n", 403, "Host header is"),
        ("GET / HTTP/1.1\r\nHost:\r\n", 403, "Host header is ''"),
        ("GET / HTTP/1.1\r\nHost: \xe9vil.test\r\n", 403, "Host header is"),
        ("GET / HTTP/1.0\r\n", 400, "exactly one Host"),
        ("GET http://evil.test/ HTTP/1.1\r\nHost: HOST\r\n", 403, "asks for 'http://evil.test'"),
        ("GET https://evil.test/ HTTP/1.1\r\nHost: HOST\r\n", 403, "asks for 'https://evil.test'"),
        ("GET SCHEME://x@HOST/ HTTP/1.1\r\nHost: HOST\r\n", 403, "asks for"),
        ("GET SCHEME://HOST/ HTTP/1.1\r\nHost: evil.test\r\n", 403, "Host header is 'evil.test'"),
        ("GET ftp://HOST/ HTTP/1.1\r\nHost: HOST\r\n", 400, "no path"),
        ("GET evil.test HTTP/1.1\r\nHost: HOST\r\n", 400, "no path"),
        ("OPTIONS * HTTP/1.1\r\nHost: HOST\r\n", 400, "no path"),
        ("CONNECT HOST HTTP/1.1\r\nHost: HOST\r\n", 403, "tunnel"),
        ("CONNECT evil.test:443 HTTP/1.1\r\nHost: HOST\r\n", 403, "tunnel"),
        ("TRACE / HTTP/1.1\r\nHost: HOST\r\n", 403, "sends the request back"),
        ("track / HTTP/1.1\r\nHost: HOST\r\n", 403, "sends the request back"),
    ],
)
async def test_for_somebody_else(head: str, status: int, reason: str, scheme: Scheme) -> None:
    """A request for another host than that of its connection is refused in words, and never reaches the host."""
    async with staged(scheme=scheme) as stage:
        answer = await stage.say(f"{head}\r\n".replace("SCHEME", scheme).encode("latin-1"))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert reason in answer.decode()
    assert [reason in each for each in stage.denied] == [True]
    assert stage.seen == []


async def test_fronting_on_a_later_request() -> None:
    """Every request is looked at, not only the first of a connection."""
    async with staged() as stage:
        first = GET.replace("close", "keep-alive")
        answer = await stage.say(first + first + GET.replace("HOST", "evil.test"))
    assert [answer.count(b"HTTP/1.1 200"), answer.count(b"HTTP/1.1 403")] == [2, 1]
    assert len(stage.seen) == 2


@pytest.mark.parametrize(
    "request_",
    [
        "GET SCHEME://HOST/a?b HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        "GET SCHEME://HOST/a?b HTTP/1.1\r\nhost:   HOST  \r\nConnection: close\r\n\r\n",
        "GET /a?b HTTP/1.0\r\nHost: HOST\r\n\r\n",
        "GET /a?b HTTP/1.1\r\nHOST: LOCALHOST:PORT\r\nConnection: close\r\n\r\n",
        "GET /a?b HTTP/1.1\nHost: HOST\nConnection: close\n\n",
    ],
)
async def test_for_this_host(request_: str) -> None:
    """Other ways to say the same arrive in the usual one."""
    async with staged() as stage:
        data = request_.replace("SCHEME", "http").replace("LOCALHOST:PORT", f"LocalHost:{stage.port}")
        if "HOST: " in data:
            data = data.replace("HOST: ", "hOST: ")
        assert (await stage.say(data)).startswith(b"HTTP/1.1 200")
        assert stage.seen[0]["target"] == "/a?b"
        assert dict(headers_of(stage.seen[0]))["host"].lower() == stage.authority_of_url


@pytest.mark.parametrize(
    ("shape", "status"),
    [
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5, 6\r\n\r\nhello!", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: +5\r\n\r\nhello", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0x5\r\n\r\nhello", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 999999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: HOST\r\n\x0bTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nX: a\rHost: evil.test\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n Host: HOST\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.test\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nX: y\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\nHost: HOST\r\nHost: HOST\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: HOST\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nX: " + "y" * 200_000 + "\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: HOST\r\n" + "X: y\r\n" * 40_000 + "\r\n", 431),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
async def test_shapes_of_smuggling(shape: str, status: int) -> None:
    """What two readers could take for different requests goes no further, nor does a head without end."""
    async with staged() as stage:
        answer = await stage.say(shape.encode("latin-1"))
    assert answer[:12] == b"HTTP/1.1 %d" % status
    assert (len(stage.denied), stage.seen) == (1, [])


@pytest.mark.parametrize(
    "chunk", ["zz\r\nhello\r\n", "5\r\nhello!\r\n", "5\r\nhelloX\r\n", "-5\r\nhello\r\n", "5\r\nhello\r\r\n"]
)
async def test_spoilt_chunks(chunk: str) -> None:
    """A body that is not framed as it says ends the request, before the host takes it for a whole one."""
    async with staged() as stage:
        answer = await stage.say(f"POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert stage.denied == ["the body of the request is no proper HTTP/1.1"]
    assert stage.seen == []


async def test_what_concerns_the_connection_ends_here() -> None:
    """Headers for a proxy, and those that Connection names, are not passed on; those that frame a message are."""
    async with staged() as stage:
        await stage.say(
            "POST / HTTP/1.1\r\nHost: HOST\r\nConnection: close, X-Mine, Host, Content-Length\r\nX-Mine: 1\r\n"
            "Proxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nKeep-Alive: 5\r\n"
            "Content-Length: 2\r\nX-Yours: 2\r\n\r\nhi"
        )
        [seen] = stage.seen
        expected = [
            ("host", stage.authority_of_url),
            ("content-length", "2"),
            ("x-yours", "2"),
            ("connection", "close"),
        ]
    assert (headers_of(seen), seen["body"]) == (expected, "hi")


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_large_bodies(framing: str, scheme: Scheme) -> None:
    """Megabytes pass whole in both directions, of known and of unknown length."""
    piece = bytes(range(256)) * 256
    count = 48

    async def handler(stream: ByteStream) -> None:
        head = await read_until(stream, b"\r\n\r\n")
        body = head.partition(b"\r\n\r\n")[2]
        while len(body) < len(piece) * count if framing == "length" else not body.endswith(b"0\r\n\r\n"):
            body += await stream.receive()
        framed = b"Content-Length: %d" % len(body) if framing == "length" else b"Transfer-Encoding: chunked"
        await stream.send(b"HTTP/1.1 200 OK\r\n" + framed + b"\r\n\r\n" + body)
        await read_all(stream)

    async def pieces() -> AsyncGenerator[bytes]:
        for _ in range(count):
            yield piece

    async with staged(handler, scheme=scheme) as stage:
        length = {"Content-Length": str(len(piece) * count)} if framing == "length" else {}
        async with httpx2.AsyncClient(verify=stage.trust, timeout=60) as client:
            url = f"{scheme}://{stage.authority_of_url}/"
            answer = await client.post(url, content=pieces(), headers=length)
    assert sha256(answer.content).digest() == sha256(piece * count).digest()


async def test_events_are_not_held_back() -> None:
    """Each piece of an answer is passed on when it comes: the next is sent only once the first was read."""
    read = anyio.Event()

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        await stream.send(b"9\r\ndata: 1\n\n\r\n")
        await read.wait()
        await stream.send(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")

    async with (
        staged(handler, scheme="https") as stage,
        httpx2.AsyncClient(verify=stage.trust) as client,
        client.stream("GET", f"https://{stage.authority_of_url}/") as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "data: 1"
        read.set()
        assert [line async for line in lines if line] == ["data: 2"]


@pytest.mark.parametrize("scheme", BOTH)
async def test_a_refusal_ends_what_is_said(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that reads to the end has it right behind a refusal, and need not wait until we stop listening."""
    monkeypatch.setattr("massgen_core.egress.sides.CLOSING_SECONDS", 60)
    async with staged(scheme=scheme) as stage:
        with anyio.fail_after(20):
            assert (await stage.say(GET.replace("HOST", "evil.test"))).endswith(b"\n")


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_client_that_has_said_its_last(version: str, scheme: Scheme) -> None:
    """Who ends its side behind a request is answered: netcat does so, and some tools of HTTP/1.0."""
    ended = anyio.Event()

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\nbody")
        await ended.wait()
        with anyio.move_on_after(0.1):  # time in which the end could be taken for a farewell
            await stream.receive()
        await stream.send(OK)

    def talk(stage: Stage) -> bytes:
        with socket.create_connection((stage.address, stage.port), timeout=20) as plain:
            client = stage.trust.wrap_socket(plain, server_hostname=stage.host) if scheme == "https" else plain
            with client:
                head = f"POST / HTTP/{version}\r\nHost: {stage.authority_of_url}\r\nContent-Length: 4\r\n\r\n"
                client.sendall(head.encode() + b"body")
                _end(client)
                from_thread.run_sync(ended.set)
                return _heard(client)

    async with staged(handler, scheme=scheme) as stage:
        answer = await to_thread.run_sync(talk, stage)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"ok")


async def test_a_client_that_takes_its_leave() -> None:
    """Who says that nothing more comes and hangs up is gone: over TLS the host is told at once."""
    left = anyio.Event()

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await read_all(stream)
        left.set()

    def talk(stage: Stage) -> None:
        plain = socket.create_connection((stage.address, stage.port), timeout=20)
        with stage.trust.wrap_socket(plain, server_hostname=stage.host) as client:
            client.sendall(GET.replace("HOST", stage.authority_of_url).encode())
            assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
            _end(client)

    async with staged(handler, scheme="https") as stage:
        await to_thread.run_sync(talk, stage)
        with anyio.fail_after(20):
            await left.wait()


def _end(client: socket.socket) -> None:
    """Say that nothing more comes, and do not wait for the other side to say so."""
    if not isinstance(client, ssl.SSLSocket):
        client.shutdown(socket.SHUT_WR)
        return
    client.setblocking(False)
    with suppress(ssl.SSLWantReadError):
        client.unwrap()
    client.settimeout(20)


def _heard(client: socket.socket) -> bytes:
    heard = b""
    with suppress(ssl.SSLZeroReturnError):  # the end, as Python calls it once this side has ended too
        while piece := client.recv(65536):
            heard += piece
    return heard


@pytest.mark.parametrize("scheme", BOTH)
async def test_a_slow_head(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may wait before a request; one that has begun must come to the end of its head in time."""
    async with staged(scheme=scheme) as stage, stage.client() as client:
        monkeypatch.setattr("massgen_core.egress.sides.HEAD_SECONDS", 0.05)
        with anyio.move_on_after(0.1):
            await client.receive()
        for _ in range(2):
            await client.send(GET.replace("close", "keep-alive").replace("HOST", stage.authority_of_url).encode())
            assert (await read_until(client, b"}")).startswith(b"HTTP/1.1 200")
            with anyio.move_on_after(0.1):
                await client.receive()
        await client.send(b"GET / HT")
        assert (await read_all(client)).startswith(b"HTTP/1.1 408 the head of the request took too long\r\n")
    assert stage.denied == ["the head of the request took too long"]
    assert len(stage.seen) == 2


@pytest.mark.parametrize("scheme", BOTH)
async def test_a_slow_first_head(scheme: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """That holds for the first request as well."""
    monkeypatch.setattr("massgen_core.egress.sides.HEAD_SECONDS", 0.05)
    async with staged(scheme=scheme) as stage:
        assert (await stage.say("GET / HTTP/1.1\r\nHost: H")).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("scheme", BOTH)
async def test_a_client_that_leaves(scheme: Scheme) -> None:
    """When the client hangs up, the host is told: over TLS at once, else when it says something that nobody takes."""
    left = anyio.Event()

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if scheme == "http":
            with suppress(*ENDS):
                while True:
                    await stream.send(b"5\r\nhello\r\n")
                    await anyio.sleep(0.001)
        else:
            await read_all(stream)
        left.set()

    async with staged(handler, scheme=scheme) as stage:
        async with stage.client() as client:
            await client.send(GET.replace("HOST", stage.authority_of_url).encode())
            await read_until(client, b"\r\n\r\n")
        with anyio.fail_after(20):
            await left.wait()


@pytest.mark.parametrize("scheme", BOTH)
async def test_expecting_to_be_asked(scheme: Scheme) -> None:
    """A client that waits for 100 Continue gets the host's, and sends its body only then."""
    async with staged(scheme=scheme) as stage, stage.client() as client:
        head = "POST / HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        await client.send(head.replace("HOST", stage.authority_of_url).encode())
        assert await read_until(client, b"\r\n\r\n") == b"HTTP/1.1 100 \r\n\r\n"
        await client.send(b"hi")
        assert (await read_all(client)).startswith(b"HTTP/1.1 200 ")
    assert stage.seen[0]["body"] == "hi"


async def test_expectation_refused() -> None:
    """A host that does not want the body says so, and the connection ends with that."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
        await read_all(stream)

    async with staged(handler) as stage, stage.client() as client:
        head = "POST / HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        await client.send(head.replace("HOST", stage.authority_of_url).encode())
        answer = await read_until(client, b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 417 ")
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 7\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("GET", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
    ],
)
async def test_answers_without_a_body(method: str, answer: bytes) -> None:
    """They pass as they are, and another request may follow."""

    async def handler(stream: ByteStream) -> None:
        while True:
            await read_until(stream, b"\r\n\r\n")
            await stream.send(answer)

    async with staged(handler) as stage, stage.client() as client:
        for _ in range(2):
            await client.send(f"{method} / HTTP/1.1\r\nHost: {stage.authority_of_url}\r\n\r\n".encode())
            received = b""
            while len(received) < len(answer):
                received += await client.receive()
            assert received == answer


@pytest.mark.parametrize("scheme", BOTH)
async def test_an_early_answer(scheme: Scheme) -> None:
    """A host may refuse a body half-way and hang up: the client still gets to read why."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")

    def talk(stage: Stage) -> tuple[int, bytes]:
        kind: Any = http.client.HTTPConnection if scheme == "http" else http.client.HTTPSConnection
        settings: dict[str, Any] = {} if scheme == "http" else {"context": stage.trust}
        connection = kind(stage.host, stage.port, timeout=20, **settings)
        connection.request("POST", "/", body=b"x" * 3_000_000)
        answer = connection.getresponse()
        return answer.status, answer.read()

    async with staged(handler, scheme=scheme) as stage:
        assert await to_thread.run_sync(talk, stage) == (413, b"big")


async def test_an_answer_before_the_question_ends() -> None:
    """The two directions are independent: an answer may begin, and end, while the body is still being sent."""

    async def handler(stream: ByteStream) -> None:
        for _ in range(2):
            await read_until(stream, b"\r\n\r\n")
            await stream.send(OK)
            await read_until(stream, b"0\r\n\r\n")

    async with staged(handler) as stage, stage.client() as client:
        for _ in range(2):
            head = f"POST / HTTP/1.1\r\nHost: {stage.authority_of_url}\r\nTransfer-Encoding: chunked\r\n\r\n"
            await client.send(head.encode())
            assert await read_until(client, b"ok") == OK
            await client.send(b"5\r\nhello\r\n0\r\n\r\n")
    assert stage.connections == 1


async def test_trailers() -> None:
    """Trailers pass in both directions, but for such as could be taken for what stands in a head."""

    async def handler(stream: ByteStream) -> None:
        received.append(await read_until(stream, b"X-Sum: 1\r\n\r\n"))
        await stream.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 2\r\nContent-Length: 9\r\n\r\n"
        )
        await read_all(stream)

    received: list[bytes] = []
    async with staged(handler) as stage, stage.client() as client:
        head = f"POST / HTTP/1.1\r\nHost: {stage.authority_of_url}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        await client.send(f"{head}X-Sum: 1\r\nHost: evil.test\r\nAuthorization: x\r\n\r\n".encode())
        assert (await read_until(client, b"X-Sum: 2\r\n\r\n")).endswith(b"\r\n\r\n0\r\nX-Sum: 2\r\n\r\n")
    assert received[0].endswith(b"\r\n\r\n0\r\nX-Sum: 1\r\n\r\n")


SWITCH = "GET /ws HTTP/1.1\r\nHost: HOST\r\nConnection: keep-alive, Upgrade\r\nUpgrade: {}\r\nX-Api-Key: {}\r\n\r\n"


@pytest.mark.parametrize("scheme", BOTH)
async def test_websocket(scheme: Scheme) -> None:
    """After 101 bytes pass both ways as they are, those too that came right behind the heads; either end may end it."""

    async def handler(stream: ByteStream) -> None:
        head, _, early = (await read_until(stream, b"\r\n\r\n")).partition(b"\r\n\r\n")
        heads.append(head.decode().lower())
        await stream.send(b"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\nfirst")
        assert early == b""
        await stream.send(await read_until(stream, b"early"))
        while True:
            await stream.send((await stream.receive()).upper())

    heads: list[str] = []
    async with staged(handler, scheme=scheme) as stage, stage.client() as client:
        request = SWITCH.format("WebSocket", stage.word).replace("HOST", stage.authority_of_url)
        await client.send(request.encode() + b"early")
        assert (await read_until(client, b"firstearly")).startswith(b"HTTP/1.1 101 Go\r\n")
        await client.send(b"\x81\x05hello\xff")
        assert await read_until(client, b"HELLO\xff") == b"\x81\x05HELLO\xff"
    assert f"x-api-key: {VALUE if scheme == 'https' else stage.word}" in heads[0]
    assert "connection: upgrade\r\nupgrade: websocket" in heads[0]


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.0", "websocket, h2c", "tcp"])
async def test_other_upgrades(protocol: str) -> None:
    """No other protocol is asked for: its requests could not be read. The request goes on as plain HTTP."""
    async with staged() as stage:
        request = SWITCH.format(protocol, "x").replace("keep-alive, Upgrade", "close, Upgrade, HTTP2-Settings")
        answer = await stage.say(request.replace("\r\n\r\n", "\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert {"upgrade", "http2-settings"} & {name for name, _ in headers_of(stage.seen[0])} == set()


@pytest.mark.parametrize(("asked", "given"), [("websocket", "h2c"), ("h2c", "h2c"), (None, "websocket")])
async def test_a_host_that_switches_by_itself(asked: str | None, given: str) -> None:
    """A host that goes on in another protocol than a WebSocket that was asked for is not followed."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(f"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: {given}\r\n\r\nfirst".encode())
        await read_all(stream)

    async with staged(handler) as stage:
        answer = await stage.say(SWITCH.format(asked, "x") if asked else GET)
    assert b"101" not in answer
    assert b"first" not in answer


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"nonsense\r\n\r\n", b"HTTP/2.0\r\n\r\n"])
async def test_a_host_without_an_answer(said: bytes, scheme: Scheme) -> None:
    """A host that hangs up, or answers with something else, becomes a 502 that names it."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(said)

    async with staged(handler, scheme=scheme) as stage:
        answer = await stage.say(GET)
        assert answer.startswith(b"HTTP/1.1 502 ")
        assert f"{stage.authority_of_url} ended the connection without an answer".encode() in answer
    assert stage.denied == []


@pytest.mark.parametrize("scheme", BOTH)
@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
    ],
)
async def test_half_an_answer(said: bytes, scheme: Scheme) -> None:
    """An answer that breaks off does not look like a whole one to the client."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(said)

    async with staged(handler, scheme=scheme) as stage, httpx2.AsyncClient(verify=stage.trust) as client:
        with pytest.raises(httpx2.TransportError):
            await client.get(f"{scheme}://{stage.authority_of_url}/")


async def test_an_answer_that_ends_with_its_connection() -> None:
    """A client of HTTP/1.1 gets an answer of unknown length in chunks; over TLS a torn connection is no end."""
    torn = False

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it")
        if torn:
            await stream.transport_stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]

    async with staged(handler, scheme="https") as stage, httpx2.AsyncClient(verify=stage.trust) as client:
        url = f"https://{stage.authority_of_url}/"
        answer = await client.get(url)
        assert (answer.text, answer.headers["connection"]) == ("all of it", "close")
        torn = True
        with pytest.raises(httpx2.TransportError):
            await client.get(url)


async def test_http_1_0() -> None:
    """A client of HTTP/1.0 gets neither interim answers nor chunks."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await stream.send(b"2\r\nok\r\n0\r\nX: y\r\n\r\n")

    async with staged(handler) as stage:
        answer = await stage.say("GET / HTTP/1.0\r\nHost: HOST\r\n\r\n")
    assert answer == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"


async def test_a_host_that_closes_between_requests() -> None:
    """The client's connection ends with it, so that its next request is not lost on a dead one."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(OK)

    async with staged(handler) as stage, stage.client() as client:
        await client.send(GET.replace("close", "keep-alive").replace("HOST", stage.authority_of_url).encode())
        with anyio.fail_after(20):
            assert await read_all(client) == OK


async def test_an_answer_too_many() -> None:
    """An answer that nobody asked for is not given to the next request."""

    async def handler(stream: ByteStream) -> None:
        await read_until(stream, b"\r\n\r\n")
        await stream.send(OK + OK.replace(b"ok", b"no"))
        await read_all(stream)

    async with staged(handler) as stage:
        keep = GET.replace("close", "keep-alive")
        assert await stage.say(keep + keep) == OK


@pytest.mark.parametrize(
    ("trusted", "name", "reason"),
    [(False, "localhost", "unable to get local issuer certificate"), (True, "evil.test", "Hostname mismatch")],
)
async def test_a_host_that_is_not_who_it_says(trusted: bool, name: str, reason: str) -> None:
    """The host's certificate is verified in place of the client, which gets to know why it is not trusted."""
    async with staged(scheme="https", certificate_for=name, trusted=trusted) as stage:
        answer = await stage.say(GET.replace("Connection", f"Authorization: {stage.word}\r\nConnection"))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert reason.encode() in answer
    assert [reason in each for each in stage.denied] == [True]
    assert stage.seen == []


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n"])
async def test_a_host_without_tls(said: bytes) -> None:
    """A host that hangs up or speaks something else becomes a 502."""

    async def handler(stream: ByteStream) -> None:
        await stream.send(said)

    async with staged(handler, scheme="https", plain=True) as stage:
        answer = await stage.say(GET)
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert stage.denied == []


async def test_nobody_is_there() -> None:
    """A host that cannot be connected to becomes a 502, and only once there is a request for it."""
    async with staged(scheme="https", absent=True) as stage:
        assert (await stage.say(GET.replace("HOST", "evil.test"))).startswith(b"HTTP/1.1 403 ")
        assert (await stage.say(GET)).startswith(b"HTTP/1.1 502 ")


async def test_a_client_that_trusts_nobody() -> None:
    """A program that does not accept our certificate is named as the reason; the host hears nothing of it."""
    async with staged(scheme="https") as stage:
        async with await anyio.connect_tcp(stage.address, stage.port) as stream:
            with pytest.raises(ssl.SSLCertVerificationError):
                await TLSStream.wrap(stream, hostname="localhost", ssl_context=ssl.create_default_context())
        async with await anyio.connect_tcp(stage.address, stage.port) as stream:
            await stream.send(b"GET / HTTP/1.1\r\n\r\n")
            await read_all(stream)
    assert ["did not accept our certificate" in each for each in stage.denied] == [True, True]
    assert stage.connections == 0
