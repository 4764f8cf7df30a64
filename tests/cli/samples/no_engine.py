"""A one-file plugin whose provider finds no sandbox engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from massgen_core import ProviderContext, SandboxUnavailable, Tool, ToolProvider, hookimpl


@asynccontextmanager
async def open_nothing(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    context.log("looking for an engine")
    raise SandboxUnavailable("no engine answers on the socket; start it")
    yield ()


@hookimpl
def massgen_providers(config: Any) -> list[ToolProvider]:
    return [ToolProvider(name="walled", open=open_nothing)]
