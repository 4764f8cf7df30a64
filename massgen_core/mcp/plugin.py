"""The built-in plugin `mcp`: third-party MCP servers, each a provider of its own tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from massgen_core.hookspecs import hookimpl
from massgen_core.mcp.demand import WarmMemory
from massgen_core.mcp.settings import McpConfig, ServerSettings, prefix_of
from massgen_core.sandbox import SandboxBackend
from massgen_core.tools import Service, ToolProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from massgen_core.tools import ProviderContext, Tool

BUILD_TIMEOUT = 1800.0
"""Seconds that a provider may take beyond its server's own start, where an image may have to be built or pulled."""


@hookimpl
def massgen_config() -> type[McpConfig]:
    """The servers of the config file."""
    return McpConfig


@hookimpl
def massgen_providers(config: McpConfig) -> list[ToolProvider]:
    """One provider for each enabled server."""
    return list(_providers(config))


def _providers(config: McpConfig) -> Iterator[ToolProvider]:
    memory = WarmMemory(config.warm_memory)
    for name, server in config.servers.items():
        if server.active:
            yield provider_of(name, server, config.servers, memory)


def provider_of(
    name: str, server: ServerSettings, servers: Mapping[str, ServerSettings], memory: WarmMemory | None = None
) -> ToolProvider:
    """The provider that one server's settings describe, among all ``servers`` of its config.

    ``memory`` is what those of them that wait for sessions share.
    """

    def open_server(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        from massgen_core.mcp.mounts import around
        from massgen_core.mcp.provider import serve

        return serve(name, server, context, around=around(name, servers), memory=memory)

    return ToolProvider(
        name=name,
        prefix=prefix_of(name, server),
        open=open_server,
        requires=[Service(SandboxBackend, server.sandbox)] if server.sandboxed else [],
        required=server.required,
        # A second more than the server itself has, so that its own error, which says more, comes first.
        start_timeout=server.start_timeout + (BUILD_TIMEOUT if server.sandboxed else 1.0),
        concurrency=server.concurrency,
        call_timeout=server.call_timeout,
    )
