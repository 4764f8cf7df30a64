"""A runtime opens what is enabled, survives what fails, and closes everything in reverse order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel

from massgen_core import (
    STRICT,
    ConfigError,
    Middleware,
    PluginError,
    ProviderContext,
    Runtime,
    Service,
    ServiceProvider,
    Settings,
    Tool,
    ToolNotFound,
    ToolProvider,
    ToolResult,
    open_runtime,
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
    """Providers may hold task groups; they open all at once, and close one after another in reverse sorted order."""
    events: list[str] = []
    plugin = make_plugin("p", **providers(*[provider(name, recorded(events, name)) for name in "ab"]))
    async with open_test_runtime(plugin) as runtime:
        assert names(runtime) == ["a_ping", "b_ping"]
    assert events[2:] == ["close b", "close a"]


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


async def test_nothing_can_be_called_after_the_end(make_plugin: Any) -> None:
    """A closed runtime has no tools."""
    async with open_test_runtime(make_plugin("p", ping)) as runtime:
        assert names(runtime) == ["p_ping"]
    assert names(runtime) == []


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
    with pytest.raises(ConfigError, match=r"plugins\.imaeg: no plugin named 'imaeg' is installed; there are: mcp, p"):
        async with open_test_runtime(make_plugin("p", ping), config={"plugins": {"imaeg": {}}}):
            pytest.fail("it must not open")
