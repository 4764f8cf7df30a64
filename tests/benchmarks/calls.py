"""What a call of a tool in the same process costs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import ModuleType

from fastmcp import Client, FastMCP

import massgen_core

from .table import Comparison, in_turn_async

BATCH = 200
ROUNDS = 20


async def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def plugin() -> ModuleType:
    """A plugin that brings `add`."""
    module = ModuleType("bench")

    @massgen_core.hookimpl
    def massgen_providers() -> list[massgen_core.ToolProvider]:
        return [massgen_core.ToolProvider.of("bench", [massgen_core.tool(add)])]

    module.massgen_providers = massgen_providers  # type: ignore[attr-defined]
    return module


async def measure() -> AsyncIterator[Comparison]:
    """Our session against the bare function and FastMCP's in-memory client."""
    server: FastMCP[None] = FastMCP("bench")
    server.tool(add)
    async with (
        massgen_core.open_runtime({}, plugins=[plugin()], installed=False) as runtime,
        runtime.session() as session,
        Client(server) as client,
    ):
        yield await in_turn_async(
            "One call in the same process",
            {
                "massgen-core session": _batch(lambda: session.call("bench_add", {"a": 1, "b": 2})),
                "FastMCP in-memory client": _batch(lambda: client.call_tool("add", {"a": 1, "b": 2})),
                "the bare function": _batch(lambda: add(1, 2)),
            },
            rounds=ROUNDS,
            unit="µs",
        )


def _batch(call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    async def run() -> float:
        started = time.perf_counter()
        for _ in range(BATCH):
            await call()
        return 1e6 * (time.perf_counter() - started) / BATCH

    return run
