"""One start of a server: from its sandbox to its list of tools."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from massgen_core.errors import ConfigError, McpError, McpRequestError, SandboxError
from massgen_core.mcp.launch import Launch
from massgen_core.mcp.link import Link, start_timed_out
from massgen_core.mcp.settings import ServerSettings

if TYPE_CHECKING:
    from massgen_core.mcp.connection import Connection, Listing
    from massgen_core.sandbox import Sandbox, SandboxSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A server that is up: connected, its tools listed; ``sandbox`` is None where it runs in none of ours."""

    connection: Connection
    listing: Listing
    sandbox: Sandbox | None = field(default=None, repr=False)


class Starter:
    """Starts one server as often as it is asked to, and knows from each time which MCP era it speaks."""

    def __init__(self, name: str, settings: ServerSettings, launch: Launch) -> None:
        self.launch = launch
        self._name = name
        self._timeout = settings.start_timeout
        self._protocol = launch.protocol
        self._certain = settings.protocol != "auto"

    @asynccontextmanager
    async def start(self, spec: SandboxSpec | None) -> AsyncGenerator[Started]:
        """One life of the server, in the sandbox that is described, if it has one; leaving the context ends it.

        Raises:
            McpError: It does not come up, or not in time.
            SandboxError: It cannot be run.
        """
        from massgen_core.mcp.connection import connect

        link: Link | None = None
        up = False
        try:
            with anyio.move_on_after(self._timeout) as starting:
                async with (
                    self.launch.open(spec) as opened,
                    connect(
                        link := opened.link, server=self._name, protocol=self._protocol, certain=self._certain
                    ) as connection,
                ):
                    listing = await self._list(connection)
                    starting.deadline, up = math.inf, True
                    await self._learn(connection.agreement.version)
                    yield Started(connection=connection, listing=listing, sandbox=opened.sandbox)
                    return
        except (McpError, SandboxError, ConfigError):
            if not up:
                self._protocol = self.launch.protocol  # what was learnt from an earlier life may be why it failed
            raise
        raise start_timed_out(self._name, self._timeout, link)

    async def _list(self, connection: Connection) -> Listing:
        """List the tools of a server that just came up, which also shows whether its era is the remembered one."""
        try:
            return await connection.list_tools()
        except McpRequestError:
            if self._certain:
                raise
            await connection.negotiate("auto")
            return await connection.list_tools()

    async def _learn(self, protocol: str) -> None:
        if self._protocol == protocol:
            return
        self._protocol = protocol
        if self.launch.learnt is not None:
            with anyio.CancelScope(shield=True):  # worth the moment, even to one who leaves at once
                await self.launch.learnt(protocol)
