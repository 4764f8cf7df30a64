"""A server that every session has for itself."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.mcp.catalogue import Catalogue, drift
from massgen_core.mcp.demand import WarmMemory
from massgen_core.mcp.member import Care, Member
from massgen_core.mcp.pool import Bounds, Pool
from massgen_core.mcp.restarts import Restarts
from massgen_core.mcp.server import Server
from massgen_core.mcp.settings import ServerSettings
from massgen_core.mcp.starting import Started, Starter
from massgen_core.mcp.tasks import bare_errors
from massgen_core.mcp.workspaces import Workspaces, workspace_of
from massgen_core.result import ToolResult
from massgen_core.sandbox import Mount
from massgen_core.tools import ProviderContext, Tool, ToolContext

if TYPE_CHECKING:
    from massgen_core.mcp.connection import Connection, Listing
    from massgen_core.sandbox import SandboxSpec

_SHARE_OF_LIFETIME = 0.25
"""How much of a limited lifetime a server may spend waiting."""

_MOST_REFUSALS = 3
"""Workspaces in a row that cannot be mounted later, before that is given up."""


@asynccontextmanager
async def serve_sessions(
    name: str,
    settings: ServerSettings,
    context: ProviderContext,
    starter: Starter,
    *,
    restarts: Restarts,
    memory: WarmMemory,
) -> AsyncGenerator[Sequence[Tool]]:
    """Give the tools of one MCP server, which each session has for itself from its first call to its end.

    Raises:
        McpError: The server does not start, or does not speak MCP.
        SandboxError: It cannot be run.
    """
    with bare_errors():
        async with anyio.create_task_group() as tasks:
            each = EachSession(name, settings, context, starter, restarts=restarts, memory=memory, tasks=tasks)
            try:
                yield await each.open()
            finally:
                tasks.cancel_scope.cancel()  # first, so that no more are started; what runs is held beyond that
                with anyio.CancelScope(shield=True):
                    await each.close()


class EachSession:
    """Gives each session that calls one of the tools a server: one that waited, or a new one."""

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        context: ProviderContext,
        starter: Starter,
        *,
        restarts: Restarts,
        memory: WarmMemory,
        tasks: anyio.abc.TaskGroup,
    ) -> None:
        self._name = name
        self._settings = settings
        self._log = context.log
        self._starter = starter
        self._restarts = restarts
        self._memory = memory
        self._tasks = tasks
        self._catalogue = Catalogue(name, settings, call=self._call, log=context.log)
        self._workspaces = Workspaces.of(settings, starter.launch)
        self._pool = self._new_pool()
        self._listing: Listing | None = None
        self._told = ""
        self._refusals = 0

    async def open(self) -> Sequence[Tool]:
        """List the tools, and begin to keep servers ready."""
        started = await self._first()
        if self._settings.warm and self._workspaces.problem:
            self._log(f"none is kept ready: {self._workspaces.problem}")
        self._listing = started.listing
        self._tasks.start_soon(self._pool.keep)
        return self._catalogue.tools(started.listing, started.connection)

    async def close(self) -> None:
        """End all that wait."""
        await self._pool.close()

    async def _first(self) -> Started:
        try:
            return await self._pool.begin()
        except SandboxUnavailable as error:
            if not self._workspaces.late:
                raise
            self._workspaces = replace(self._workspaces, problem=str(error).partition("\n")[0])
            self._pool = self._new_pool()
            return await self._pool.begin()

    def _new_pool(self) -> Pool:
        settings = self._settings
        least = 1 if settings.warm is None else settings.warm
        lifetime = settings.lifetime or math.inf
        bounds = Bounds(
            least=0 if self._workspaces.problem else least,
            age=min(settings.warm_age, lifetime * _SHARE_OF_LIFETIME),
            size=settings.memory,
            memory=self._memory,
            care=Care(
                frozen=settings.warm_frozen and self._starter.launch.can("pause"),
                health_interval=settings.health_interval,
                patience=self._restarts.patience,
            ),
        )
        return Pool(self._starter, self._plan, bounds=bounds, restarts=self._restarts, tasks=self._tasks, log=self._log)

    async def _plan(self) -> SandboxSpec | None:
        """The sandbox of a server that is to wait; where many start, it has a turn of its own."""
        spec = await self._starter.launch.read()
        return spec and replace(await self._workspaces.ahead(spec), turn=f"warm {self._name}")

    async def _call(self, raw: Mapping[str, Any], arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        open_own = partial(self._own, context.session_id, context.workspace)
        server = await context.resource(f"mcp:{self._name}", open_own)
        return await server.call(raw, arguments, context)

    @asynccontextmanager
    async def _own(self, session: str, workspace: Path | None) -> AsyncGenerator[Server]:
        """The server of one session: started again by the next call after it has ended."""
        server = Server(
            self._name,
            partial(self._life, session, workspace),
            on_listed=self._listed,
            restarts=self._restarts,
            log=lambda line: self._log(f"session {session}: {line}"),
            waits=True,
            health_interval=self._settings.health_interval,
        )
        with bare_errors():
            async with anyio.create_task_group() as tasks:
                await tasks.start(server.keep)
                yield server
                tasks.cancel_scope.cancel()

    @asynccontextmanager
    async def _life(self, session: str, workspace: Path | None) -> AsyncGenerator[Started]:
        """One life of a session's server, in its own sandbox."""
        mounts = await self._workspaces.mounts(workspace)
        spec = await self._starter.launch.read()
        member = await self._waiting(spec, mounts)
        if member is not None:
            try:
                yield member.started
            finally:
                await member.end()
            return
        own = spec and replace(spec, mounts=spec.mounts if mounts is None else mounts, turn=session)
        async with self._pool.own(own) as started:
            if mounts is not None and started.sandbox is not None:
                self._tasks.start_soon(self._workspaces.learn, mounts, started.sandbox)
            yield started

    async def _waiting(self, spec: SandboxSpec | None, mounts: Sequence[Mount] | None) -> Member | None:
        """A server that waited, with the session's workspace in place; None where there is none that will do."""
        if self._workspaces.problem:
            return None
        member = await self._pool.claim(spec and await self._workspaces.ahead(spec, mounts))
        if member is None or mounts is None:
            return member
        mounted = False
        try:
            await member.mount(workspace_of(mounts))
            mounted, self._refusals = True, 0
        except SandboxError as error:
            self._refused(error)
            return None  # a start of its own will do, or say what is wrong
        finally:
            if not mounted:
                self._pool.retire(member)
        return member

    def _refused(self, error: SandboxError) -> None:
        """A workspace could not be mounted: now and then that is its owner, but not time after time."""
        self._refusals += 1
        if self._refusals == _MOST_REFUSALS:
            problem = str(error).partition("\n")[0]
            self._workspaces = replace(self._workspaces, problem=problem)
            self._pool.keep_none()
            self._log(f"none is kept ready any more: {problem}")

    async def _listed(self, listing: Listing, connection: Connection) -> None:
        """Tell where a session's server differs; what is offered stays as it was listed at the start."""
        assert self._listing is not None  # sessions come later
        found = drift(self._listing, listing)
        if found and found != self._told:
            self._told = found
            self._log(f"its tools are not the same in each session, and are offered as at the start: one is {found}")
