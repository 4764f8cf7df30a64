"""One MCP server as a provider: started, watched, restarted, its tools relayed."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc
import anyio.to_thread

from massgen_core.errors import (
    ArgumentsInvalid,
    ConfigError,
    MassgenError,
    McpConnectionClosed,
    McpError,
    McpRequestError,
    SandboxError,
)
from massgen_core.mcp.launch import Launch, prepare
from massgen_core.mcp.link import Link, start_timed_out
from massgen_core.mcp.mounts import Around
from massgen_core.mcp.relay import Relayed, relay_result, relay_tools
from massgen_core.mcp.settings import ServerSettings, prefix_of
from massgen_core.mcp.tasks import bare_errors
from massgen_core.result import ToolResult
from massgen_core.tools import ProviderContext, Tool, ToolContext

if TYPE_CHECKING:
    from massgen_core.mcp.connection import Connection, Listing

Announce = Callable[[Sequence[Tool]], Awaitable[None]]

_RELIST_PAUSE = 0.25
"""Seconds between two listings: a server that announces change after change is asked no faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """When a server that ended is started again.

    The pause before a restart begins at ``first`` seconds and doubles up to ``longest``; a life of ``stable`` seconds
    resets it. After ``attempts`` restarts in a row that failed, the server is given up. A server that gives no sign of
    life within ``patience`` seconds after a call was given up (timed out or cancelled) is ended, with all that the
    call had started.
    """

    first: float = 0.5
    longest: float = 30.0
    stable: float = 60.0
    attempts: int = 5
    patience: float = 10.0


@asynccontextmanager
async def serve(
    name: str,
    settings: ServerSettings,
    context: ProviderContext,
    *,
    restarts: Restarts | None = None,
    around: Around | None = None,
) -> AsyncGenerator[Sequence[Tool]]:
    """Keep one MCP server running and give its tools; ends with an error when the server is given up.

    ``around`` is what its mounts have to keep clear of: what belongs to the other servers of the config.

    Raises:
        McpError: The server does not start, does not speak MCP, or died too often.
        SandboxError: It cannot be run.
    """
    if settings.ignored:
        context.log(f"ignored {', '.join(settings.ignored)}: approval is a matter of this program's settings")
    await anyio.to_thread.run_sync(_import_protocol)
    launch = await prepare(name, settings, context, around)
    server = Server(name, settings, context, launch, restarts or Restarts())
    with bare_errors():
        async with anyio.create_task_group() as tasks:
            yield await tasks.start(server.keep)
            tasks.cancel_scope.cancel()


class Server:
    """One MCP server while its provider is open."""

    def __init__(
        self, name: str, settings: ServerSettings, context: ProviderContext, launch: Launch, restarts: Restarts
    ) -> None:
        self._name = name
        self._settings = settings
        self._context = context
        self._launch = launch
        self._restarts = restarts
        self._protocol = launch.protocol
        self._certain = settings.protocol != "auto"
        self._connection: Connection | None = None
        self._connected = anyio.Event()
        self._attending: anyio.abc.TaskGroup | None = None
        self._calls = 0
        self._probing: anyio.Event | None = None
        self._hangs = False
        self._over = False
        self._listing: Listing | None = None

    async def keep(self, *, task_status: anyio.abc.TaskStatus[Sequence[Tool]]) -> None:
        """Start the server, report its tools, and start it again whenever it ends; raises when it is given up."""

        async def first(tools: Sequence[Tool]) -> None:
            task_status.started(tools)

        try:
            await self._restart_for_ever(await self._live(first))
        finally:
            self._over = True
            self._connected.set()

    async def _restart_for_ever(self, ended: MassgenError) -> None:
        pause, failed = self._restarts.first, 0
        while True:
            self._context.log(f"{_first_line(ended)}; it is started again in {pause:g} s")
            await anyio.sleep(pause)
            born = anyio.current_time()
            try:
                ended, failed = await self._live(self._publish), 0
            except (McpError, SandboxError, ConfigError) as error:  # ConfigError: a secret that is not there just now
                self._protocol = self._launch.protocol  # what was learnt from an earlier life may be why it failed
                ended, failed = error, failed + 1
                if failed == self._restarts.attempts:
                    raise
            stable = anyio.current_time() - born >= self._restarts.stable
            pause = self._restarts.first if stable else min(2 * pause, self._restarts.longest)

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
        return relay_result(answer)

    def _doubt(self, connection: Connection) -> None:
        """A call was given up: see whether the server gave it up, too."""
        if self._connection is connection and self._attending is not None and self._probing is None:
            self._probing = anyio.Event()
            self._attending.start_soon(self._probe, connection, self._attending.cancel_scope, self._probing)

    async def _probe(self, connection: Connection, life: anyio.CancelScope, done: anyio.Event) -> None:
        """End the life of a server that gives no sign of it, unless it may be busy with another call."""
        try:
            with anyio.move_on_after(self._restarts.patience) as waiting:
                await _sign_of_life(connection)
            if waiting.cancelled_caught and not self._calls:
                self._hangs = True
                self._withdraw()
                life.cancel()
        finally:
            self._probing = None
            done.set()

    async def _open_connection(self) -> Connection:
        """The connection, once there is one, and once it is known that the server outlived a call that was given up."""
        while self._connection is None or self._connection.closed.is_set() or self._probing is not None:
            if self._over:
                raise McpConnectionClosed(self._name, "it is not running any more")
            await (self._probing or self._connected).wait()
        return self._connection

    def _withdraw(self) -> None:
        """Let no more calls through, until there is a connection again."""
        if self._connection is not None:
            self._connection, self._connected = None, anyio.Event()

    async def _live(self, announce: Announce) -> MassgenError:
        """One life of the server, from its start; returns why it ended once it was up.

        Raises:
            McpError: It did not come up, or not in time.
        """
        from massgen_core.mcp.connection import connect

        link: Link | None = None
        up = False
        try:
            with anyio.move_on_after(self._settings.start_timeout) as starting:
                async with (
                    self._launch.open() as link,
                    connect(link, server=self._name, protocol=self._protocol, certain=self._certain) as connection,
                ):
                    await self._list_first(connection, announce)
                    starting.deadline, up = math.inf, True
                    return await self._attend(connection)
        except (McpError, SandboxError) as error:
            if up:
                return error
            raise
        raise start_timed_out(self._name, self._settings.start_timeout, link)

    async def _attend(self, connection: Connection) -> McpConnectionClosed:
        """Let calls through until the connection ends; list the tools again when they change."""
        self._connection = connection
        self._connected.set()
        try:
            with anyio.CancelScope(shield=True):  # what was learnt is worth the moment, even to one who leaves at once
                await self._learn(connection.agreement.version)
            with bare_errors():
                async with anyio.create_task_group() as self._attending:
                    await self._follow(connection)
                    self._attending.cancel_scope.cancel()
        finally:
            self._withdraw()
            self._attending = None
            hangs, self._hangs = self._hangs, False
        if hangs:
            reason = f"no sign of life within {self._restarts.patience:g} s after a call was given up"
            return McpConnectionClosed(self._name, reason, stderr=connection.evidence())
        return await connection.farewell()

    async def _follow(self, connection: Connection) -> None:
        while await connection.change():
            await self._refresh_quietly(connection)
            await anyio.sleep(_RELIST_PAUSE)

    async def _list_first(self, connection: Connection, announce: Announce) -> None:
        """List the tools of a server that just came up, which also shows whether its era is the remembered one."""
        try:
            await self._refresh(connection, announce)
        except McpRequestError:
            if self._certain:
                raise
            await connection.negotiate("auto")
            await self._refresh(connection, announce)

    async def _refresh_quietly(self, connection: Connection) -> None:
        try:
            await self._refresh(connection, self._publish)
        except McpConnectionClosed:
            return  # the connection says so itself
        except McpError as error:
            self._context.log(f"its tools changed, but cannot be listed: {_first_line(error)}")

    async def _publish(self, tools: Sequence[Tool]) -> None:
        try:
            await self._context.publish(tools)
        except MassgenError as error:
            self._context.log(f"its changed tools cannot be offered: {_first_line(error)}")

    async def _refresh(self, connection: Connection, announce: Announce) -> None:
        """List the tools, and announce them where they differ from what is known."""
        listing = await connection.list_tools()
        if listing == self._listing:
            return
        relayed = relay_tools(
            listing.tools,
            prefix=prefix_of(self._name, self._settings),
            trusted=self._settings.trust_annotations,
            call=self.call,
            fault_of=connection.tool_fault,
        )
        self._report(relayed, listing)
        await announce([tool for tool in relayed.tools if self._offered(tool.name)])
        self._listing = listing

    def _offered(self, tool: str) -> bool:
        allowed = self._settings.tools is None or _matches(tool, self._settings.tools)
        return allowed and not _matches(tool, self._settings.deny)

    def _report(self, relayed: Relayed, listing: Listing) -> None:
        for tool in relayed.quarantined:
            self._context.log(f"tool {tool.name!r} is left out: {tool.reason}")
        if listing.cut is not None:
            self._context.log(f"{listing.cut}; the others are left out")
        names = [tool.name for tool in relayed.tools]
        for pattern in (*(self._settings.tools or ()), *self._settings.deny):
            if not any(fnmatchcase(name, pattern) for name in names):
                self._context.log(f"no tool matches {pattern!r}; it has {', '.join(names) or 'none'}")

    async def _learn(self, protocol: str) -> None:
        if self._protocol != protocol:
            self._protocol = protocol
            if self._launch.learnt is not None:
                await self._launch.learnt(protocol)


async def _sign_of_life(connection: Connection) -> None:
    """Wait for a sign of life: an error is one, too, and a connection that has closed says so itself."""
    with suppress(McpError):
        await connection.ping()


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _first_line(error: MassgenError) -> str:
    return str(error).partition("\n")[0]


def _import_protocol() -> None:
    """Import what speaks MCP and read our own version, about a second of work, in a thread."""
    for module in ("connection", "wire"):
        import_module(f"massgen_core.mcp.{module}")
    from massgen_core.mcp.era import client_info

    client_info()
