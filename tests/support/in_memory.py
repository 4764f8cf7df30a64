"""Providers for plugins in memory: such as say what happens to them, and such as break."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio

from massgen_core import PluginError, ProviderContext, Runtime, Tool, ToolProvider, tool

Open = Callable[[ProviderContext], AbstractAsyncContextManager[Any]]


@tool
async def ping() -> str:
    """Answer."""
    return "pong"


def provider(name: str, opening: Open, **settings: Any) -> ToolProvider:
    return ToolProvider(name=name, open=opening, **settings)


def providers(*described: ToolProvider) -> dict[str, Callable[..., Any]]:
    return {"massgen_providers": lambda: described}


def recorded(events: list[str], name: str) -> Open:
    """A provider with a task group of its own, which says when it opens and closes."""

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        events.append(f"open {name}")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            yield [ping]
            tasks.cancel_scope.cancel()
        events.append(f"close {name}")

    return opening


def raising(error: BaseException) -> Open:
    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        raise error
        yield []

    return opening


def hanging(started: anyio.Event | None = None) -> Open:
    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        if started:
            started.set()
        await anyio.sleep_forever()
        yield []

    return opening


def dying(when: anyio.Event, error: BaseException) -> Open:
    """A provider whose own background task fails later."""

    async def die() -> None:
        await when.wait()
        raise error

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(die)
            yield [ping]
            tasks.cancel_scope.cancel()

    return opening


class Lines(list[str]):
    """What a runtime reports, and an event for the first line."""

    def __init__(self) -> None:
        self.first = anyio.Event()

    def append(self, line: str) -> None:
        super().append(line)
        self.first.set()


async def failure(runtime: Runtime, lines: Lines) -> PluginError:
    """The runtime's one failure, waited for."""
    with anyio.fail_after(10):
        await lines.first.wait()
    (error,) = runtime.failures
    return error


def names(runtime: Runtime) -> list[str]:
    return [entry.name for entry in runtime.tools]
