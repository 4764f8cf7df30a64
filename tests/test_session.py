"""A session is one agent's view of a runtime: what it sees, how it streams, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, get_args

import anyio
import pytest

from massgen_core import ConfigError, Progress, Text, ToolContext, ToolFailed, ToolResult, tool
from massgen_core.formats import Format
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


@tool
def ping() -> str:
    """Answer."""
    return "pong"


@tool
async def count(to: int) -> AsyncGenerator[Any]:
    """Count."""
    for number in range(to):
        yield Progress(done=number)
    yield "done"


class Endless:
    """A tool that runs until it is cancelled, and says when it began and ended."""

    def __init__(self) -> None:
        self.began, self.ended = anyio.Event(), anyio.Event()

        @tool(name="endless")
        async def endless(context: ToolContext) -> None:
            """Report and run for ever."""
            try:
                await context.report(Progress(done=0))
                self.began.set()
                await anyio.sleep_forever()
            finally:
                self.ended.set()

        self.tool = endless


async def test_what_a_session_shows(make_plugin: Any) -> None:
    """Its tools are sorted, in every format, and only those that its agent may see."""
    config = {"agents": {"a": {"tools": ["p_p*"]}}}
    async with (
        open_test_runtime(make_plugin("p", ping, count), config=config) as runtime,
        runtime.session() as everything,
        runtime.session(agent="a") as some,
    ):
        assert [entry.name for entry in everything.tools] == ["p_count", "p_ping"]
        assert [entry.name for entry in some.tools] == ["p_ping"]
        for name in get_args(Format):
            assert len(some.tool_schemas(name)) == 1
        assert (some.agent, everything.agent) == ("a", None)
        assert some.id != everything.id


async def test_an_agent_that_the_config_does_not_know(make_plugin: Any) -> None:
    """A misspelt agent is refused instead of being allowed everything; without agents any name will do."""
    plugin = make_plugin("p", ping)
    async with open_test_runtime(plugin, config={"agents": {"writer": {}, "reader": {}}}) as runtime:
        with pytest.raises(ConfigError, match=r"agents\.wirter: no such agent") as caught:
            async with runtime.session(agent="wirter"):
                pytest.fail("it must not open")
    assert caught.value.cure == "Add a section for it, or use one of: reader, writer."
    async with open_test_runtime(plugin) as runtime, runtime.session(agent="anybody") as session:
        assert (await session.call("p_ping")).text == "pong"


async def test_the_workspace_is_absolute(make_plugin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative workspace is resolved once, when the session opens."""
    monkeypatch.chdir(tmp_path)
    async with open_test_runtime(make_plugin("p", ping)) as runtime, runtime.session(workspace="site") as session:
        monkeypatch.chdir("/")
        assert session.workspace == tmp_path / "site"


async def test_closing_cancels_calls(make_plugin: Any) -> None:
    """Leaving a session stops its calls, which get a result that says so; later calls are refused."""
    endless, results = Endless(), list[ToolResult]()
    async with open_test_runtime(make_plugin("p", endless.tool, ping)) as runtime:
        async with (
            anyio.create_task_group() as tasks,
            runtime.session() as session,
            runtime.session() as other,
        ):

            async def call() -> None:
                results.append(await session.call("p_endless"))

            tasks.start_soon(call)
            await endless.began.wait()
            await session.close()
            with anyio.fail_after(5):
                await endless.ended.wait()
            assert (await other.call("p_ping")).text == "pong"
        assert results[0].text == "the session was closed during the call"
        after = await session.call("p_ping")
    assert isinstance(after.error, ToolFailed)
    assert after.text == "the session is closed"


async def test_streaming(make_plugin: Any) -> None:
    """A stream gives what the tool reports, in order, and its result at last."""
    async with (
        open_test_runtime(make_plugin("p", count)) as runtime,
        runtime.session() as session,
        session.stream("p_count", {"to": 2}) as events,
    ):
        seen = [event async for event in events]
    assert seen[:-1] == [Progress(done=0), Progress(done=1), Text(text="done")]
    assert isinstance(seen[-1], ToolResult)
    assert seen[-1].text == "done"


async def test_streaming_what_fails(make_plugin: Any) -> None:
    """A call that fails streams its error result and nothing else."""
    async with (
        open_test_runtime(make_plugin("p", count)) as runtime,
        runtime.session() as session,
        session.stream("p_count", {"to": "x"}) as events,
    ):
        (only,) = [event async for event in events]
    assert isinstance(only, ToolResult)
    assert only.is_error


async def test_leaving_a_stream_early(make_plugin: Any) -> None:
    """A consumer that has seen enough stops the tool by leaving."""
    endless = Endless()
    async with open_test_runtime(make_plugin("p", endless.tool)) as runtime, runtime.session() as session:
        with anyio.fail_after(5):
            async with session.stream("p_endless") as events:
                async for _ in events:
                    break
            await endless.ended.wait()


async def test_an_error_while_streaming(make_plugin: Any) -> None:
    """What the consumer raises leaves bare, and stops the tool."""
    endless, error = Endless(), KeyError("mine")
    async with open_test_runtime(make_plugin("p", endless.tool)) as runtime, runtime.session() as session:

        async def consume() -> None:
            async with session.stream("p_endless") as events:
                async for _ in events:
                    raise error

        with pytest.raises(KeyError) as caught:
            await consume()
        with anyio.fail_after(5):
            await endless.ended.wait()
    assert caught.value is error


async def test_cancelling_a_stream(make_plugin: Any) -> None:
    """A consumer that is cancelled stops the tool."""
    endless = Endless()
    async with open_test_runtime(make_plugin("p", endless.tool)) as runtime, runtime.session() as session:
        with anyio.CancelScope() as scope:
            async with session.stream("p_endless") as events:
                async for _ in events:
                    scope.cancel()
        assert scope.cancelled_caught
        with anyio.fail_after(5):
            await endless.ended.wait()


async def test_closing_the_session_ends_its_streams(make_plugin: Any) -> None:
    """A stream of a session that is closed ends with a result that says so."""
    endless = Endless()
    async with (
        open_test_runtime(make_plugin("p", endless.tool)) as runtime,
        runtime.session() as session,
        session.stream("p_endless") as events,
    ):
        with anyio.fail_after(5):
            seen = []
            async for event in events:
                seen.append(event)
                await session.close()
    assert isinstance(seen[-1], ToolResult)
    assert seen[-1].text == "the session was closed during the call"
