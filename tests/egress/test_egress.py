"""Conversations through the way out: tunnels, requests, targets, and what is said where there is none."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import struct
from collections.abc import Sequence
from typing import Any, cast

import anyio
import pytest
from anyio.abc import ByteStream, SocketAttribute
from ways_out import client_hello, echo, greet, rest_of, serving, serving_tls, way_out

from massgen_core.egress import Address
from massgen_core.egress.authority import Authority
from massgen_core.egress.relay import IDLE_SECONDS, while_moving
from massgen_core.egress.streams import PrefixedStream
from massgen_core.sandbox import SandboxSecret

pytestmark = pytest.mark.anyio
GOOD = {"good.test": "127.0.0.1"}
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


class Pages:
    """A server that answers one request, if one comes, with a page and keeps what it was sent."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []

    async def __call__(self, stream: ByteStream) -> None:
        async with stream:
            head = b""
            async for piece in stream:
                head += piece
                if b"\r\n\r\n" in head:
                    self.heads.append(head)
                    await stream.send(PAGE)
                    return


async def test_tls_through_a_tunnel(authority: Authority) -> None:
    """A tunnel to an allowed host carries the client's own TLS, end to end."""
    async with serving_tls(echo, authority, "good.test") as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        tls = await greet(await way.tunnel(f"good.test:{port}"), "good.test", authority)
        await tls.send(b"hello")
        assert await tls.receive() == b"hello"
        await tls.aclose()
        await way.served.wait()
        assert way.dialled == [("127.0.0.1", port)]
        assert way.denials == []


async def test_tls_to_a_target(authority: Authority) -> None:
    """A program that knows no proxy greets the host that it believes to be connected to."""
    async with serving_tls(echo, authority, "good.test") as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        tls = await greet(await way.target(f"good.test:{port}"), "good.test", authority)
        await tls.send(b"hello")
        assert await tls.receive() == b"hello"
        await tls.aclose()


async def test_a_name_under_a_wildcard(authority: Authority) -> None:
    """A rule for all names below one takes each of them, with its own name in the hello; not the one itself."""
    async with (
        serving_tls(echo, authority, "a.good.test") as port,
        way_out(f"*.good.test:{port}", hosts={"a.good.test": "127.0.0.1", "good.test": "127.0.0.1"}) as way,
    ):
        tls = await greet(await way.tunnel(f"a.good.test:{port}"), "a.good.test", authority)
        await tls.aclose()
        answer = await way.asked(_connect(f"good.test:{port}"))
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert way.egress.targets == ()


async def test_a_rule_for_one_host_goes_first() -> None:
    """What a rule says of one host holds, whatever a rule for many says and wherever it stands."""
    async with serving(echo) as port:
        rules = (f"*.good.test:{port}", f"tcp://db.good.test:{port}")
        for allow in (rules, rules[::-1]):
            async with way_out(*allow, hosts={"db.good.test": "127.0.0.1"}) as way:
                client = await way.tunnel(f"db.good.test:{port}")
                await client.send(b"no TLS")
                assert await client.receive() == b"no TLS"


async def test_plain_tcp_with_half_closed_connections() -> None:
    """Plain TCP passes unseen both ways, and goes on one way when the other has ended."""

    async def after_the_end(stream: ByteStream) -> None:
        async with stream:
            await stream.send(b"you sent " + await rest_of(stream))

    async with serving(after_the_end) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        for client in (await way.tunnel(f"good.test:{port}"), await way.target(f"tcp://good.test:{port}")):
            async with client:
                await client.send(b"much")
                await client.send_eof()
                assert await rest_of(client) == b"you sent much"


async def test_a_server_that_ends_first() -> None:
    """A client may go on sending after the server has said its last."""
    heard: list[bytes] = []
    done = anyio.Event()

    async def speaks_first(stream: ByteStream) -> None:
        async with stream:
            await stream.send(b"greeting")
            await stream.send_eof()
            heard.append(await rest_of(stream))
            done.set()

    async with serving(speaks_first) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        async with await way.tunnel(f"good.test:{port}") as client:
            assert await rest_of(client) == b"greeting"
            await client.send(b"thanks")
        await done.wait()
        assert heard == [b"thanks"]


async def test_backpressure() -> None:
    """A client that reads nothing holds up its server; what is on the way is bounded."""
    sent = 0
    stuck = anyio.Event()

    async def floods(stream: ByteStream) -> None:
        nonlocal sent
        async with stream:
            while True:
                with anyio.move_on_after(0.5) as scope:
                    await stream.send(bytes(65536))
                if scope.cancelled_caught:
                    stuck.set()
                    await anyio.sleep_forever()
                sent += 65536

    async with serving(floods) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        await way.tunnel(f"good.test:{port}")
        await stuck.wait()
        assert sent < 32 * 2**20  # what the systems' own buffers of two connections hold


async def test_a_client_that_vanishes_closes_upstream() -> None:
    """When a client is gone, the server's connection ends too."""
    arrived = anyio.Event()
    ended = anyio.Event()

    async def waits(stream: ByteStream) -> None:
        async with stream:
            arrived.set()
            await rest_of(stream)
            ended.set()

    async with serving(waits) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        client = await way.tunnel(f"good.test:{port}")
        await client.send(b"x")
        await arrived.wait()
        await client.aclose()
        await ended.wait()
        await way.served.wait()


async def test_a_client_that_breaks_closes_upstream() -> None:
    """When a client's connection is reset, its server's ends too, though the server has said nothing yet."""
    arrived = anyio.Event()
    ended = anyio.Event()

    async def waits(stream: ByteStream) -> None:
        async with stream:
            arrived.set()
            await rest_of(stream)
            await stream.send_eof()
            ended.set()

    async with serving(waits) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        client = await way.tunnel(f"good.test:{port}")
        await client.send(b"x")
        await arrived.wait()
        reset = struct.pack("ii", 1, 0)
        client.extra(SocketAttribute.raw_socket).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        await client.aclose()
        await ended.wait()
        await way.served.wait()


async def test_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection on which nothing moves any more is ended."""
    monkeypatch.setattr("massgen_core.egress.relay.IDLE_SECONDS", 0.05)
    async with serving(echo) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        client = await way.tunnel(f"good.test:{port}")
        assert await rest_of(client) == b""
        await way.served.wait()


async def test_something_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What moves puts the end off, though not for each of many pieces."""
    ends: list[float] = []
    hours = iter([0.0, *(number * IDLE_SECONDS / 300 for number in range(1, 9))])
    monkeypatch.setattr("massgen_core.egress.relay.monotonic", lambda: next(hours, 0.0))

    async def carry(client: ByteStream, upstream: ByteStream) -> None:
        for _ in range(5):
            ends.append(anyio.current_effective_deadline())
            await client.receive(1)

    stream = PrefixedStream(cast("Any", None), bytes(5))
    await while_moving(carry, stream, stream)
    assert ends == sorted(ends)
    assert 1 < len(set(ends)) < 5


async def test_a_request_of_plain_http() -> None:
    """A request reaches its host in the host's own form, without what was meant for the proxy."""
    pages = Pages()
    async with serving(pages) as port, way_out(f"http://good.test:{port}", hosts=GOOD) as way:
        answer = await way.asked(
            f"GET http://Good.Test.:{port}/a?b=c HTTP/1.1\r\nHost: good.test:{port}\r\n"
            "Proxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nX-One: 1\r\nX-Two: 2\r\n"
            "Connection: keep-alive, x-one\r\nTE: trailers\r\nUpgrade: h2c\r\n\r\n".encode()
        )
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"page")
        head = pages.heads[0].lower()
        assert head.startswith(b"get /a?b=c http/1.1\r\nhost: good.test:%d\r\n" % port)
        assert b"x-two: 2\r\n" in head
        for gone in (b"proxy-", b"x-one", b"upgrade", b"te:"):
            assert gone not in head


async def test_a_proxied_request_is_one() -> None:
    """What a client sends behind its request is never read as another one."""
    pages = Pages()
    async with serving(pages) as port, way_out(f"http://good.test:{port}", hosts=GOOD) as way:
        one = f"GET http://good.test:{port}/one HTTP/1.1\r\nHost: good.test:{port}\r\n\r\n".encode()
        two = f"GET http://evil.test:{port}/two HTTP/1.1\r\nHost: evil.test:{port}\r\n\r\n".encode()
        answer = await way.asked(one + two)
        assert answer.count(b"HTTP/1.1") == 1
        assert len(pages.heads) == 1
        assert b"two" not in pages.heads[0]


async def test_a_body_is_passed_on() -> None:
    """A request's body follows its head, also where it came in the same piece."""
    got: list[bytes] = []

    async def takes(stream: ByteStream) -> None:
        async with stream:
            data = b""
            while not data.endswith(b"body"):
                data += await stream.receive()
            got.append(data)
            await stream.send(PAGE)

    async with serving(takes) as port, way_out(f"http://good.test:{port}", hosts=GOOD) as way:
        head = f"POST http://good.test:{port}/ HTTP/1.1\r\nHost: good.test:{port}\r\nContent-Length: 8\r\n\r\n"
        async with await way.proxy() as client:
            await client.send(head.encode() + b"the ")
            await client.send(b"body")
            assert (await rest_of(client)).endswith(b"page")
        assert got[0].endswith(b"\r\n\r\nthe body")


async def test_plain_http_to_a_target() -> None:
    """A program that knows no proxy asks an allowed host; with another Host header it is told no."""
    pages = Pages()
    async with serving(pages) as port, way_out(f"http://good.test:{port}", hosts=GOOD) as way:
        for host, status in (("good.test", b"200"), ("evil.test", b"403")):
            async with await way.target(f"http://good.test:{port}") as client:
                await client.send(f"GET /x HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                assert (await client.receive()).startswith(b"HTTP/1.1 " + status)
        assert len(pages.heads) == 1
        (denial,) = way.denials
        assert str(denial).startswith(f"egress denied: good.test:{port} went no further: the request's Host header is")


async def test_a_host_that_is_not_on_the_list() -> None:
    """What is refused says so where the client can read it, in the status line as well, and how it would be allowed."""
    async with way_out("good.test") as way:
        answer = await way.asked(_connect("evil.test:443"))
        sentence = (
            b'egress denied: evil.test:443 is not on the list; `network.allow` with "evil.test:443" would allow it'
        )
        head, body = answer.split(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 403 " + sentence + b"\r\n")
        assert body == sentence + b"\n"
        assert [str(denial) for denial in way.denials] == [sentence.decode()]
        assert way.dialled == []


@pytest.mark.parametrize(
    ("request_line", "rule"),
    [
        ("CONNECT good.test:22", "good.test:22"),
        ("CONNECT good.test:80", "https://good.test:80"),
        ("CONNECT sub.good.test:443", "sub.good.test:443"),
        ("CONNECT good.test.evil.test:443", "good.test.evil.test:443"),
        ("CONNECT notgood.test:443", "notgood.test:443"),
        ("CONNECT [2606:4700::1]:443", "[2606:4700::1]:443"),
        ("CONNECT 93.184.216.34:443", "93.184.216.34:443"),
        ("CONNECT xn--gd-1ja.test:443", "xn--gd-1ja.test:443"),
        ("GET http://evil.test/", "evil.test:80"),
        ("GET http://evil.test:8080/x", "http://evil.test:8080"),
        ("GET http://[::1]/", "[::1]:80"),
        ("GET http://127.0.0.1/", "127.0.0.1:80"),
    ],
)
async def test_the_rule_that_would_allow_it(request_line: str, rule: str) -> None:
    """A denial names the rule that would allow what was asked for, and that rule would."""
    method, target = request_line.split()
    host = target.removeprefix("http://").partition("/")[0]
    async with way_out("good.test:443") as way:
        answer = await way.asked(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 403 egress denied: ")
        assert [denial.rule for denial in way.denials] == [rule]
        assert way.dialled == []
    async with way_out(rule, private=[], resolve=_nothing, dial=_nobody) as way:
        answer = await way.asked(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert "is not on the list" not in answer.decode()


async def test_another_kind_than_the_rule_says() -> None:
    """A rule for TLS allows no plain request, and one for plain requests no tunnel."""
    async with way_out("good.test:443", "plain.test:80") as way:
        answer = await way.asked(b"GET http://good.test:443/ HTTP/1.1\r\nHost: good.test:443\r\n\r\n")
        assert b"good.test:443 is allowed for TLS, not for plain HTTP\n" in answer
        answer = await way.asked(_connect("plain.test:80"))
        assert b"plain.test:80 is allowed for plain HTTP, not for TLS or plain TCP\n" in answer
        assert way.dialled == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (client_hello("evil.test"), "the TLS hello names 'evil.test'"),
        (client_hello("good.test.evil.test"), "the TLS hello names 'good.test.evil.test'"),
        (client_hello(None), "the TLS hello names no server"),
        (b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n", "is allowed for TLS, and no TLS hello came"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "is allowed for TLS, and no TLS hello came"),
    ],
    ids=["another name", "a longer name", "no name", "HTTP", "SSH"],
)
async def test_what_is_no_hello_to_the_host(words: bytes, reason: str) -> None:
    """In a tunnel, and to a target, nothing but TLS passes that names the host; not a byte of anything else does."""
    got: list[bytes] = []

    async def listens(stream: ByteStream) -> None:
        async with stream:
            got.append(await rest_of(stream))

    async with serving(listens) as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        for client in (await way.tunnel(f"good.test:{port}"), await way.target(f"good.test:{port}")):
            async with client:
                await client.send(words)
                assert await rest_of(client) == b"\x15\x03\x03\x00\x02\x02\x31"  # alert: access denied
        assert len(way.denials) == 2
        assert all(reason in str(denial) for denial in way.denials)
    assert b"".join(got) == b""


async def test_the_alert_reaches_the_client(authority: Authority) -> None:
    """A client of TLS that is refused says so in its own error."""
    async with serving(echo) as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        client = await way.tunnel(f"good.test:{port}")
        with pytest.raises(ssl.SSLError, match="access denied"):
            await greet(client, "evil.test", authority)


async def test_plain_words_name_the_rule_for_tcp() -> None:
    """Who speaks something else than TLS is told of the rule for plain TCP."""
    async with serving(echo) as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        async with await way.target(f"good.test:{port}") as client:
            await client.send(b"EHLO good.test\r\n")
            await rest_of(client)
        assert [denial.rule for denial in way.denials] == [f"tcp://good.test:{port}"]


async def test_an_address_as_rule(authority: Authority) -> None:
    """A rule for an address takes a hello that names nothing, as hellos to addresses do."""
    async with serving_tls(echo, authority, "127.0.0.1") as port, way_out(f"127.0.0.1:{port}") as way:
        tls = await greet(await way.tunnel(f"127.0.0.1:{port}"), "127.0.0.1", authority)
        await tls.send(b"hello")
        assert await tls.receive() == b"hello"
        await tls.aclose()
        assert way.egress.targets == ()


async def test_local_addresses_need_private() -> None:
    """A name that leads inside is refused, also by `hosts`; the sandbox is not told where it leads."""
    async with serving(echo) as port, way_out(f"good.test:{port}", hosts={"good.test": "10.1.2.3"}, private=[]) as way:
        answer = await way.asked(_connect(f"good.test:{port}"))
        assert b"leads to a private address; `network.private` would allow it" in answer
        assert b"10.1.2.3" not in answer
        (denial,) = way.denials
        assert denial.rule is None
        assert str(denial).endswith('leads to a private address; `network.private` with "10.1.2.3/32" would allow it')
        assert way.dialled == []


async def test_a_name_is_asked_once() -> None:
    """The address that was checked is the one that is dialled, whatever the name leads to a moment later."""
    asked: list[str] = []

    async def rebinding(host: str) -> Sequence[Address]:
        asked.append(host)
        return [_ip("127.0.0.1" if len(asked) == 1 else "127.9.9.9")]

    options = {"private": ["127.0.0.1/32"], "resolve": rebinding}
    async with serving(echo) as port, way_out(f"tcp://good.test:{port}", **options) as way:
        client = await way.tunnel(f"good.test:{port}")
        await client.send(b"x")
        assert await client.receive() == b"x"
        assert asked == ["good.test"]
        assert way.dialled == [("127.0.0.1", port)]
        assert (await way.asked(_connect(f"good.test:{port}"))).startswith(b"HTTP/1.1 403 ")
        assert asked == ["good.test", "good.test"]
        assert way.dialled == [("127.0.0.1", port)]


async def test_one_bad_address_refuses_the_name() -> None:
    """A name that leads to a public and a local address is not dialled at all."""

    async def mixed(host: str) -> Sequence[Address]:
        return [_ip("93.184.216.34"), _ip("::ffff:169.254.169.254")]

    async with way_out("good.test", private=[], resolve=mixed) as way:
        answer = await way.asked(_connect("good.test:443"))
        assert b"403 egress denied: good.test:443 leads to a metadata service" in answer
        assert way.dialled == []


async def test_a_host_that_does_not_answer() -> None:
    """Whoever cannot be reached is answered for with 502 and a sentence that shows no address."""
    async with serving(echo) as port:
        pass
    async with way_out(f"good.test:{port}", "lost.test", hosts=GOOD, resolve=_nothing) as way:
        answer = await way.asked(_connect(f"good.test:{port}"))
        assert answer.startswith(f"HTTP/1.1 502 the host good.test refused the connection (port {port})\r\n".encode())
        assert b"127.0.0.1" not in answer
        assert b"502 the name lost.test does not resolve" in await way.asked(_connect("lost.test:443"))
        assert way.denials == []


async def test_a_target_that_does_not_answer() -> None:
    """A target's client gets an alert, or a response, or just the end."""
    async with serving(echo) as port:
        pass
    words = {
        f"good.test:{port}": (client_hello("good.test"), b"\x15\x03\x03\x00\x02\x02\x50"),  # alert: internal error
        f"http://good.test:{port}": (b"GET / HTTP/1.1\r\nHost: good.test\r\n\r\n", b"HTTP/1.1 502 the host good.test"),
        f"tcp://good.test:{port}": (b"x", b""),
    }
    for rule, (said, answer) in words.items():
        async with way_out(rule, hosts=GOOD) as way, await way.target(rule) as client:
            await client.send(said)
            assert (await rest_of(client)).startswith(answer)


async def test_a_host_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting has a time of its own."""
    monkeypatch.setattr("massgen_core.egress.dialling.CONNECT_SECONDS", 0.05)
    async with way_out("good.test", hosts=GOOD, dial=_never) as way:
        answer = await way.asked(_connect("good.test:443"))
        assert answer.startswith(b"HTTP/1.1 502 the host good.test did not answer in time (port 443)\r\n")


async def test_names_that_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolving has a time of its own."""
    monkeypatch.setattr("massgen_core.egress.addresses.RESOLVE_SECONDS", 0.05)
    async with way_out("good.test", resolve=_never) as way:
        answer = await way.asked(_connect("good.test:443"))
        assert b"502 the name good.test could not be resolved in time" in answer


async def test_slow_heads_and_hellos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes too long to say what it wants is told so and cut off."""
    monkeypatch.setattr("massgen_core.egress.requests.HEAD_SECONDS", 0.05)
    monkeypatch.setattr("massgen_core.egress.egress.HELLO_SECONDS", 0.05)
    async with serving(echo) as port, way_out(f"good.test:{port}", "http://good.test:80", hosts=GOOD) as way:
        assert b"408 the head of the request took too long" in await way.asked(b"CONNECT good.t")
        async with await way.target("http://good.test:80") as client:
            await client.send(b"GET / HT")
            assert (await rest_of(client)).startswith(b"HTTP/1.1 408 ")
        for client in (await way.tunnel(f"good.test:{port}"), await way.target(f"good.test:{port}")):
            async with client:
                await client.send(client_hello("good.test")[:100])
                assert await rest_of(client) == b"\x15\x03\x03\x00\x02\x02\x31"
        assert [denial.rule for denial in way.denials] == [f"tcp://good.test:{port}"] * 2


async def test_too_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """More connections than one sandbox may have are refused, until one of them ends."""
    monkeypatch.setattr("massgen_core.egress.egress.MOST_CONNECTIONS", 1)
    async with serving(echo) as port, way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
        client = await way.tunnel(f"good.test:{port}")
        refused = await way.asked(_connect(f"good.test:{port}"))
        assert refused.startswith(b"HTTP/1.1 503 1 connections are open already\r\n")
        await way.served.wait()
        way.served = anyio.Event()
        await client.aclose()
        await way.served.wait()
        await way.tunnel(f"good.test:{port}")


async def test_a_mistake_ends_one_connection(caplog: pytest.LogCaptureFixture) -> None:
    """An error that nobody expected ends the connection it happened on, and is logged."""

    async def broken(host: str) -> Sequence[Address]:
        raise RuntimeError("a mistake")

    async with (
        serving(echo) as port,
        way_out(f"tcp://good.test:{port}", "bad.test", hosts=GOOD, resolve=broken) as way,
    ):
        client = await way.tunnel(f"good.test:{port}")
        assert await way.asked(_connect("bad.test:443")) == b""
        await client.send(b"still here")
        assert await client.receive() == b"still here"
    assert "ended by a mistake in massgen-core" in caplog.text


async def test_a_client_that_leaves_before_its_hello() -> None:
    """Who connects and leaves has not been refused anything."""
    async with serving(echo) as port, way_out(f"good.test:{port}", hosts=GOOD) as way:
        for said in (b"", client_hello("good.test")[:100]):
            way.served = anyio.Event()
            client = await way.target(f"good.test:{port}")
            await client.send(said)
            await client.aclose()
            await way.served.wait()
        assert way.denials == []


async def test_a_target_that_is_none() -> None:
    """A rule that is not of the list opens nothing."""
    async with serving(echo) as port, way_out("good.test", hosts=GOOD) as way:
        async with await way.target(f"tcp://good.test:{port}") as client:
            assert await rest_of(client) == b""
        assert [denial.reason for denial in way.denials] == ["is not on the list"]
        assert way.dialled == []


async def test_targets() -> None:
    """A target is what one name stands for; wildcards and addresses can only be asked of the proxy."""
    allow = ("a.test", "*.b.test", "http://c.test", "tcp://d.test:5432", "1.1.1.1")
    async with way_out(*allow) as way:
        assert [str(rule) for rule in way.egress.targets] == ["a.test:443", "c.test:80", "tcp://d.test:5432"]


async def test_inspected_hosts(authority: Authority) -> None:
    """With `inspect`, TLS ends here and starts anew: requests for another host inside it are refused."""
    pages, own = Pages(), Authority(extra=authority.certificate_pem)
    async with serving_tls(pages, authority, "good.test") as port:
        options = {"authority": own, "hosts": GOOD, "inspect": True}
        async with way_out(f"good.test:{port}", **options) as way:
            for host, status in ((f"good.test:{port}", b"200"), ("evil.test", b"403")):
                for client in (await way.tunnel(f"good.test:{port}"), await way.target(f"good.test:{port}")):
                    tls = await greet(client, "good.test", own)
                    await tls.send(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                    assert (await tls.receive()).startswith(b"HTTP/1.1 " + status)
                    await tls.aclose()
            assert len(pages.heads) == 2
            assert {denial.reason for denial in way.denials} == {
                f"went no further: the request's Host header is 'evil.test' on a connection to good.test:{port}"
            }


async def test_secrets_are_put_in_for_their_hosts(authority: Authority) -> None:
    """A host that a secret names gets it in place of its placeholder; TLS to others passes unseen."""
    pages, own = Pages(), Authority(extra=authority.certificate_pem)
    secret = SandboxSecret(
        name="TOKEN", value="real", use="placeholder", hosts=["good.test"], headers=["authorization"]
    )
    async with serving_tls(pages, authority, "good.test") as port, serving_tls(echo, authority, "other.test") as other:
        hosts = GOOD | {"other.test": "127.0.0.1"}
        options = {"authority": own, "hosts": hosts, "secrets": [secret]}
        async with way_out(f"good.test:{port}", f"other.test:{other}", **options) as way:
            word = way.egress.environment["TOKEN"]
            tls = await greet(await way.tunnel(f"good.test:{port}"), "good.test", own)
            head = f"GET / HTTP/1.1\r\nHost: good.test:{port}\r\nAuthorization: Bearer {word}\r\nConnection: close\r\n"
            await tls.send(head.encode() + b"\r\n")
            assert (await rest_of(tls)).endswith(b"page")
            await tls.aclose()
            assert b"Authorization: Bearer real\r\n" in pages.heads[0]
            tls = await greet(await way.tunnel(f"other.test:{other}"), "other.test", authority)
            await tls.send(word.encode())
            assert await tls.receive() == word.encode()
            await tls.aclose()


async def test_inspection_without_an_authority() -> None:
    """A host that must be inspected is refused where that cannot be done, by proxy and as target."""
    secret = SandboxSecret(name="TOKEN", value="real", use="placeholder", hosts=["*.test"], headers=["authorization"])
    for inspect, secrets in ((True, []), (False, [secret])):
        async with way_out("good.test", hosts=GOOD, inspect=inspect, secrets=secrets) as way:
            assert b"403 egress denied: good.test:443 is to be inspected, and" in await way.asked(
                _connect("good.test:443")
            )
            async with await way.target("good.test") as client:
                await client.send(client_hello("good.test"))
                await rest_of(client)
            assert [denial.rule for denial in way.denials] == [None, None]
            assert way.dialled == []


async def test_cancellation_leaves() -> None:
    """A conversation that is cancelled ends at once, with its server's connection."""
    ended = anyio.Event()

    async def waits(stream: ByteStream) -> None:
        async with stream:
            await rest_of(stream)
            ended.set()

    async with serving(waits) as port:
        async with way_out(f"tcp://good.test:{port}", hosts=GOOD) as way:
            client = await way.tunnel(f"good.test:{port}")
            await client.send(b"x")
        await ended.wait()


def _connect(place: str) -> bytes:
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode()


def _ip(text: str) -> Address:
    return ipaddress.ip_address(text)


async def _nothing(host: str) -> Sequence[Address]:
    raise OSError("no such name")


async def _nobody(address: Address, port: int) -> ByteStream:
    raise ConnectionRefusedError


async def _never(*of: object) -> Sequence[Address]:
    await anyio.sleep_forever()
    raise AssertionError
