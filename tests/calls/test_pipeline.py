"""One call: looked up, validated, permitted, limited in time and number, and always answered by a result."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Annotated, Any

import anyio
import anyio.to_thread
import pytest

from massgen_core import (
    ArgumentsInvalid,
    Call,
    Middleware,
    Next,
    PermissionDenied,
    Progress,
    Role,
    Text,
    Tool,
    ToolContext,
    ToolFailed,
    ToolNotFound,
    ToolProvider,
    ToolResult,
    ToolTimeout,
    tool,
)
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

Around = Callable[[Call, Next], Any]


@tool
def ping() -> str:
    """Answer."""
    return "pong"


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@tool
def save(path: Annotated[str, Role("write")]) -> str:
    """Write a file."""
    return path


def middleware(name: str, around: Around, **settings: Any) -> Middleware:
    return Middleware(name=name, around=around, **settings)


async def test_an_unknown_tool(make_plugin: Any) -> None:
    """A name that does not exist gives an error result with what may have been meant."""
    async with open_test_runtime(make_plugin("p", ping)) as runtime, runtime.session() as session:
        near = await session.call("p_pong")
        far = await session.call("zzz" * 100_000)
    assert isinstance(near.error, ToolNotFound)
    assert near.text == "no tool 'p_pong'; did you mean p_ping?"
    assert far.text.endswith("; there are 1 tools")
    assert len(far.text) < 200


async def test_invalid_arguments(make_plugin: Any) -> None:
    """Arguments that do not fit are refused before the tool runs, in words that name the argument."""
    async with open_test_runtime(make_plugin("p", add)) as runtime, runtime.session() as session:
        assert (await session.call("p_add", {"a": 2})).structured == {"result": 3}
        wrong = await session.call("p_add", {"a": "sk-secret", "c": 1})
    assert isinstance(wrong.error, ArgumentsInvalid)
    assert wrong.error.tool == "p_add"
    assert "a" in wrong.text
    assert "sk-secret" not in wrong.text


async def test_permissions_are_about_what_a_tool_does(make_plugin: Any) -> None:
    """A session that may only read cannot write, whatever the tool is called; what it declares decides."""
    config = {"agents": {"reader": {"allow": ["read", "execute"]}}}
    async with open_test_runtime(make_plugin("p", save, ping), config=config) as runtime:
        async with runtime.session(agent="reader") as session:
            refused = await session.call("p_save", {"path": "x"})
            undeclared = await session.call("p_ping")
        async with runtime.session(agent="reader", allow=["write"]) as session:
            narrowed = await session.call("p_save", {"path": "x"})
        async with runtime.session(allow=["write"]) as session:
            assert (await session.call("p_save", {"path": "x"})).text == "x"
    assert isinstance(refused.error, PermissionDenied)
    assert refused.text == ("p_save is not allowed: the tool may write; this session allows execute, read")
    assert isinstance(undeclared.error, PermissionDenied)  # declares nothing, so it counts as doing everything
    assert narrowed.text == "p_save is not allowed: the tool may write; this session allows nothing"


async def test_hidden_tools_do_not_exist(make_plugin: Any) -> None:
    """A tool that a session cannot see can neither be listed, called, nor guessed."""
    config = {"agents": {"a": {"tools": ["p_*"], "deny": ["*_save"]}}}
    async with (
        open_test_runtime(make_plugin("p", save, ping), config=config) as runtime,
        runtime.session(agent="a") as session,
    ):
        assert [entry.name for entry in session.tools] == ["p_ping"]
        assert [schema["name"] for schema in session.tool_schemas("anthropic")] == ["p_ping"]
        result = await session.call("p_save", {"path": "x"})
    assert isinstance(result.error, ToolNotFound)
    assert "p_save'; " in result.text
    assert "mean p_save" not in result.text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("too small"), "ValueError: too small"),
        (ValueError(), "ValueError"),
        (SystemExit(3), "SystemExit: 3"),
        (ToolFailed("", "said so itself"), "said so itself"),
        (ExceptionGroup("several", [ExceptionGroup("nested", [OSError("disk")])]), "OSError: disk"),
        (BaseExceptionGroup("exits", [SystemExit(4)]), "SystemExit: 4"),
    ],
)
@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_tool_that_raises(make_plugin: Any, error: BaseException, text: str, kind: str) -> None:
    """Whatever a tool raises, `sys.exit` included, is an error result; the cause is kept."""

    def sync_tool() -> None:
        """Raise."""
        raise error

    async def async_tool() -> None:
        """Raise."""
        raise error

    chosen = tool(name="bad")(sync_tool if kind == "sync" else async_tool)
    async with open_test_runtime(make_plugin("p", chosen)) as runtime, runtime.session() as session:
        result = await session.call("p_bad")
    assert isinstance(result.error, ToolFailed)
    assert (result.error.tool, result.text) == ("p_bad", text)


async def test_a_tool_that_returns_no_result(make_plugin: Any) -> None:
    """A tool written by hand that breaks its contract fails by that, not somewhere later."""

    async def invoke(arguments: Mapping[str, Any], context: ToolContext) -> Any:
        return "text"

    bad = Tool(name="bad", description="", input_schema={"type": "object"}, invoke=invoke)
    async with open_test_runtime(make_plugin("p", bad)) as runtime, runtime.session() as session:
        assert (await session.call("p_bad")).text == "TypeError: it returned str, not a ToolResult"


async def test_a_timeout_stops_the_work(make_plugin: Any) -> None:
    """A call that runs out of time is cancelled inside the tool before the caller has its answer."""
    stopped = anyio.Event()

    @tool(timeout=0.05)
    async def slow() -> None:
        """Take for ever."""
        try:
            await anyio.sleep_forever()
        finally:
            stopped.set()

    async with open_test_runtime(make_plugin("p", slow)) as runtime, runtime.session() as session:
        with anyio.fail_after(5):
            result = await session.call("p_slow")
        assert stopped.is_set()
    assert isinstance(result.error, ToolTimeout)
    assert result.text == "p_slow did not answer within 0.05 s and was stopped"


async def test_a_timeout_of_a_sync_tool(make_plugin: Any) -> None:
    """A thread cannot be killed: the caller is answered in time, and the function learns that nobody waits."""
    began, learnt = threading.Event(), threading.Event()

    @tool
    def slow() -> None:
        """Take until told."""
        began.set()
        try:
            while True:
                anyio.from_thread.check_cancelled()
        finally:
            learnt.set()

    async with open_test_runtime(make_plugin("p", slow)) as runtime, runtime.session() as session:
        with anyio.fail_after(5):
            result = await session.call("p_slow", timeout=0.05)
        assert isinstance(result.error, ToolTimeout)
        assert await anyio.to_thread.run_sync(learnt.wait, 5)


async def test_a_thread_left_behind_reports_to_nobody(make_plugin: Any) -> None:
    """What a sync tool reports after its call ran out of time reaches no one: the caller has its answer."""
    go, done = threading.Event(), threading.Event()
    events: list[Any] = []

    @tool(timeout=0.05)
    def slow(context: ToolContext) -> None:
        """Report late."""
        go.wait(20)
        try:
            context.report_from_thread(Progress(done=1))
        finally:
            done.set()

    async def note(event: Any) -> None:
        events.append(event)

    async with open_test_runtime(make_plugin("p", slow)) as runtime, runtime.session() as session:
        result = await session.call("p_slow", on_event=note)
        assert isinstance(result.error, ToolTimeout)
        go.set()
        with anyio.fail_after(10):
            await anyio.to_thread.run_sync(done.wait)
    assert events == []


async def test_which_timeout_counts(make_plugin: Any) -> None:
    """The config's time-out for a plugin goes before a tool's own; a caller can only shorten it."""
    seen: list[float | None] = []

    @tool(timeout=50)
    async def look(context: ToolContext) -> None:
        """Note the time that is left."""
        seen.append(context.deadline)

    plugin = make_plugin("p", look)
    async with open_test_runtime(plugin, config={"call_timeout": 10}) as runtime, runtime.session() as session:
        await session.call("p_look")
        await session.call("p_look", timeout=5)
        await session.call("p_look", timeout=500)
    config = {"plugins": {"p": {"call_timeout": 20}}}
    async with open_test_runtime(plugin, config=config) as runtime, runtime.session() as session:
        await session.call("p_look")
    assert [round(left or 0) for left in seen] == [50, 5, 50, 20]


@pytest.mark.parametrize(
    ("settings", "config"),
    [({"concurrency": 2}, {}), ({}, {"concurrency": 2}), ({}, {"plugins": {"p": {"concurrency": 2}}})],
    ids=["tool", "runtime", "plugin"],
)
@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_concurrency_limits(
    make_plugin: Any, settings: dict[str, Any], config: dict[str, Any], kind: str
) -> None:
    """No more calls run at once than the tool, its plugin or the runtime allows."""
    lock, running, most = threading.Lock(), 0, 0

    def enter(step: int) -> None:
        nonlocal running, most
        with lock:
            running += step
            most = max(most, running)

    def sync_tool() -> None:
        """Run for a moment."""
        enter(1)
        threading.Event().wait(0.01)
        enter(-1)

    async def async_tool() -> None:
        """Run for a moment."""
        enter(1)
        await anyio.wait_all_tasks_blocked()
        enter(-1)

    busy = tool(name="busy", **settings)(sync_tool if kind == "sync" else async_tool)
    async with (
        open_test_runtime(make_plugin("p", busy), config=config) as runtime,
        runtime.session() as session,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(8):
            tasks.start_soon(session.call, "p_busy")
    assert (most, running) == (2, 0)


async def test_nested_calls(make_plugin: Any) -> None:
    """A tool may call other tools through a session; a limit that is too small ends in a time-out, not a hang."""
    sessions: list[Any] = []

    @tool
    async def outer() -> str:
        """Call another tool."""
        return (await sessions[0].call("p_ping", timeout=0.1)).text

    for concurrency, text in ((2, "pong"), (1, "p_ping did not answer within 0.1 s and was stopped")):
        config = {"concurrency": concurrency}
        async with (
            open_test_runtime(make_plugin("p", outer, ping), config=config) as runtime,
            runtime.session() as session,
        ):
            sessions[:] = [session]
            with anyio.fail_after(5):
                assert (await session.call("p_outer")).text == text


async def test_the_order_of_middlewares(make_plugin: Any) -> None:
    """Lower order is further out, then the name; outer ones see what is refused, the others what is permitted."""
    seen: list[str] = []

    def noting(name: str, **settings: Any) -> Middleware:
        async def around(call: Call, following: Next) -> ToolResult:
            seen.append(f"{name} {call.arguments}")
            result = await following(call)
            seen.append(f"{name} {result.text[:9]}")
            return result

        return middleware(name, around, **settings)

    found = [noting("b"), noting("a"), noting("early", order=-1), noting("outer", outer=True, order=5)]
    plugin = make_plugin(
        "p",
        massgen_middlewares=lambda: found,
        massgen_providers=lambda: [ToolProvider.of("p", [add])],
    )
    async with open_test_runtime(plugin) as runtime, runtime.session() as session:
        await session.call("p_add", {"a": 1})
        await session.call("p_add", {"a": "one"})
        await session.call("p_nothing", {})
    raw, full = "{'a': 1}", "{'a': 1}"
    assert seen[:8] == [
        f"outer {raw}", f"early {full}", f"a {full}", f"b {full}", "b 2", "a 2", "early 2", "outer 2",
    ]  # fmt: skip
    assert seen[8:] == ["outer {'a': 'one'}", f"outer {seen[9][6:]}", "outer {}", "outer no tool '"]


async def test_a_middleware_may_answer_itself(make_plugin: Any) -> None:
    """A middleware can refuse, replace arguments, or not call on at all."""

    async def refuse(call: Call, following: Next) -> ToolResult:
        raise PermissionDenied(call.name, "not today")

    plugin = make_plugin(
        "p",
        massgen_middlewares=lambda: [middleware("approval", refuse)],
        massgen_providers=lambda: [ToolProvider.of("p", [ping])],
    )
    async with open_test_runtime(plugin) as runtime, runtime.session() as session:
        result = await session.call("p_ping")
    assert isinstance(result.error, PermissionDenied)
    assert result.text == "not today"


async def _raises(call: Call, following: Next) -> ToolResult:
    raise KeyError("oops")


async def _exits(call: Call, following: Next) -> ToolResult:
    sys.exit(2)


async def _forgets(call: Call, following: Next) -> Any:
    await following(call)


@pytest.mark.parametrize(
    ("around", "text"),
    [
        (_raises, "middleware 'm' failed: KeyError: 'oops'"),
        (_exits, "middleware 'm' failed: SystemExit: 2"),
        (_forgets, "middleware 'm' failed: TypeError: it returned NoneType, not a ToolResult"),
    ],
)
@pytest.mark.parametrize("outer", [True, False])
async def test_a_middleware_that_fails(make_plugin: Any, around: Around, text: str, outer: bool) -> None:
    """A middleware that raises, exits or forgets the result fails the call, and is named."""
    plugin = make_plugin(
        "p",
        massgen_middlewares=lambda: [middleware("m", around, outer=outer)],
        massgen_providers=lambda: [ToolProvider.of("p", [ping])],
    )
    async with open_test_runtime(plugin) as runtime, runtime.session() as session:
        result = await session.call("p_ping")
    assert isinstance(result.error, ToolFailed)
    assert result.text == text


async def test_cancelling_the_caller(make_plugin: Any) -> None:
    """Cancelling the task that calls cancels the tool; it is no result."""
    started, stopped = anyio.Event(), anyio.Event()

    @tool
    async def slow() -> None:
        """Take for ever."""
        started.set()
        try:
            await anyio.sleep_forever()
        finally:
            stopped.set()

    async with (
        open_test_runtime(make_plugin("p", slow)) as runtime,
        runtime.session() as session,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(session.call, "p_slow")
        await started.wait()
        tasks.cancel_scope.cancel()
    assert stopped.is_set()


async def test_events_reach_the_caller(make_plugin: Any) -> None:
    """Progress and early parts are handed over while the tool runs; all parts together are the result."""

    @tool
    async def stream() -> AsyncGenerator[Any]:
        """Stream."""
        yield Progress(done=1, total=2, message="half")
        yield "first"
        yield Text(text="second")

    seen: list[Any] = []

    async def note(event: Any) -> None:
        seen.append(event)

    async with open_test_runtime(make_plugin("p", stream)) as runtime, runtime.session() as session:
        result = await session.call("p_stream", on_event=note)
    assert seen == [Progress(done=1, total=2, message="half"), Text(text="first"), Text(text="second")]
    assert result.text == "first\nsecond"


async def test_the_context_of_a_call(make_plugin: Any, tmp_path: Any) -> None:
    """A tool learns under which name, for whom and where it runs."""

    @tool
    async def who(context: ToolContext) -> list[str]:
        """Tell."""
        return [context.tool, str(context.agent), context.session_id, str(context.workspace)]

    async with (
        open_test_runtime(make_plugin("p", who)) as runtime,
        runtime.session(agent="writer", workspace=tmp_path) as session,
    ):
        result = await session.call("p_who")
    assert result.structured == {"result": ["p_who", "writer", session.id, str(tmp_path)]}
