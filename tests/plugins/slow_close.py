"""A plugin whose provider never closes by itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from massgen_core import Tool, ToolProvider, hookimpl


@asynccontextmanager
async def reluctant(context: object) -> AsyncGenerator[list[Tool]]:
    yield []
    await anyio.sleep_forever()


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider(name="slow-close", open=reluctant)]
