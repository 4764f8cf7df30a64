"""A runtime opens what is enabled, survives what fails, and closes everything, services last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

import anyio
import anyio.lowlevel
import pytest
from in_memory import hanging, names, ping, provider, providers, raising, recorded
from pydantic import BaseModel

from massgen_core import (
    STRICT,
    ConfigError,
    Middleware,
    PluginError,
    ProviderContext,
    Service,
    ServiceProvider,
    Settings,
    Tool,
    ToolResult,
    open_runtime,
)
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


class Clock(Protocol):
    """A service."""


async def test_life_cycle_in_order(make_plugin: Any) -> None:
    """All that happens to plugins, in order: hooks in sorted order, services, providers, a call, the way back."""
    events: list[str] = []

    class Section(BaseModel):
        model_config = STRICT

    @asynccontextmanager
    async def open_clock(context: ProviderContext) -> AsyncGenerator[str]:
        events.append("open clock")
        yield "tick"
        events.append("close clock")

    @asynccontextmanager
    async def open_tools(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        events.append(f"open tools with {context.service(Clock)}")
        yield [ping]
        events.append("close tools")

    async def around(call: Any, following: Any) -> ToolResult:
        events.append("before call")
        result = await following(call)
        events.append("after call")
        return result

    def hook(plugin: str, name: str, value: Any) -> Callable[..., Any]:
        def configured(config: Any) -> Any:
            events.append(f"{plugin} {name}")
            return value

        def bare() -> Any:
            events.append(f"{plugin} {name}")
            return value

        return bare if name == "config" else configured

    service = ServiceProvider(service=Service(Clock), open=open_clock)
    tools = provider("tools", open_tools, requires=[Service(Clock)])
    first = make_plugin(
        "a",
        massgen_config=hook("a", "config", Section),
        massgen_providers=hook("a", "providers", [tools]),
        massgen_sandboxes=hook("a", "sandboxes", []),
        massgen_media_engines=hook("a", "engines", []),
        massgen_middlewares=hook("a", "middlewares", [Middleware(name="m", around=around)]),
    )
    second = make_plugin("b", massgen_media_engines=hook("b", "engines", [service]))

    async with open_test_runtime(second, first) as runtime:
        events.append("body")
        async with runtime.session() as session:
            assert (await session.call("tools_ping")).text == "pong"
        events.append("end of body")

    assert events == [
        "a config",
        "a providers",
        "a sandboxes",
        "a engines",
        "a middlewares",
        "b engines",
        "open clock",
        "open tools with tick",
        "body",
        "before call",
        "after call",
        "end of body",
        "close tools",
        "close clock",
    ]


async def test_providers_with_task_groups(make_plugin: Any) -> None:
    """Providers may hold task groups; they open all at once and close all at once."""
    events: list[str] = []
    plugin = make_plugin("p", **providers(*[provider(name, recorded(events, name)) for name in "ab"]))
    async with open_test_runtime(plugin) as runtime:
        assert names(runtime) == ["a_ping", "b_ping"]
    assert sorted(events[2:]) == ["close a", "close b"]


@pytest.mark.parametrize(
    "error", [ValueError("mine"), KeyError("mine"), SystemExit(3), ExceptionGroup("mine", [ValueError()])]
)
async def test_errors_of_the_body_leave_bare(make_plugin: Any, error: BaseException) -> None:
    """What the user's own code raises comes out as it is, after every provider has closed."""
    events: list[str] = []
    plugin = make_plugin("p", **providers(provider("a", recorded(events, "a"))))
    with pytest.raises(type(error)) as caught:
        async with open_test_runtime(plugin):
            raise error
    assert caught.value is error
    assert events == ["open a", "close a"]


async def test_cancellation_closes_in_order(make_plugin: Any) -> None:
    """A cancelled body closes providers before the services they use, each politely; the task stays cancelled."""
    events: list[str] = []

    @asynccontextmanager
    async def open_clock(context: ProviderContext) -> AsyncGenerator[str]:
        yield "tick"
        await anyio.lowlevel.checkpoint()  # would raise if the service were cancelled itself
        events.append("close clock")

    @asynccontextmanager
    async def open_tools(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        yield [ping]
        await anyio.lowlevel.checkpoint()
        events.append("close tools")

    plugin = make_plugin(
        "p",
        massgen_providers=lambda: [provider("tools", open_tools, requires=[Service(Clock)])],
        massgen_media_engines=lambda: [ServiceProvider(service=Service(Clock), open=open_clock)],
    )
    with anyio.CancelScope() as scope:
        async with open_test_runtime(plugin):
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert events == ["close tools", "close clock"]


async def test_cancellation_while_opening(make_plugin: Any) -> None:
    """A runtime that is cancelled while a provider hangs in its opening ends at once, and closes what was open."""
    events: list[str] = []
    started = anyio.Event()
    plugin = make_plugin("p", **providers(provider("a", recorded(events, "a")), provider("b", hanging(started))))

    async def open_it(scope: anyio.CancelScope) -> None:
        with scope:
            async with open_test_runtime(plugin):
                pytest.fail("it must not open")

    scope = anyio.CancelScope()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(open_it, scope)
            await started.wait()
            scope.cancel()
    assert events == ["open a", "close a"]


async def test_nothing_can_be_called_after_the_end(make_plugin: Any) -> None:
    """A closed runtime has no tools."""
    async with open_test_runtime(make_plugin("p", ping)) as runtime:
        assert names(runtime) == ["p_ping"]
    assert names(runtime) == []


@pytest.mark.parametrize("config", [{"strict": True}, {"plugins": {"p": {}}}], ids=["strict", "named"])
async def test_a_required_provider_raises(make_plugin: Any, config: dict[str, Any]) -> None:
    """Strict, or named in the config: then a provider that does not start is an error, and the rest closes."""
    events: list[str] = []
    cause = ValueError("broken")
    bad = [provider("bad", raising(cause)), provider("bad-too", raising(OSError("also broken")))]
    plugin = make_plugin("p", **providers(*bad, provider("good", recorded(events, "good"))))
    with pytest.raises(PluginError) as caught:
        async with open_runtime(config, plugins=[plugin], installed=False):
            pytest.fail("it must not open")
    assert caught.value.cause is cause
    assert caught.value.__notes__ == ["also: plugin 'p/bad-too' failed to start: OSError: also broken"]
    assert events == ["open good", "close good"]


async def test_what_need_not_start_may_fail(make_plugin: Any) -> None:
    """`required = false` makes a named plugin best effort; a provider may say so itself."""
    plugin = make_plugin("p", **providers(provider("bad", raising(ValueError()))))
    async with open_runtime({"plugins": {"p": {"required": False}}}, plugins=[plugin], installed=False) as runtime:
        assert len(runtime.failures) == 1
    plugin = make_plugin("p", **providers(provider("bad", raising(ValueError()), required=False)))
    async with open_runtime({"plugins": {"p": {}}}, plugins=[plugin], installed=False) as runtime:
        assert len(runtime.failures) == 1


async def test_progress_is_reported(make_plugin: Any) -> None:
    """What a provider logs while it opens reaches whoever opens the runtime, with its name."""

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        context.log("building")
        yield []

    lines: list[str] = []
    plugin = make_plugin("p", **providers(provider("x", opening)))
    async with open_runtime({}, plugins=[plugin], installed=False, report=lines.append):
        assert lines == ["x: building"]


async def test_strict_does_not_change_the_settings(make_plugin: Any) -> None:
    """`strict` given to one runtime does not stay in settings that are used again."""
    settings = Settings()
    async with open_runtime(settings, strict=True, installed=False) as runtime:
        assert runtime.settings.strict
    assert not settings.strict


async def test_two_modules_of_one_name(make_plugin: Any) -> None:
    """Modules that would be the same plugin are refused, not dropped in silence."""
    with pytest.raises(
        ValueError, match="two modules are the plugin 'p'; give a \\(name, module\\) pair for one of them"
    ):
        async with open_test_runtime(make_plugin("p", ping), make_plugin("p", ping)):
            pytest.fail("it must not open")


async def test_an_unknown_section(make_plugin: Any) -> None:
    """A section for a plugin that is not there is an error with a cure."""
    problem = r"plugins\.imaeg: no plugin named 'imaeg' is installed; there are: mcp, media, p"
    with pytest.raises(ConfigError, match=problem):
        async with open_test_runtime(make_plugin("p", ping), config={"plugins": {"imaeg": {}}}):
            pytest.fail("it must not open")
