"""One MCP server through its lives: called, watched, started again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc

from massgen_core.errors import ArgumentsInvalid, ConfigError, MassgenError, McpConnectionClosed, McpError, SandboxError
from massgen_core.mcp.relay import relay_result
from massgen_core.mcp.restarts import Restarts
from massgen_core.mcp.starting import Started
from massgen_core.mcp.tasks import bare_errors
from massgen_core.result import ToolResult
from massgen_core.tools import ToolContext

if TYPE_CHECKING:
    from massgen_core.mcp.connection import Connection, Listing

_RELIST_PAUSE = 0.25
"""Seconds between two listings: a server that announces change after change is asked no faster."""

OnListed = Callable[["Listing", "Connection"], Awaitable[None]]
"""Awaited with what a server lists, at each of its starts and when that has changed."""


class Server:
    """One MCP server from its first start until it is given up or its context is left.

    ``start`` gives one life of it. One that ended is started again at once, or, where it ``waits``, by the next call.
    ``health_interval`` is how many seconds it may be idle before it is asked for a sign of life; None: it is not.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], AbstractAsyncContextManager[Started]],
        *,
        on_listed: OnListed,
        restarts: Restarts,
        log: Callable[[str], None],
        waits: bool = False,
        health_interval: float | None = None,
    ) -> None:
        self._name = name
        self._start = start
        self._on_listed = on_listed
        self._restarts = restarts
        self._log = log
        self._waits = waits
        self._health_interval = health_interval
        self._connection: Connection | None = None
        self._connected = anyio.Event()
        self._wanted = anyio.Event()
        self._attending: anyio.abc.TaskGroup | None = None
        self._calls = 0
        self._called = 0.0
        self._probing: anyio.Event | None = None
        self._hangs = ""
        self._over = False

    async def keep(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        """Start the server, and start it again whenever it ends; raises when it is given up."""
        try:
            await self._restart_for_ever(await self._live(task_status.started))
        finally:
            self._over = True
            self._connected.set()

    async def _restart_for_ever(self, ended: MassgenError) -> None:
        short, failed = 1, 0
        while True:
            pause = self._restarts.pause(short)
            again = "by the next call" if self._waits and not failed else f"in {pause:g} s"
            self._log(f"{_first_line(ended)}; it is started again {again}")
            await anyio.sleep(pause)
            if self._waits:
                await self._wanted.wait()
            born = anyio.current_time()
            try:
                ended, failed = await self._live(), 0
            except (McpError, SandboxError, ConfigError) as error:  # ConfigError: a secret that is not there just now
                ended, failed = error, failed + 1
                if failed == self._restarts.attempts:
                    raise
            short = 1 if anyio.current_time() - born >= self._restarts.stable else short + 1

    async def call(self, raw: Mapping[str, Any], arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Call one of the server's tools; while the server restarts, the call waits within its own time-out.

        A call that was sent is never sent again.

        Raises:
            McpRequestError: The server answered with an error.
            McpConnectionClosed: The server ended before it answered.
            ArgumentsInvalid: The arguments cannot be written as JSON.
        """
        connection = await self._open_connection()
        self._calls += 1
        try:
            answer = await connection.call_tool(raw, arguments, report=context.report)
        except ValueError as error:
            raise ArgumentsInvalid(context.tool, f"the arguments cannot be sent as JSON: {error}") from error
        except anyio.get_cancelled_exc_class():
            self._doubt(connection)
            raise
        finally:
            self._calls -= 1
            self._called = anyio.current_time()
        return relay_result(answer)

    def _doubt(self, connection: Connection) -> None:
        """A call was given up: see whether the server gave it up, too."""
        if self._connection is connection and self._attending is not None and self._probing is None:
            self._probing = anyio.Event()
            self._attending.start_soon(self._probe, connection, self._probing)

    async def _probe(self, connection: Connection, done: anyio.Event) -> None:
        """Let calls wait until it is known whether the server lives."""
        try:
            await self._end_if_silent(connection, "after a call was given up")
        finally:
            self._probing = None
            done.set()

    async def _end_if_silent(self, connection: Connection, when: str) -> None:
        """End the life of a server that gives no sign of it, unless it may be busy with another call."""
        if await lives(connection, self._restarts.patience) or self._calls:
            return
        self._hangs = f"no sign of life within {self._restarts.patience:g} s {when}"
        self._withdraw()
        if self._attending is not None:
            self._attending.cancel_scope.cancel()

    async def _check_health(self, connection: Connection, interval: float) -> None:
        """Ask for a sign of life whenever nobody has called for a while."""
        while True:
            idle = anyio.current_time() - self._called
            await anyio.sleep(max(interval - idle, interval / 10))
            if not self._calls and anyio.current_time() - self._called >= interval:
                await self._end_if_silent(connection, "while it was idle")
                self._called = anyio.current_time()

    async def _open_connection(self) -> Connection:
        """The connection, once there is one, and once it is known that the server outlived a call that was given up."""
        while self._connection is None or self._connection.closed.is_set() or self._probing is not None:
            if self._over:
                raise McpConnectionClosed(self._name, "it is not running any more")
            self._wanted.set()
            await (self._probing or self._connected).wait()
        return self._connection

    def _withdraw(self) -> None:
        """Let no more calls through, until there is a connection again."""
        if self._connection is not None:
            self._connection, self._connected, self._wanted = None, anyio.Event(), anyio.Event()

    async def _live(self, on_up: Callable[[], None] = lambda: None) -> MassgenError:
        """One life of the server, from its start; returns why it ended once it was up.

        Raises:
            McpError: It did not come up, or not in time.
        """
        up = False
        try:
            async with self._start() as started:
                await self._on_listed(started.listing, started.connection)
                on_up()
                up = True
                return await self._attend(started.connection)
        except (McpError, SandboxError) as error:
            if up:
                return error
            raise

    async def _attend(self, connection: Connection) -> McpConnectionClosed:
        """Let calls through until the connection ends; list the tools again when they change."""
        self._connection = connection
        self._connected.set()
        self._called = anyio.current_time()
        try:
            with bare_errors():
                async with anyio.create_task_group() as self._attending:
                    if self._health_interval is not None:
                        self._attending.start_soon(self._check_health, connection, self._health_interval)
                    await self._follow(connection)
                    self._attending.cancel_scope.cancel()
        finally:
            self._withdraw()
            self._attending = None
            hangs, self._hangs = self._hangs, ""
        if hangs:
            return McpConnectionClosed(self._name, hangs, stderr=connection.evidence())
        return await connection.farewell()

    async def _follow(self, connection: Connection) -> None:
        while await connection.change():
            await self._list_again(connection)
            await anyio.sleep(_RELIST_PAUSE)

    async def _list_again(self, connection: Connection) -> None:
        try:
            listing = await connection.list_tools()
        except McpConnectionClosed:
            return  # the connection says so itself
        except McpError as error:
            self._log(f"its tools changed, but cannot be listed: {_first_line(error)}")
        else:
            await self._on_listed(listing, connection)


async def lives(connection: Connection, patience: float) -> bool:
    """Whether a server gives a sign of life in time; an error is one, too, and a closed connection says so itself."""
    with anyio.move_on_after(patience) as waiting, suppress(McpError):
        await connection.ping()
    return not waiting.cancelled_caught


def _first_line(error: MassgenError) -> str:
    return str(error).partition("\n")[0]
