"""Services open before those who need them, and fail with a reason that reaches them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import anyio
import anyio.lowlevel
import pytest

from massgen_core import (
    PluginError,
    ProviderContext,
    Runtime,
    Service,
    ServiceProvider,
    Tool,
    ToolProvider,
    tool,
)
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

Open = Callable[[ProviderContext], AbstractAsyncContextManager[Any]]


@tool
async def ping() -> str:
    """Answer."""
    return "pong"


class Clock(Protocol):
    """A service."""


class Engine(Protocol):
    """Another service."""


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


@asynccontextmanager
async def open_word(context: ProviderContext) -> AsyncGenerator[str]:
    yield "word"


async def test_a_missing_service(make_plugin: Any) -> None:
    """A provider whose need nobody brings does not start, and says what is missing."""
    plugin = make_plugin("p", **providers(provider("x", recorded([], "x"), requires=[Service(Clock, "sun")])))
    async with open_test_runtime(plugin, strict=False) as runtime:
        (found,) = runtime.failures
    assert "needs Clock('sun'), which no enabled plugin brings" in str(found)


async def test_a_service_that_does_not_open(make_plugin: Any) -> None:
    """Who needs a service that failed does not start either, and names the cause."""
    plugin = make_plugin(
        "p",
        massgen_providers=lambda: [provider("x", recorded([], "x"), requires=[Service(Clock)])],
        massgen_media_engines=lambda: [ServiceProvider(service=Service(Clock), open=raising(OSError("no time")))],
    )
    async with open_test_runtime(plugin, strict=False) as runtime:
        assert [str(error) for error in runtime.failures] == [
            "plugin 'p/Clock' failed to start: OSError: no time",
            "plugin 'p/x' failed to start: plugin 'p/Clock' failed to start: OSError: no time",
        ]


async def test_services_in_a_circle(make_plugin: Any) -> None:
    """Services that need each other fail, with those who need them; everybody else starts."""
    plugin = make_plugin(
        "p",
        massgen_providers=lambda: [
            provider("bad", recorded([], "bad"), requires=[Service(Clock)]),
            ToolProvider.of("good", [ping]),
        ],
        massgen_media_engines=lambda: [
            ServiceProvider(service=Service(Clock), open=open_word, requires=[Service(Engine)]),
            ServiceProvider(service=Service(Engine), open=open_word, requires=[Service(Clock)]),
        ],
    )
    async with open_test_runtime(plugin, strict=False) as runtime:
        assert names(runtime) == ["good_ping"]
        assert {error.provider for error in runtime.failures} == {"bad", "Clock", "Engine"}
        assert "needs itself: " in str(runtime.failures[0])


async def test_two_plugins_with_one_service(make_plugin: Any) -> None:
    """The second plugin that brings a service is refused as a whole; it is never chosen in silence."""
    service = ServiceProvider(service=Service(Clock), open=open_word)
    plugins = [make_plugin(name, massgen_media_engines=lambda: [service]) for name in ("one", "two")]
    async with open_test_runtime(*plugins, strict=False) as runtime:
        (found,) = runtime.failures
    assert str(found) == (
        "plugin 'two' failed to declare what it brings: Clock is already brought by 'one'; disable one of the two"
    )


async def test_a_service_that_dies(make_plugin: Any) -> None:
    """A service that died is handed out no more."""
    when = anyio.Event()
    plugin = make_plugin(
        "p",
        massgen_providers=lambda: [provider("x", recorded([], "x"), requires=[Service(Clock)])],
        massgen_media_engines=lambda: [ServiceProvider(service=Service(Clock), open=dying(when, OSError("gone")))],
    )
    lines = Lines()
    async with open_test_runtime(plugin, report=lines.append) as runtime:
        assert runtime.service(Clock) == [ping]
        when.set()
        await failure(runtime, lines)
        with pytest.raises(LookupError, match="no Clock is open; open are: none"):
            runtime.service(Clock)


async def test_a_service_must_be_required_to_be_used(make_plugin: Any) -> None:
    """A provider gets only what it said it needs."""

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        context.service(Clock)
        yield []

    async with open_test_runtime(make_plugin("p", **providers(provider("x", opening))), strict=False) as runtime:
        assert "Clock is not listed in the provider's `requires`" in str(runtime.failures[0])
