"""Services open before those who need them, and fail with a reason that reaches them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import anyio
import anyio.lowlevel
import pytest
from in_memory import Lines, dying, failure, names, ping, provider, providers, raising, recorded

from massgen_core import (
    ProviderContext,
    Service,
    ServiceProvider,
    Tool,
    ToolProvider,
)
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


class Clock(Protocol):
    """A service."""


class Engine(Protocol):
    """Another service."""


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
