"""One MCP server as a provider: its tools relayed, one process shared by all sessions or one for each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from massgen_core.errors import MassgenError
from massgen_core.mcp.catalogue import Catalogue
from massgen_core.mcp.demand import WarmMemory
from massgen_core.mcp.launch import prepare
from massgen_core.mcp.mounts import Around
from massgen_core.mcp.restarts import Restarts as Restarts
from massgen_core.mcp.server import Server
from massgen_core.mcp.settings import ServerSettings
from massgen_core.mcp.starting import Started, Starter
from massgen_core.mcp.tasks import bare_errors
from massgen_core.tools import ProviderContext, Tool

if TYPE_CHECKING:
    from massgen_core.mcp.connection import Connection, Listing


@asynccontextmanager
async def serve(
    name: str,
    settings: ServerSettings,
    context: ProviderContext,
    *,
    restarts: Restarts | None = None,
    around: Around | None = None,
    memory: WarmMemory | None = None,
) -> AsyncGenerator[Sequence[Tool]]:
    """Keep one MCP server running and give its tools; ends with an error when the server is given up.

    ``around`` is what its mounts have to keep clear of: what belongs to the other servers of the config. ``memory`` is
    shared by all whose members wait for sessions.

    Raises:
        McpError: The server does not start, does not speak MCP, or died too often.
        SandboxError: It cannot be run.
    """
    if settings.ignored:
        context.log(f"ignored {', '.join(settings.ignored)}: approval is a matter of this program's settings")
    await anyio.to_thread.run_sync(_import_protocol)
    starter = Starter(name, settings, await prepare(name, settings, context, around))
    restarts = restarts or Restarts()
    if settings.own_process:
        from massgen_core.mcp.sessions import serve_sessions

        memory = memory or WarmMemory(settings.memory)
        opened = serve_sessions(name, settings, context, starter, restarts=restarts, memory=memory)
    else:
        opened = _serve_shared(name, settings, context, starter, restarts)
    async with opened as tools:
        yield tools


@asynccontextmanager
async def _serve_shared(
    name: str, settings: ServerSettings, context: ProviderContext, starter: Starter, restarts: Restarts
) -> AsyncGenerator[Sequence[Tool]]:
    shared = Shared(name, settings, context, starter, restarts)
    with bare_errors():
        async with anyio.create_task_group() as tasks:
            await tasks.start(shared.server.keep)
            yield shared.tools
            tasks.cancel_scope.cancel()


class Shared:
    """One server that all sessions of a runtime share, and the tools that it listed last."""

    def __init__(
        self, name: str, settings: ServerSettings, context: ProviderContext, starter: Starter, restarts: Restarts
    ) -> None:
        self.tools: Sequence[Tool] = ()
        self.server: Server = Server(
            name,
            self._start,
            on_listed=self._listed,
            restarts=restarts,
            log=context.log,
            health_interval=settings.health_interval,
        )
        self._catalogue = Catalogue(name, settings, call=self.server.call, log=context.log)
        self._context = context
        self._starter = starter
        self._listing: Listing | None = None

    @asynccontextmanager
    async def _start(self) -> AsyncGenerator[Started]:
        spec = await self._starter.launch.read()
        async with self._starter.start(spec) as started:
            yield started

    async def _listed(self, listing: Listing, connection: Connection) -> None:
        """Offer what a server lists, where that differs from what is known."""
        if listing == self._listing:
            return
        tools = self._catalogue.tools(listing, connection)
        if self._listing is None:
            self.tools = tools
        else:
            await self._publish(tools)
        self._listing = listing

    async def _publish(self, tools: Sequence[Tool]) -> None:
        try:
            await self._context.publish(tools)
        except MassgenError as error:
            self._context.log(f"its changed tools cannot be offered: {error}".partition("\n")[0])


def _import_protocol() -> None:
    """Import what speaks MCP and read our own version, about a second of work, in a thread."""
    for module in ("connection", "wire"):
        import_module(f"massgen_core.mcp.{module}")
    from massgen_core.mcp.era import client_info

    client_info()
