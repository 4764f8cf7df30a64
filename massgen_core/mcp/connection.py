"""One connection to an MCP server: raw JSON in and out, nothing dropped, everything bounded."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

import anyio
import anyio.abc
from mcp.shared.dispatcher import CallOptions, DispatchContext
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import find_invalid_x_mcp_header, mcp_param_headers, x_mcp_header_map
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.transport_context import TransportContext
from mcp.types import CONNECTION_CLOSED, METHOD_NOT_FOUND

from massgen_core.calls.log import get_logger
from massgen_core.errors import McpConnectionClosed, McpError, McpRequestError
from massgen_core.mcp.era import Agreement, negotiate
from massgen_core.mcp.link import Link
from massgen_core.mcp.progress import ProgressRelay, progress_of
from massgen_core.mcp.tasks import bare_errors
from massgen_core.tools import Event

MAX_PAGES = 100
MAX_TOOLS = 2000
MAX_LISTING = 16 * 1024 * 1024
"""Bounds on what one server may list: pages, tools, bytes of JSON."""

_CLOSE_NOTICE = 1.0
_RESUBSCRIBE = 1.0
_LOG_SHOWN = 2000

# What changed before a subscription was acknowledged is announced to nobody, so that counts as a change, too.
_CHANGE_NOTICES = frozenset({"notifications/tools/list_changed", "notifications/subscriptions/acknowledged"})

Report = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The tools a server listed, as raw JSON; ``cut`` says why the list is incomplete, where it is."""

    tools: tuple[Any, ...]
    cut: str | None = None


@dataclass(slots=True, kw_only=True)
class _Pages:
    """The pages of a listing so far."""

    tools: list[Any] = field(default_factory=list[Any])
    cursors: set[str] = field(default_factory=set[str])
    size: int = 0

    def add(self, page: Mapping[str, Any]) -> str | None:
        """Take in a page; returns why no more can be taken."""
        tools = page.get("tools")
        for tool in cast("list[Any]", tools) if isinstance(tools, list) else []:
            self.size += len(json.dumps(tool))
            if len(self.tools) == MAX_TOOLS:
                return f"the server lists more than {MAX_TOOLS} tools"
            if self.size > MAX_LISTING:
                return f"the server's list of tools is larger than {MAX_LISTING} bytes"
            self.tools.append(tool)
        return None

    def next_cursor(self, page: Mapping[str, Any]) -> str | None:
        """The cursor of the page to ask for next, or None after the last; a repeated one counts as the last."""
        cursor = page.get("nextCursor")
        if not isinstance(cursor, str) or cursor in self.cursors:
            return None
        self.cursors.add(cursor)
        return cursor


class Connection:
    """An open connection; made by `connect`, usable from any task."""

    def __init__(self, link: Link, *, server: str) -> None:
        self.server = server
        self.closed: anyio.Event = anyio.Event()
        self.agreement: Agreement = Agreement(version="")
        self._link = link
        self._dispatcher: JSONRPCDispatcher[TransportContext] = JSONRPCDispatcher(link.incoming, link.outgoing)
        self._header_maps: dict[str, Mapping[tuple[str, ...], str]] = {}
        self._stirred = anyio.Event()
        self._relays: dict[object, ProgressRelay] = {}
        self._calls = count(1)
        self._tasks: anyio.abc.TaskGroup | None = None

    async def run(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        """Receive until the link ends."""
        try:
            async with anyio.create_task_group() as self._tasks:
                await self._dispatcher.run(self._answer, _ignore, self._note, task_status=task_status)
                self._tasks.cancel_scope.cancel()
        finally:
            self.closed.set()
            self._stirred.set()

    async def change(self) -> bool:
        """Wait until the server's tools may have changed (True) or the connection has ended (False)."""
        await self._stirred.wait()
        if self.closed.is_set():
            return False
        self._stirred = anyio.Event()
        return True

    async def negotiate(self, wanted: str) -> None:
        """Agree on a protocol version; see `massgen_core.mcp.era.negotiate`."""
        try:
            self.agreement = await negotiate(
                self._dispatcher.send_raw_request, lambda method: self._dispatcher.notify(method, None), wanted
            )
        except MCPError as error:
            raise await self._translate(error) from None

    async def request(self, method: str, params: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """Send a request and return its raw result; a cancelled caller has the server told.

        Raises:
            McpRequestError: The server answered with an error.
            McpConnectionClosed: The connection ended before the answer.
            ValueError: The params cannot be written as JSON.
        """
        dressed, defaults = self.agreement.dress(method, params)
        return await self._send(method, dressed, cast("CallOptions", {**defaults, **options}))

    async def list_tools(self) -> Listing:
        """All tools of the server, page by page, within bounds; a server without tools lists none."""
        pages = _Pages()
        params: dict[str, Any] = {}
        for _ in range(MAX_PAGES):
            try:
                page = await self.request("tools/list", params)
            except McpRequestError as error:
                if error.code == METHOD_NOT_FOUND:
                    return Listing(tools=())
                raise
            if (cut := pages.add(page)) is not None:
                return Listing(tools=tuple(pages.tools), cut=cut)
            if (cursor := pages.next_cursor(page)) is None:
                return Listing(tools=tuple(pages.tools))
            params = {"cursor": cursor}
        return Listing(tools=tuple(pages.tools), cut=f"the server lists more than {MAX_PAGES} pages of tools")

    async def call_tool(
        self, tool: Mapping[str, Any], arguments: Mapping[str, Any], *, report: Report
    ) -> dict[str, Any]:
        """Call a tool, given as the server listed it; returns the raw result. Raises as `request` does."""
        token = f"call-{next(self._calls)}"
        params = {"name": tool["name"], "arguments": dict(arguments), "_meta": {"progressToken": token}}
        dressed, options = self.agreement.dress("tools/call", params)
        if self.agreement.modern:
            options.setdefault("headers", {}).update(self._param_headers(tool, arguments))
        relay = self._relays[token] = ProgressRelay(report)
        try:
            answer = await self._send("tools/call", dressed, options)
            await relay.settled()
        finally:
            del self._relays[token]
        return answer

    def tool_fault(self, tool: Mapping[str, Any]) -> str | None:
        """Why the agreed protocol forbids to use a tool as listed, or None."""
        return find_invalid_x_mcp_header(tool.get("inputSchema")) if self.agreement.modern else None

    async def ping(self) -> None:
        """Ask for a sign of life, in whichever form the era has."""
        method = "server/discover" if self.agreement.modern else "ping"
        await self.request(method, {})

    async def watch_changes(self) -> None:
        """Subscribe to changes of the tools, where the newer era asks for a subscription."""
        if not (self.agreement.modern and self.agreement.announces_changes()):
            return
        while not self.closed.is_set():
            try:
                params = {"notifications": {"toolsListChanged": True}}
                await self.request("subscriptions/listen", params, request_id="tools-changed")
            except McpConnectionClosed:
                return
            except McpRequestError as error:
                if error.code != CONNECTION_CLOSED:
                    return _log("no notice of changed tools", server=self.server, cause=str(error))
            self._stirred.set()  # a change may have been missed between two subscriptions
            await anyio.sleep(_RESUBSCRIBE)

    def evidence(self) -> str:
        """What the server said outside the protocol."""
        return self._link.evidence()

    async def farewell(self) -> McpConnectionClosed:
        """The error that says why the connection ended."""
        return McpConnectionClosed(self.server, await self._link.reason(), stderr=self._link.evidence())

    async def _send(self, method: str, params: Mapping[str, Any], options: CallOptions) -> dict[str, Any]:
        try:
            return await self._dispatcher.send_raw_request(method, params, options)
        except MCPError as error:
            raise await self._translate(error) from None

    async def _translate(self, error: MCPError) -> McpError:
        """Our error for the SDK's; a server may use the code for a closed connection in answers of its own."""
        if error.error.code == CONNECTION_CLOSED:
            with anyio.move_on_after(_CLOSE_NOTICE):
                await self.closed.wait()
            if self.closed.is_set():
                return await self.farewell()
        return McpRequestError(self.server, error.error.code, error.error.message, error.error.data)

    def _param_headers(self, tool: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, str]:
        name = str(tool["name"])
        if name not in self._header_maps:
            self._header_maps[name] = x_mcp_header_map(tool.get("inputSchema"))
        header_map = self._header_maps[name]
        return mcp_param_headers(header_map, arguments) if header_map else {}

    async def _answer(
        self, context: DispatchContext[TransportContext], method: str, params: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Answer a request of the server's; what was never offered to it does not exist."""
        if method == "ping":
            return {}
        if method == "roots/list":
            return {"roots": []}
        raise MCPError(code=METHOD_NOT_FOUND, message=f"{method[:80]} is not offered by this client")

    def _note(self, method: str, params: Mapping[str, Any] | None) -> bool:
        """Take a notification in order and at once, so that a flood of them starts no tasks."""
        facts = params or {}
        if method in _CHANGE_NOTICES:
            self._stirred.set()
        elif method == "notifications/progress":
            self._progress(facts)
        elif method == "notifications/message":
            _log("log message", server=self.server, level=facts.get("level"), data=str(facts.get("data"))[:_LOG_SHOWN])
        return True

    def _progress(self, facts: Mapping[str, Any]) -> None:
        token = facts.get("progressToken")
        relay = self._relays.get(token) if isinstance(token, str) else None
        progress = progress_of(facts)
        if relay is not None and progress is not None and relay.take(progress) and self._tasks is not None:
            self._tasks.start_soon(relay.deliver)


@asynccontextmanager
async def connect(link: Link, *, server: str, protocol: str, certain: bool = True) -> AsyncGenerator[Connection]:
    """Speak MCP over a link; ``protocol`` is ``auto``, ``legacy``, or a version known to be spoken.

    Where the protocol is not ``certain`` and the server refuses it, the server is asked.

    Raises:
        McpError: The server does not answer, refuses, or speaks no version known here.
    """
    connection = Connection(link, server=server)
    with bare_errors():
        async with anyio.create_task_group() as tasks:
            await tasks.start(connection.run)
            try:
                await connection.negotiate(protocol)
            except McpRequestError:
                if certain or protocol == "auto":
                    raise
                await connection.negotiate("auto")
            tasks.start_soon(connection.watch_changes)
            try:
                yield connection
            finally:
                tasks.cancel_scope.cancel()


async def _ignore(context: DispatchContext[TransportContext], method: str, params: Mapping[str, Any] | None) -> None:
    """Never reached: every notification is taken by `Connection._note`."""


def _log(event: str, **facts: Any) -> None:
    get_logger().debug(event, **facts)
