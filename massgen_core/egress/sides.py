"""One end of an exchange: a byte stream, and HTTP/1.1 as it is read from and written to it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import anyio
import h11
from anyio.abc import AnyByteStream, ByteStream
from anyio.streams.tls import TLSStream

from massgen_core.egress.heads import trailing
from massgen_core.egress.refusals import Refusal, http_answer
from massgen_core.egress.requests import HEAD_SECONDS

BROKEN = (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.BusyResourceError, anyio.EndOfStream)
"""What streams raise when there is nobody to talk to; errors of TLS are `OSError`.

Busy: TLS wants to answer its peer while another piece is being sent (an update of keys, say).
"""

MOST_HEAD = 64 * 1024
"""Bytes of a head, a chunk's header or trailers that are waited for; one piece more may have come by then."""

CLOSING_SECONDS = 2.0
_MOST_DISCARDED = 1024 * 1024
_Event = h11.Request | h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage


@dataclass(frozen=True, slots=True)
class Gone:
    """The peer has ended, or does not speak HTTP/1.1: then ``status`` is what a client is told."""

    status: int | None = None


class Side:
    """A stream and what h11 makes of it; what goes wrong on it is told by values, since two tasks share it."""

    def __init__(self, stream: ByteStream, role: type[h11.CLIENT] | type[h11.SERVER]) -> None:
        self.stream = stream
        self._http = h11.Connection(role, max_incomplete_event_size=MOST_HEAD)
        self._torn = False

    @property
    def answering(self) -> bool:
        """Whether the head of an answer has been sent."""
        return self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE)

    @property
    def tidy(self) -> bool:
        """Whether nothing is half said: the connection may be closed as if by agreement."""
        return self._http.our_state not in (h11.SEND_BODY, h11.ERROR)

    @property
    def holds_back(self) -> bool:
        """Whether the client waits for a word before it sends its body (``Expect: 100-continue``)."""
        return self._http.they_are_waiting_for_100_continue

    @property
    def left(self) -> bytes:
        """What was received and not read as HTTP."""
        return self._http.trailing_data[0]

    async def next_request(self) -> _Event | Gone:
        """What a client asks next: it may take its time to begin, not to come to the end of the head."""
        if not any(self._http.trailing_data):
            await self._fill()
        with anyio.move_on_after(HEAD_SECONDS):
            return await self.next_event()
        return Gone(HTTPStatus.REQUEST_TIMEOUT)

    async def next_event(self) -> _Event | Gone:
        """What the peer says next."""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                hung_up = self._http.trailing_data[1]
                return Gone(None if hung_up else error.error_status_hint)
            if event is h11.NEED_DATA and not self._torn:
                await self._fill()
            else:
                return event if isinstance(event, _Event) else Gone()

    async def send(self, event: _Event) -> bool:
        """Say something; False where the peer does not listen, or where it cannot be said."""
        try:
            data = self._http.send(event)
            if data:
                await self.stream.send(data)
        except (h11.LocalProtocolError, *BROKEN):
            self._http.send_failed()
            return False
        return True

    async def end(self, event: h11.EndOfMessage, request: h11.Request) -> bool:
        """End an answer; a client of HTTP/1.0 gets no trailers."""
        return await self.send(trailing(event) if request.http_version >= b"1.1" else h11.EndOfMessage())

    async def until_heard(self, scope: anyio.CancelScope) -> None:
        """Cancel a scope when the peer hangs up, or speaks without being asked."""
        with suppress(*BROKEN):
            await self.stream.receive()
        scope.cancel()

    async def until_gone(self, scope: anyio.CancelScope) -> None:
        """Cancel a scope when the peer is gone; what it says is kept, and ends the watch.

        Who has said its last may still listen: over TLS as long as its connection stands, else until sending to it
        fails, for a connection that is ended one way looks like one that is closed.
        """
        if self.left or await self._fill():
            return
        if self._torn or (isinstance(self.stream, TLSStream) and await _is_over(self.stream.transport_stream)):
            scope.cancel()

    def renew(self) -> bool:
        """Get ready for another request; False where none can follow on this connection."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        if self._http.our_role is h11.CLIENT and self.left:  # an answer that nobody asked for
            return False
        self._http.start_next_cycle()
        return True

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a sentence, if there is no answer yet, and listen until the client has read it."""
        if not self.answering:
            with suppress(*BROKEN):
                await self.stream.send(http_answer(refusal))
                await _listen(self.stream)

    async def _fill(self) -> bool:
        """Take in what comes next; False where nothing more does. A torn connection is no end of a message."""
        try:
            data = await self.stream.receive()
        except anyio.EndOfStream:
            data = b""
        except BROKEN:
            self._torn = True
            return False
        self._http.receive_data(data)
        return bool(data)


async def pump(one: Side, other: Side) -> None:
    """Carry bytes between two ends, beginning with what each has already received, until either hangs up."""
    async with anyio.create_task_group() as group:
        group.start_soon(_carry, other, one, group.cancel_scope)
        await _carry(one, other, group.cancel_scope)


async def _carry(source: Side, target: Side, scope: anyio.CancelScope) -> None:
    with suppress(*BROKEN):
        piece = source.left
        while True:
            if piece:
                await target.stream.send(piece)
            piece = await source.stream.receive()
    scope.cancel()


async def _listen(stream: ByteStream) -> None:
    """Say that nothing more follows, and take in what still comes: closing with it unread would void what was said."""
    size = 0
    with anyio.move_on_after(CLOSING_SECONDS):
        rest = await _half_closed(stream)
        while size < _MOST_DISCARDED:
            size += len(await rest.receive())


async def _is_over(stream: AnyByteStream) -> bool:
    """True once a connection has ended on which nothing more is to be said."""
    with suppress(*BROKEN):
        while True:
            await stream.receive()
    return True


async def _half_closed(stream: ByteStream) -> AnyByteStream:
    if not isinstance(stream, TLSStream):
        await stream.send_eof()
        return stream
    with suppress(*BROKEN):  # TLS wants no more data after that, and says so
        await stream.unwrap()
    return stream.transport_stream


async def close(stream: ByteStream, *, forcibly: bool) -> None:
    """Close a stream: by agreement, within a time, or at once."""
    seconds = 0 if forcibly else CLOSING_SECONDS
    with suppress(*BROKEN), anyio.move_on_after(seconds, shield=True):
        await stream.aclose()
