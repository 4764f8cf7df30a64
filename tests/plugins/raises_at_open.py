"""A plugin whose provider cannot open."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from massgen_core import Tool, ToolProvider, hookimpl


@asynccontextmanager
async def refuse(context: object) -> AsyncGenerator[list[Tool]]:
    raise ConnectionError("nobody there")
    yield []


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider(name="raises-at-open", open=refuse)]
