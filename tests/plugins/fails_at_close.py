"""A plugin whose provider fails when it closes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from massgen_core import Tool, ToolProvider, hookimpl


@asynccontextmanager
async def clumsy(context: object) -> AsyncGenerator[list[Tool]]:
    yield []
    raise OSError("cannot flush")


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider(name="fails-at-close", open=clumsy)]
