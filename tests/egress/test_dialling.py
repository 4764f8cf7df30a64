"""The race between the addresses of one host: who wins, what becomes of the others."""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio.abc import ByteStream
from ways_out import echo, serving

from massgen_core.egress.addresses import Address
from massgen_core.egress.dialling import MOST_ATTEMPTS, Unreachable, dial_first, dial_tcp
from massgen_core.egress.streams import PrefixedStream

pytestmark = pytest.mark.anyio

Behaviour = Callable[[], Awaitable[ByteStream]]


class Wire(PrefixedStream):
    """A connection that was never made and knows whether it is closed."""

    def __init__(self) -> None:
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True
        await anyio.lowlevel.checkpoint()


class Line:
    """Addresses that behave as they are told, in the order in which they are dialled."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.addresses: list[Address] = [ipaddress.ip_address(f"192.0.2.{n}") for n in range(1, len(behaviours) + 1)]
        self.dialled: list[Address] = []
        self._behaviours = dict(zip(self.addresses, behaviours, strict=True))

    async def dial(self, address: Address, port: int) -> ByteStream:
        self.dialled.append(address)
        return await self._behaviours[address]()

    async def first(self) -> ByteStream:
        return await dial_first(self.addresses, 443, self.dial)


async def hangs() -> ByteStream:
    await anyio.sleep_forever()
    raise AssertionError


async def refuses() -> ByteStream:
    raise OSError("All connection attempts failed") from ConnectionRefusedError(errno.ECONNREFUSED, "refused")


async def is_lost() -> ByteStream:
    raise OSError(errno.EHOSTUNREACH, "no route")


def answers(wire: Wire) -> Behaviour:
    async def answer() -> ByteStream:
        return wire

    return answer


async def test_the_first_one_wins() -> None:
    """The others are not even tried once one has answered."""
    line = Line(answers(wire := Wire()), hangs)
    assert await line.first() is wire
    assert line.dialled == line.addresses[:1]
    assert not wire.closed


async def test_the_next_one_after_a_failure() -> None:
    """An address that fails hands over to the next at once."""
    line = Line(refuses, is_lost, answers(wire := Wire()))
    assert await line.first() is wire
    assert line.dialled == line.addresses


async def test_the_next_one_beside_one_that_hangs() -> None:
    """An address that does not answer keeps its chance while the next is tried."""
    line = Line(hangs, answers(wire := Wire()))
    assert await line.first() is wire


async def test_both_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that answer one is kept, and the other is closed."""
    monkeypatch.setattr("massgen_core.egress.dialling.HEAD_START", 0)
    wires = [Wire(), Wire()]
    both = anyio.Event()

    async def late() -> ByteStream:
        with anyio.CancelScope(shield=True):
            await both.wait()
        return wires[0]

    async def early() -> ByteStream:
        both.set()
        return wires[1]

    won = await Line(late, early).first()
    assert [wire.closed for wire in wires] == [wire is not won for wire in wires]


@pytest.mark.parametrize(("last", "words"), [(refuses, "refused the connection"), (is_lost, "cannot be reached")])
async def test_nobody(last: Behaviour, words: str) -> None:
    """When no address answers, the last failure says why, and shows no address."""
    with pytest.raises(Unreachable, match=f"^{words}$"):
        await Line(refuses, last).first()


async def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """When no address answers in time, that is said."""
    monkeypatch.setattr("massgen_core.egress.dialling.CONNECT_SECONDS", 0.05)
    with pytest.raises(Unreachable, match="did not answer in time"):
        await Line(hangs, hangs).first()


async def test_not_too_many() -> None:
    """Of many addresses only some are tried."""
    line = Line(*[refuses] * (MOST_ATTEMPTS + 3))
    with pytest.raises(Unreachable):
        await line.first()
    assert len(line.dialled) == MOST_ATTEMPTS


async def test_cancelled() -> None:
    """A race that is cancelled just when somebody has won leaves no connection behind."""
    wire = Wire()
    with anyio.CancelScope() as scope:

        async def answer() -> ByteStream:
            scope.cancel()
            return wire

        await Line(answer).first()
    assert wire.closed or not scope.cancelled_caught


async def test_real_addresses() -> None:
    """An address is connected to without asking for a name."""
    async with serving(echo) as port, await dial_tcp(ipaddress.ip_address("127.0.0.1"), port) as stream:
        await stream.send(b"x")
        assert await stream.receive() == b"x"
    with pytest.raises(Unreachable, match="refused the connection"):
        await dial_first([ipaddress.ip_address("127.0.0.1")], port)
