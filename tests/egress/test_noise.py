"""Noise at the proxy, without sockets, so that there can be much of it."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Sequence
from itertools import pairwise

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import ByteStream
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ways_out import client_hello

from massgen_core.egress import Address, Denial, Egress
from massgen_core.sandbox import AllowList

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage"


class Memory(ByteStream):
    """An end that says what it has to say in pieces, and keeps what it is told; a patient one waits for the last."""

    def __init__(self, *pieces: bytes, patient: bool = False) -> None:
        self.told = b""
        self._patient = patient
        self._all_told = anyio.Event()
        self._pieces = [piece for piece in pieces if piece]

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await anyio.lowlevel.checkpoint()
        if not self._pieces:
            if self._patient:
                await self._all_told.wait()
            raise anyio.EndOfStream
        piece, self._pieces[0] = self._pieces[0][:max_bytes], self._pieces[0][max_bytes:]
        if not self._pieces[0]:
            del self._pieces[0]
        return piece

    async def send(self, item: bytes) -> None:
        await anyio.lowlevel.checkpoint()
        self.told += item

    async def send_eof(self) -> None:
        self._all_told.set()
        await anyio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        await self.send_eof()


TABLE = AllowList(
    allow=("good.test:443", "*.wild.test:443", "http://good.test:80", "tcp://db.test:5432"),
)
ALLOWED = {("good.test", 443), ("good.test", 80), ("db.test", 5432)}


class Witness:
    """An egress that resolves and dials nothing real, and keeps the destinations it was led to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ports: list[int] = []
        self.upstreams: list[Memory] = []
        self.denials: list[str] = []
        self.egress = Egress(TABLE, report=self._report, resolve=self._resolve, dial=self._dial)

    def _report(self, denial: Denial) -> None:
        self.denials.append(str(denial))

    async def _resolve(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        return [ipaddress.ip_address("93.184.216.34")]

    async def _dial(self, address: Address, port: int) -> ByteStream:
        assert str(address) == "93.184.216.34"
        self.ports.append(port)
        self.upstreams.append(Memory(PAGE))
        return self.upstreams[-1]


def converse(*pieces: bytes, patient: bool = False) -> tuple[Witness, bytes]:
    """All that the proxy does with some bytes; it must not hang, raise, or be surprised."""
    witness = Witness()

    async def main() -> bytes:
        client = Memory(*pieces, patient=patient)
        with anyio.fail_after(20):
            await witness.egress.serve_proxy(client)
        return client.told

    return witness, anyio.run(main)


def check(witness: Witness) -> None:
    for host, port in zip(witness.asked, witness.ports, strict=True):
        assert (host, port) in ALLOWED or (re.fullmatch(r"[a-z0-9_.-]+\.wild\.test", host) and port == 443)


PARTS = st.sampled_from(
    [
        *(b"CONNECT ", b"GET ", b"http://", b"good.test", b"x.wild.test", b"db.test", b"evil.test", b":443", b":80"),
        *(b":5432", b":22", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"\r\n", b"\n", b"Host: ", b"Content-Length: ", b"5"),
        *(b"Transfer-Encoding: ", b"chunked", b"/", b"@", b"#", b"%2e", b"[::1]", b"127.1", b"*", b"\x00", b"\t", b" "),
        *(b"Connection: ", b"close", b", ", b"\r\n\r\n", b".", b"-", b"\xff", client_hello("good.test")),
        client_hello("evil.test"),
    ]
)
VALID = [
    b"CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\n\r\n" + client_hello("good.test"),
    b"CONNECT x.wild.test:443 HTTP/1.1\r\nHost: x\r\n\r\n" + client_hello("x.wild.test"),
    b"CONNECT db.test:5432 HTTP/1.1\r\nHost: db.test\r\n\r\nhello",
    b"GET http://good.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n",
    b"POST http://good.test/x?y HTTP/1.1\r\nHost: good.test:80\r\nContent-Length: 5\r\n\r\nhello",
    b"POST http://good.test/ HTTP/1.1\r\nHost: good.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
]


@pytest.fixture
def no_mistakes(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Errors that nobody expected end in the log; there must be none."""
    caplog.set_level(logging.ERROR, "massgen_core.egress")
    return caplog


quick = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@quick
@given(st.lists(st.one_of(PARTS, st.binary(max_size=40)), max_size=30))
def test_noise(no_mistakes: pytest.LogCaptureFixture, parts: list[bytes]) -> None:
    """Whatever is said to the proxy, it answers or ends, and leads only where a rule allows."""
    witness, told = converse(b"".join(parts))
    check(witness)
    assert told == b"" or told.startswith(b"HTTP/1.1 ")
    assert no_mistakes.records == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@quick
@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 3), st.one_of(PARTS, st.binary(max_size=3))), max_size=4),
    st.lists(st.integers(0, 700), max_size=5),
)
@example(VALID[0], [], [])
def test_almost_right(
    no_mistakes: pytest.LogCaptureFixture, valid: bytes, changes: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    """A request that is right but for something, in any pieces, leads where a rule allows or nowhere."""
    data = valid
    for at, gone, new in changes:
        data = data[: at % len(data)] + new + data[at % len(data) + gone :] if data else new
    edges = [0, *sorted(cuts), max(700, len(data))]
    witness, told = converse(*(data[start:end] for start, end in pairwise(edges)))
    check(witness)
    assert told == b"" or told.startswith(b"HTTP/1.1 ")
    assert no_mistakes.records == []


@pytest.mark.parametrize("valid", VALID)
def test_the_valid_ones_arrive(valid: bytes) -> None:
    """What the tests above spoil leads to its host, byte by byte as well."""
    for pieces in ([valid], [bytes([byte]) for byte in valid]):
        witness, told = converse(*pieces, patient=True)
        assert len(witness.upstreams) == 1
        assert told.endswith(b"page")
        check(witness)
