"""A plugin whose own background task fails when its tool is called."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from massgen_core import Tool, ToolProvider, hookimpl, tool


@asynccontextmanager
async def run(context: object) -> AsyncGenerator[list[Tool]]:
    told = anyio.Event()

    async def work() -> None:
        await told.wait()
        raise OSError("lost the connection")

    @tool
    async def die() -> None:
        """Make the background task fail."""
        told.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        yield [die]
        tasks.cancel_scope.cancel()


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider(name="dies-later", open=run)]
