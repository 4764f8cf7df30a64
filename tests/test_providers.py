"""Providers open, die, close and publish; whatever one does, its neighbours do not notice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from in_memory import Lines, Open, dying, failure, hanging, names, ping, provider, providers, raising, recorded

from massgen_core import (
    PluginError,
    ProviderContext,
    Tool,
    ToolNotFound,
    ToolProvider,
    ToolResult,
    open_runtime,
    tool,
)
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("error", [ValueError("broken"), SystemExit("broken")])
async def test_a_provider_that_does_not_open(make_plugin: Any, error: BaseException) -> None:
    """A provider that raises at its opening is left out and named; its neighbours work."""
    plugin = make_plugin("p", **providers(provider("bad", raising(error)), ToolProvider.of("good", [ping])))
    lines: list[str] = []
    async with open_runtime({}, plugins=[plugin], installed=False, report=lines.append) as runtime:
        assert names(runtime) == ["good_ping"]
        (found,) = runtime.failures
    assert (found.plugin, found.provider, found.stage, found.cause) == ("p", "bad", "start", error)
    assert str(found) == f"plugin 'p/bad' failed to start: {type(error).__name__}: broken"
    assert lines == [str(found)]


async def test_a_failure_names_its_place_in_the_config(make_plugin: Any, tmp_path: Path) -> None:
    """Where a file asked for what fails, the error names the file and the section."""
    plugin = make_plugin("p", **providers(provider("bad", raising(OSError("broken")))))
    config = tmp_path / "massgen.toml"
    config.write_text('[plugins.p]\n[servers.x]\ncommand = "no-such-program-3141"\nsandbox = "none"\n')
    with pytest.raises(PluginError) as caught:
        async with open_runtime(config, plugins=[plugin], installed=False):
            pass
    assert (caught.value.key, caught.value.file) == ("servers.x", str(config))
    assert str(caught.value).startswith(f"{config}: servers.x: plugin 'mcp/x' failed to start: cannot start 'no-such")
    assert caught.value.__notes__ == [f"also: {config}: plugins.p: plugin 'p/bad' failed to start: OSError: broken"]


async def test_a_provider_that_hangs(make_plugin: Any) -> None:
    """A provider that does not open in time is given up, with the time it had."""
    plugin = make_plugin("p", **providers(provider("slow", hanging(), start_timeout=0.05)))
    async with open_test_runtime(plugin, strict=False) as runtime:
        (found,) = runtime.failures
        (state,) = [info for info in runtime.plugins if info.name == "p"]
    assert str(found) == "plugin 'p/slow' failed to start: TimeoutError: did not open within 0.05 s"
    assert (state.state, state.stage) == ("failed", "start")


async def test_the_config_goes_before_a_providers_own_start_timeout(make_plugin: Any) -> None:
    """What the config says of a plugin's time-out wins over what the plugin says itself."""
    plugin = make_plugin("p", **providers(provider("slow", hanging(), start_timeout=3600)))
    config = {"plugins": {"p": {"start_timeout": 0.05, "required": False}}}
    async with open_test_runtime(plugin, config=config, strict=False) as runtime:
        assert "did not open within 0.05 s" in str(runtime.failures)


@pytest.mark.parametrize("error", [OSError("gone"), SystemExit("gone")], ids=["raises", "exits"])
async def test_a_provider_that_dies_later(make_plugin: Any, error: BaseException, anyio_backend_name: str) -> None:
    """A provider that dies later loses its tools and is named; nobody else notices."""
    if isinstance(error, SystemExit) and anyio_backend_name == "asyncio":
        pytest.skip("asyncio itself ends the loop for SystemExit in any task")
    when = anyio.Event()
    plugin = make_plugin("p", **providers(provider("bad", dying(when, error)), ToolProvider.of("good", [ping])))
    lines = Lines()
    async with open_test_runtime(plugin, report=lines.append) as runtime, runtime.session() as session:
        assert names(runtime) == ["bad_ping", "good_ping"]
        when.set()
        found = await failure(runtime, lines)
        assert names(runtime) == ["good_ping"]
        assert (await session.call("good_ping")).text == "pong"
        assert isinstance((await session.call("bad_ping")).error, ToolNotFound)
        (state,) = [info for info in runtime.plugins if info.name == "p"]
    assert (found.provider, found.stage, found.cause) == ("bad", "run", error)
    assert (state.state, state.stage) == ("failed", "run")
    assert len(runtime.failures) == 1


async def test_a_provider_that_ends_by_itself(make_plugin: Any) -> None:
    """A provider whose own scope runs out has ended, even though it raised nothing."""
    when = anyio.Event()

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        async with anyio.create_task_group() as tasks:

            async def end() -> None:
                await when.wait()
                tasks.cancel_scope.cancel()

            tasks.start_soon(end)
            yield [ping]

    plugin = make_plugin("p", **providers(provider("brief", opening)))
    lines = Lines()
    async with open_test_runtime(plugin, report=lines.append) as runtime:
        when.set()
        assert (
            str(await failure(runtime, lines))
            == "plugin 'p/brief' failed to keep running: RuntimeError: ended by itself"
        )
        assert names(runtime) == []


async def test_a_provider_that_dies_while_others_open(make_plugin: Any) -> None:
    """A provider that has died before the last one has opened brings no tools."""
    others = anyio.Event()

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        others.set()
        with anyio.fail_after(5):
            await lines.first.wait()
        yield [ping]

    lines = Lines()
    plugin = make_plugin("p", **providers(provider("bad", dying(others, OSError("gone"))), provider("late", opening)))
    async with open_runtime({}, plugins=[plugin], installed=False, report=lines.append) as runtime:
        assert names(runtime) == ["late_ping"]
        assert [(error.provider, error.stage) for error in runtime.failures] == [("bad", "run")]


async def test_an_error_at_the_close(make_plugin: Any) -> None:
    """What a provider raises while it closes is a failure; it stops nobody else from closing."""
    events: list[str] = []

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        yield [ping]
        raise OSError("cannot close")

    plugin = make_plugin("p", **providers(provider("a", recorded(events, "a")), provider("bad", opening)))
    async with open_test_runtime(plugin) as runtime:
        pass
    assert events == ["open a", "close a"]
    assert [str(error) for error in runtime.failures] == [
        "plugin 'p/bad' failed to keep running: OSError: cannot close"
    ]


async def test_a_slow_close(make_plugin: Any) -> None:
    """A provider that does not close in time is cancelled, and named."""

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        yield [ping]
        await anyio.sleep_forever()

    plugin = make_plugin("p", **providers(provider("slow", opening)))
    with anyio.fail_after(5):
        async with open_test_runtime(plugin, config={"stop_timeout": 0.05}) as runtime:
            pass
    assert [str(error) for error in runtime.failures] == [
        "plugin 'p/slow' failed to keep running: TimeoutError: did not close within 0.05 s and was cancelled"
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "p must bring a sequence of Tool objects, not NoneType"),
        ("ping", "p must bring a sequence of Tool objects, not str"),
        ([lambda: None], "p must bring Tool objects, not function; functions need @tool"),
    ],
)
async def test_what_a_provider_opens_with_must_be_tools(make_plugin: Any, value: Any, reason: str) -> None:
    """A provider that yields anything else than tools does not start, and closes again."""
    closed = anyio.Event()

    @asynccontextmanager
    async def opening(context: ProviderContext) -> AsyncGenerator[Any]:
        yield value
        closed.set()

    plugin = make_plugin("p", **providers(provider("p", opening)))
    async with open_test_runtime(plugin, strict=False) as runtime:
        assert [str(error) for error in runtime.failures] == [f"plugin 'p' failed to start: {reason}"]
    assert closed.is_set()


@pytest.mark.parametrize(
    "schemas", [{"input_schema": {"type": 12}}, {"output_schema": {"type": "object", "properties": 1}}]
)
async def test_a_bad_schema(make_plugin: Any, schemas: dict[str, Any]) -> None:
    """A tool written by hand with a broken schema keeps its provider from starting; the tool is named."""

    async def invoke(arguments: Any, context: Any) -> ToolResult:
        return ToolResult()

    bad = Tool(**{"name": "bad", "description": "", "input_schema": {"type": "object"}, "invoke": invoke, **schemas})
    kind = next(iter(schemas)).removesuffix("_schema")
    async with open_test_runtime(make_plugin("p", ping, bad), strict=False) as runtime:
        (found,) = runtime.failures
        assert names(runtime) == []
    assert str(found).startswith(f"plugin 'p' failed to start: the {kind} schema of tool 'bad' of p is wrong: ")


async def test_a_name_conflict_has_a_certain_loser(make_plugin: Any) -> None:
    """Of two providers with one tool name the first in sorted order keeps it, however long each takes to open."""
    second_open = anyio.Event()

    @asynccontextmanager
    async def slow(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        await second_open.wait()
        yield [ping]

    @asynccontextmanager
    async def fast(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        second_open.set()
        yield [ping]

    one = make_plugin("one", **providers(provider("x", slow)))
    two = make_plugin("two", **providers(provider("x", fast)))
    async with open_test_runtime(two, one, strict=False) as runtime:
        assert [(entry.name, entry.owner.plugin) for entry in runtime.tools] == [("x_ping", "one")]
        (found,) = runtime.failures
    assert str(found) == (
        "plugin 'two/x' failed to start: tool name 'x_ping' of two/x is already taken by one/x; "
        "set plugins.two.prefix to another prefix, or disable one of them"
    )


async def test_the_prefix_in_the_config_resolves_a_conflict(make_plugin: Any) -> None:
    """The setting that the conflict's message names does what it says, even where the provider wants a prefix."""
    one = make_plugin("one", **providers(ToolProvider.of("x", [ping], prefix="same")))
    two = make_plugin("two", **providers(ToolProvider.of("y", [ping], prefix="same")))
    async with open_test_runtime(one, two, config={"plugins": {"two": {"prefix": "other"}}}) as runtime:
        assert names(runtime) == ["other_ping", "same_ping"]


async def test_publishing_other_tools(make_plugin: Any) -> None:
    """An open provider may replace its tools; a conflict changes nothing and is told to the provider."""
    contexts: dict[str, ProviderContext] = {}

    def publisher(name: str) -> Open:
        @asynccontextmanager
        async def opening(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
            contexts[name] = context
            yield [ping]

        return opening

    @tool(name="echo")
    def echo(text: str) -> str:
        """Say it again."""
        return text

    plugin = make_plugin(
        "p", **providers(*[provider(name, publisher(name), prefix="same" * (name == "b")) for name in "ab"])
    )
    async with open_test_runtime(plugin) as runtime:
        assert names(runtime) == ["ping", "same_ping"]
        await contexts["a"].publish([echo])
        assert names(runtime) == ["echo", "same_ping"]
        with pytest.raises(Exception, match="'echo' of p/a is already taken by p/a"):
            await contexts["a"].publish([echo, echo])
        assert names(runtime) == ["echo", "same_ping"]
    await contexts["a"].publish([ping])
    assert names(runtime) == []


async def test_publishing_while_others_open(make_plugin: Any) -> None:
    """Tools that are published before everyone is open take part in conflicts in sorted order, like all others."""
    published = anyio.Event()

    @asynccontextmanager
    async def early(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        async with anyio.create_task_group() as tasks:

            async def publish() -> None:
                await context.publish([ping])
                published.set()

            tasks.start_soon(publish)
            yield []

    @asynccontextmanager
    async def late(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        await published.wait()
        yield [ping]

    one = make_plugin("one", **providers(provider("x", late)))
    two = make_plugin("two", **providers(provider("x", early)))
    async with open_test_runtime(one, two, strict=False) as runtime:
        assert [(entry.name, entry.owner.plugin) for entry in runtime.tools] == [("x_ping", "one")]
