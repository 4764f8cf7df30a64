"""MCP over streamable HTTP to a server somewhere else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from massgen_core.errors import McpConnectionClosed
from massgen_core.mcp.tasks import bare_errors

if TYPE_CHECKING:
    from mcp.client._transport import ReadStream, WriteStream
    from mcp.shared.message import SessionMessage

CONNECT_TIMEOUT = 30.0
_REFUSALS = frozenset({401, 403, 407})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLink:
    """The link to a server behind a URL; ``origin`` is all of it that may be shown."""

    origin: str
    incoming: ReadStream[SessionMessage | Exception]
    outgoing: WriteStream[SessionMessage]

    async def reason(self) -> str:
        """Why the link ended."""
        return f"the connection to {self.origin} ended"

    def evidence(self) -> str:
        """Nothing: a remote server has no stderr here."""
        return ""


@asynccontextmanager
async def remote_link(
    url: str, *, server: str, headers: Mapping[str, str], max_message: int
) -> AsyncGenerator[RemoteLink]:
    """Speak MCP with a server behind a URL; ``max_message`` is in bytes.

    Redirects are followed within the URL's origin only, so ``headers`` never reach anyone else.

    Raises:
        McpConnectionClosed: The server cannot be reached.
    """
    origin = _origin(url)
    client = httpx2.AsyncClient(
        headers={**headers, "accept-encoding": "identity"},
        timeout=httpx2.Timeout(CONNECT_TIMEOUT, read=None),  # a call has its own time-out; a listener has none
        event_hooks={"response": [_bounding(max_message)]},
    )
    try:
        with bare_errors():
            async with (
                client,
                streamable_http_client(url, http_client=client, max_sse_event_size=max_message) as (incoming, outgoing),
            ):
                yield RemoteLink(origin=origin, incoming=incoming, outgoing=outgoing)
    except httpx2.HTTPError as error:
        raise McpConnectionClosed(server, f"cannot be reached at {origin}: {_words(error)}") from error


def _bounding(limit: int) -> Callable[[httpx2.Response], Awaitable[None]]:
    """A hook that bounds each answer; event streams are bounded per event, by their reader."""

    async def bound(response: httpx2.Response) -> None:
        if response.status_code in _REFUSALS:
            raise httpx2.HTTPStatusError(
                f"it refused with {response.status_code} {response.reason_phrase}; check `headers`",
                request=response.request,
                response=response,
            )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.DecodingError("the server compressed its answer, which it was asked not to")
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = _BoundedStream(response.stream, limit)

    return bound


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: Any, limit: int) -> None:
        self._inner = inner
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > self._limit:
                raise httpx2.ReadError(f"the answer is longer than {self._limit} bytes (`max_message`)")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _origin(url: str) -> str:
    parsed = httpx2.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace').rpartition('@')[2]}"


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
