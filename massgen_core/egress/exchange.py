"""Requests that are read on their way out: each for the host of its connection, with the secrets that are meant for it.

HTTP/1.1 is taken apart and put together anew on both sides (h11, RFC 9112), so that nothing reaches a host which two
readers could understand differently. Bodies pass in pieces as they come, in both directions at once, each no faster
than it is taken.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

import anyio
import h11
from anyio import to_thread
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream

from massgen_core.egress.heads import (
    Destination,
    Scheme,
    agrees_to_websocket,
    handed_back,
    hinted,
    passed_on,
    trailing,
)
from massgen_core.egress.refusals import Refusal
from massgen_core.egress.sides import BROKEN, Gone, Side, close, pump
from massgen_core.egress.swap import Swaps

if TYPE_CHECKING:
    from massgen_core.egress.authority import Authority

Dial = Callable[[], Awaitable[ByteStream]]
Deny = Callable[[str], None]
_Outcome = Literal["answered", "websocket", "unanswered", "abandoned"]

HANDSHAKE_SECONDS = 30.0
LINGER_SECONDS = 5.0
"""How long the rest of a request is taken in whose answer has been given, so that the client gets to read it."""


async def relay_requests(
    client: ByteStream,
    upstream: ByteStream,
    *,
    host: str,
    port: int,
    scheme: Scheme,
    swaps: Swaps,
    deny: Deny,
) -> None:
    """Pass the requests of one connection on, and their answers back, until either end has enough.

    Both streams are plaintext; both are closed at the end. ``host`` is in its normal form. A request for another host
    is answered with 403, and ``deny`` is told; so is one that is no proper HTTP/1.1, with 400.
    """
    place = Destination(host=host, port=port, scheme=scheme)

    async def connected() -> ByteStream:
        return upstream

    try:
        await _Exchange(client, connected, place, swaps, deny).run()
    finally:
        await close(upstream, forcibly=True)


async def intercept(
    client: ByteStream,
    dial_upstream: Dial,
    *,
    host: str,
    port: int,
    authority: Authority,
    swaps: Swaps,
    deny: Deny,
) -> None:
    """End a client's TLS in place of a host, and pass its requests on over TLS of our own.

    The next bytes of ``client`` are its ClientHello. The host is connected to when the first proper request is there;
    ``dial_upstream`` raises `OSError` or `Refusal` where that fails. Its certificate is verified by the roots of the
    authority's ``upstream_context``. A failure of the host is answered with 502, in words.
    """
    place = Destination(host=host, port=port, scheme="https")
    context, outer = await _contexts(authority, host)

    async def connected() -> ByteStream:
        return await _secured(await dial_upstream(), outer, server_side=False, hostname=host)

    try:
        secured = await _secured(client, context, server_side=True)
    except BROKEN:
        deny("the program did not accept our certificate, or left; perhaps it reads no SSL_CERT_FILE, or pins another")
        return
    await _Exchange(secured, connected, place, swaps, deny).run()


async def _contexts(authority: Authority, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What TLS with the client and with the host needs."""

    def both() -> tuple[ssl.SSLContext, ssl.SSLContext]:
        return authority.server_context(host), authority.upstream_context()

    return both() if authority.is_ready(host) else await to_thread.run_sync(both)


async def _secured(
    stream: ByteStream, context: ssl.SSLContext, *, server_side: bool, hostname: str | None = None
) -> TLSStream:
    """TLS over a stream, which is closed where that fails."""
    try:
        with anyio.fail_after(HANDSHAKE_SECONDS):
            return await TLSStream.wrap(stream, server_side=server_side, hostname=hostname, ssl_context=context)
    except BaseException:
        await close(stream, forcibly=True)
        raise


class _Exchange:
    """The requests of one connection, one after the other."""

    def __init__(self, client: ByteStream, dial: Dial, place: Destination, swaps: Swaps, deny: Deny) -> None:
        self._client = Side(client, h11.SERVER)
        self._upstream: Side | None = None
        self._dial = dial
        self._place = place
        self._swaps = swaps
        self._deny = deny
        self._taken = anyio.Event()
        self._fault: int | None = None

    async def run(self) -> None:
        """Serve the client until it has enough, or until something is not as it should be."""
        orderly = False
        try:
            while await self._one():
                pass
            orderly = self._client.tidy
        except Refusal as refusal:
            if refusal.status != HTTPStatus.BAD_GATEWAY:  # that is the host's doing
                self._deny(refusal.sentence)
            await self._client.refuse(refusal)
            orderly = True
        finally:
            await close(self._client.stream, forcibly=not orderly)
            if self._upstream is not None:
                await close(self._upstream.stream, forcibly=not orderly)

    async def _one(self) -> bool:
        """One request and its answer; whether another may follow."""
        request = await self._next()
        if request is None:
            return False
        forwarded = passed_on(request, self._place, self._swaps)
        first = self._upstream is None
        upstream = self._upstream = self._upstream or await self._connect()
        outcome = await self._exchange(request, forwarded, upstream)
        if outcome == "websocket":
            await pump(self._client, upstream)
        if outcome == "unanswered" and first:  # on a connection that has served before, clients know to try again
            raise self._failed("ended the connection without an answer")
        return outcome == "answered" and self._client.renew() and upstream.renew()

    async def _next(self) -> h11.Request | None:
        """The next request; None where the client has no more, or where the host hangs up before it comes."""
        event: object = None
        async with anyio.create_task_group() as group:
            if self._upstream is not None:
                group.start_soon(self._upstream.until_heard, group.cancel_scope)
            event = await self._client.next_request()
            group.cancel_scope.cancel()
        if isinstance(event, Gone) and event.status is not None:
            slow = event.status == HTTPStatus.REQUEST_TIMEOUT
            reason = "the head of the request took too long" if slow else "the request is no proper HTTP/1.1"
            raise Refusal(event.status, reason)
        return event if isinstance(event, h11.Request) else None

    async def _connect(self) -> Side:
        try:
            return Side(await self._dial(), h11.CLIENT)
        except ssl.SSLCertVerificationError as error:
            reason = f"shows a certificate that is not trusted: {error.verify_message}"
            self._deny(reason)
            raise self._failed(reason) from None
        except ssl.SSLError:
            raise self._failed("does not take part in TLS") from None
        except BROKEN:
            raise self._failed("cannot be reached") from None

    def _failed(self, what: str) -> Refusal:
        return Refusal(HTTPStatus.BAD_GATEWAY, f"{self._place} {what}")

    async def _exchange(self, request: h11.Request, forwarded: h11.Request, upstream: Side) -> _Outcome:
        await upstream.send(forwarded)  # where it fails, the host may have left an answer before it hung up
        self._taken = anyio.Event()
        outcome: _Outcome = "abandoned"
        async with anyio.create_task_group() as group:
            group.start_soon(self._upload, upstream, group.cancel_scope)
            outcome = await self._download(request, upstream)
            if outcome == "answered":
                with anyio.move_on_after(LINGER_SECONDS):
                    await self._taken.wait()
            group.cancel_scope.cancel()
        if self._fault is not None:
            raise Refusal(self._fault, "the body of the request is no proper HTTP/1.1")
        return outcome

    async def _upload(self, upstream: Side, scope: anyio.CancelScope) -> None:
        """Pass a request's body on; then see whether the client still waits for the answer.

        What a host does not take any more is dropped: its answer may be on the way, and the client reads it only after
        it has sent everything.
        """
        event: object = None
        while not isinstance(event, h11.EndOfMessage):
            event = await self._client.next_event()
            if isinstance(event, h11.Data):
                await upstream.send(event)
            elif isinstance(event, h11.EndOfMessage):
                await upstream.send(trailing(event))
            else:
                self._fault = event.status if isinstance(event, Gone) else None
                scope.cancel()
                return
        self._taken.set()
        await self._client.until_gone(scope)

    async def _download(self, request: h11.Request, upstream: Side) -> _Outcome:
        """Pass an answer back, piece by piece."""
        while True:
            event = await upstream.next_event()
            if isinstance(event, h11.InformationalResponse):
                if event.status_code == 101:
                    return await self._switch(event)
                sent = request.http_version < b"1.1" or await self._client.send(hinted(event))
            elif isinstance(event, h11.Response):
                sent = await self._client.send(handed_back(event, request, last=self._client.holds_back))
            elif isinstance(event, h11.Data):
                sent = await self._client.send(event)
            elif isinstance(event, h11.EndOfMessage):
                return "answered" if await self._client.end(event, request) else "abandoned"
            else:
                return "abandoned" if self._client.answering else "unanswered"
            if not sent:
                return "abandoned"

    async def _switch(self, event: h11.InformationalResponse) -> _Outcome:
        agreed = agrees_to_websocket(event) and await self._client.send(hinted(event))
        return "websocket" if agreed else "abandoned"
