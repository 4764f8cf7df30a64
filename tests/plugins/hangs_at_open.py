"""A plugin whose provider never opens."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from massgen_core import Tool, ToolProvider, hookimpl


@asynccontextmanager
async def never(context: object) -> AsyncGenerator[list[Tool]]:
    await anyio.sleep_forever()
    yield []


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider(name="hangs-at-open", open=never, start_timeout=0.2)]
