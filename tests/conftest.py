"""What the core's tests share: both event loops, and no blocking call inside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from blockbuster import BlockBuster

from massgen_core import Tool, ToolProvider, hookimpl

MakePlugin = Callable[..., tuple[str, ModuleType]]

BACKENDS: list[Any] = [
    pytest.param(("asyncio", {"debug": False}), id="asyncio"),
    pytest.param(("trio", {"restrict_keyboard_interrupt_to_checkpoints": True}), id="trio"),
]


@pytest.fixture(params=BACKENDS)
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Every `@pytest.mark.anyio` test runs on asyncio and on trio."""
    return request.param


@pytest.fixture(autouse=True)
def no_blocking_calls(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which massgen_core blocks the asyncio loop (trio runs the same code unwatched).

    The cost of a late import is paid once and on purpose, so imports may read files. Tests with the Docker plugin go
    unwatched: it looks at sockets and at /proc when it opens, and the core is seen below it on every stack.
    """
    if request.node.get_closest_marker("docker") is not None:
        yield
        return
    guard = BlockBuster(scanned_modules=["massgen_core"])
    for function in guard.functions.values():
        function.can_block_in("<frozen importlib._bootstrap>", "_find_and_load")
    guard.activate()
    try:
        yield
    finally:
        guard.deactivate()


@pytest.fixture
def make_plugin() -> MakePlugin:
    """Make a plugin in memory: its name, its tools, and hooks by their names; for `open_test_runtime`."""

    def make(name: str, *tools: Tool, **hooks: Callable[..., Any]) -> tuple[str, ModuleType]:
        module = ModuleType(f"plugin_in_memory_{name}")
        if tools:
            hooks["massgen_providers"] = lambda config: [ToolProvider.of(name, tools)]
        for hook, function in hooks.items():
            setattr(module, hook, hookimpl(function))
        return name, module

    return make
