"""A connection to one of several checked addresses: whichever answers first."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Sequence

import anyio
from anyio.abc import ByteStream

from massgen_core.egress.addresses import Address

Dial = Callable[[Address, int], Awaitable[ByteStream]]
"""How an address is connected to; an `OSError` where it cannot be."""

CONNECT_SECONDS = 10.0
HEAD_START = 0.25
"""Seconds before the next address is tried beside the one that has not answered yet (RFC 8305)."""
MOST_ATTEMPTS = 8


class Unreachable(Exception):
    """Nobody took the connection; the text goes on from "the host …", in words that a sandbox may read."""


async def dial_tcp(address: Address, port: int) -> ByteStream:
    """Connect to an address; nothing is resolved, for there is no name left."""
    return await anyio.connect_tcp(str(address), port)


async def dial_first(addresses: Sequence[Address], port: int, dial: Dial = dial_tcp) -> ByteStream:
    """Connect to whichever of the addresses answers first.

    Raises:
        Unreachable: None did in time.
    """
    race = _Race(dial, port)
    try:
        with anyio.fail_after(CONNECT_SECONDS):
            await race.run(addresses[:MOST_ATTEMPTS])
    except TimeoutError:
        await race.give_up()
        raise Unreachable("did not answer in time") from None
    except BaseException:
        await race.give_up()
        raise
    if race.won is None:
        raise Unreachable(race.why)
    return race.won


class _Race:
    def __init__(self, dial: Dial, port: int) -> None:
        self.won: ByteStream | None = None
        self.why = "cannot be reached"
        self._dial = dial
        self._port = port

    async def run(self, addresses: Sequence[Address]) -> None:
        async with anyio.create_task_group() as group:
            for address in addresses[:-1]:
                failed = anyio.Event()
                group.start_soon(self._attempt, address, failed, group.cancel_scope)
                with anyio.move_on_after(HEAD_START):
                    await failed.wait()
            for last in addresses[-1:]:  # mostly the only one, which needs no task of its own
                await self._attempt(last, anyio.Event(), group.cancel_scope)

    async def give_up(self) -> None:
        if self.won is not None:
            await anyio.aclose_forcefully(self.won)

    async def _attempt(self, address: Address, failed: anyio.Event, scope: anyio.CancelScope) -> None:
        try:
            stream = await self._dial(address, self._port)
        except OSError as error:
            self.why = "refused the connection" if _refused(error) else "cannot be reached"
            failed.set()
            return
        if self.won is None:
            self.won = stream
            scope.cancel()
        else:
            await anyio.aclose_forcefully(stream)


def _refused(error: OSError) -> bool:
    """Whether somebody is there and said no; anyio keeps what the system said as the cause."""
    return any(isinstance(each, OSError) and each.errno == errno.ECONNREFUSED for each in (error, error.__cause__))
