"""Bytes carried both ways between two streams, for as long as anything moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic

import anyio
from anyio import CancelScope, EndOfStream
from anyio.abc import ByteStream

from massgen_core.egress.refusals import GONE
from massgen_core.egress.streams import WatchedStream

IDLE_SECONDS = 900.0
PIECE = 65536

Carry = Callable[[ByteStream, ByteStream], Awaitable[None]]


async def while_moving(carry: Carry, client: ByteStream, upstream: ByteStream) -> None:
    """Let something carry bytes between two streams until it is done, or until nothing moved for a while."""
    with CancelScope(deadline=anyio.current_time() + IDLE_SECONDS) as scope:
        noted = monotonic()

        def moved() -> None:
            nonlocal noted
            now = monotonic()
            if now > noted + IDLE_SECONDS / 100:  # a timer for every piece would cost nearly as much as to send it
                noted = now
                scope.deadline = anyio.current_time() + IDLE_SECONDS

        await carry(WatchedStream(client, moved), WatchedStream(upstream, moved))


async def relay(client: ByteStream, upstream: ByteStream) -> None:
    """Carry bytes both ways, unseen, until both sides have ended or one of them broke.

    One side's end of sending is passed on, and the other goes on. A piece is taken only once the one before it was.
    """
    async with anyio.create_task_group() as group:
        group.start_soon(_carry, upstream, client, group.cancel_scope)
        await _carry(client, upstream, group.cancel_scope)


async def _carry(source: ByteStream, target: ByteStream, whole: CancelScope) -> None:
    try:
        await _pump(source, target)
    except GONE:
        whole.cancel()


async def _pump(source: ByteStream, target: ByteStream) -> None:
    while True:
        try:
            piece = await source.receive(PIECE)
        except EndOfStream:
            await target.send_eof()
            return
        await target.send(piece)
