"""Tests of servers that die: what their callers hear, and how they come back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core.errors import ArgumentsInvalid, McpConnectionClosed
from massgen_core.mcp.provider import Restarts
from massgen_core.runtime import open_runtime

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("text", "reason"), [("die", "exit code 3"), ("half", "exit code 4")])
async def test_a_call_in_flight_fails_by_name_and_the_next_one_works(open_toy: Any, text: str, reason: str) -> None:
    """The error has exit code and stderr; the server is started again, and the call is not sent again."""
    async with open_toy("dies") as server:
        with pytest.raises(McpConnectionClosed, match=f"the server ended: {reason}") as caught:
            await server.echo(text)
        if text == "die":
            assert "fatal: out of cheese" in str(caught.value)
        assert (await server.echo("fine")).text == "fine"
        assert sum("it is started again in 0.01 s" in line for line in server.host.lines) == 1


async def test_a_server_that_hangs_after_a_call_was_given_up_is_ended(open_toy: Any) -> None:
    """One that works on regardless and gives no sign of life is started again, so that the next call is answered."""
    restarts = Restarts(first=0.01, patience=0.2)
    async with open_toy("rough", restarts=restarts) as server:
        with anyio.move_on_after(0.2) as given_up:
            await server.echo("sleep")
        assert given_up.cancelled_caught
        assert (await server.echo("fine")).text == "fine"
        assert "no sign of life within 0.2 s after a call was given up" in server.host.lines[0]


async def test_a_server_that_lives_is_not_ended_for_a_call_that_was_given_up(open_toy: Any) -> None:
    """Whoever answers a ping, or another call meanwhile, is left alone."""
    async with open_toy("cancel", restarts=Restarts(first=0.01, patience=0.2)) as server:
        with anyio.move_on_after(0.1):
            await server.echo("wait")
        await anyio.sleep(0.4)  # twice its patience
        assert len(json.loads((await server.echo("?")).text)["waiting"]) == 1
        assert server.host.lines == []


async def test_an_idle_server_that_hangs_is_found(open_toy: Any) -> None:
    """One that gives no sign of life while nobody calls it is started again, where that is asked for."""
    restarts = Restarts(first=0.01, patience=0.2)
    async with open_toy("hangs", restarts=restarts, health_interval=0.1) as server:
        first = (await server.echo("hang")).text
        with anyio.fail_after(10):
            while not server.host.lines:  # noqa: ASYNC110, nothing else tells
                await anyio.sleep(0.01)
        assert "no sign of life within 0.2 s while it was idle; it is started again" in server.host.lines[0]
        assert (await server.echo("fine")).text != first


async def test_an_idle_server_that_lives_is_left_alone(open_toy: Any) -> None:
    """It is asked again and again, and stays."""
    async with open_toy("hangs", restarts=Restarts(patience=5), health_interval=0.02) as server:
        first = (await server.echo("fine")).text
        await anyio.sleep(0.3)  # a dozen questions
        assert (await server.echo("fine")).text == first
        assert server.host.lines == []


async def test_a_server_that_cannot_come_back_is_given_up(open_toy: Any, tmp_path: Path) -> None:
    """After the last attempt the provider ends with the reason, and nobody waits for the server any more."""
    broken = tmp_path / "broken"
    outcomes: list[str] = []

    async def call(server: Any, text: str) -> None:
        try:
            await server.echo(text)
        except McpConnectionClosed as error:
            outcomes.append(str(error).partition("\n")[0])

    async with anyio.create_task_group() as tasks:

        async def use_it() -> None:
            async with open_toy("dies", str(broken)) as server:
                broken.touch()
                await call(server, "die")
                tasks.start_soon(call, server, "fine")
                await anyio.sleep_forever()

        with pytest.raises(McpConnectionClosed, match="exit code 5"):
            await use_it()
    assert outcomes == [
        "MCP server 'toy': the server ended: exit code 3",
        "MCP server 'toy': it is not running any more",
    ]


async def test_a_call_waits_for_the_restart_within_its_own_time(open_toy: Any) -> None:
    """While the server is away a call waits, and gives up when its own time is over."""
    async with open_toy("dies", restarts=Restarts(first=3600, longest=3600)) as server:
        with pytest.raises(McpConnectionClosed):
            await server.echo("die")
        with anyio.move_on_after(0.2) as scope:
            await server.echo("fine")
        assert scope.cancelled_caught


async def test_secrets_are_struck_out_of_last_words(open_toy: Any) -> None:
    """A server that prints its token gives it away to nobody."""
    async with open_toy("dies", env={"TOKEN": "correct-horse"}) as server:
        with pytest.raises(McpConnectionClosed, match=r"out of cheese, token \*\*\*") as caught:
            await server.echo("die")
        assert "correct-horse" not in str(caught.value)


async def test_servers_stand_in_a_runtime_beside_each_other(settings_file: Path) -> None:
    """One that fails is reported with its stage and last words; calls of the other give results, errors included."""
    async with open_runtime(settings_file, installed=False) as runtime, runtime.session() as session:
        assert [entry.name for entry in runtime.tools] == ["good_echo"]
        (failure,) = runtime.failures
        assert (failure.subject, failure.stage) == ("mcp/broken", "start")
        assert "No module named 'cheese'" in str(failure)
        assert (await session.call("good_echo", {"text": "x"})).text == "x"
        refused = await session.call("good_echo", {"text": 1})
        assert "text: 1 is not of type 'string'" in refused.text
        assert isinstance(refused.error, ArgumentsInvalid)
        lost = await session.call("good_echo", {"text": "die"})
        assert lost.is_error
        assert "the server ended: exit code 3" in lost.text
        assert (await session.call("good_echo", {"text": "y"})).text == "y"


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """An `mcpServers` file as other clients keep it, with one good server and one that does not start."""
    servers = Path(__file__).parent / "servers"
    host = {"command": sys.executable, "type": "stdio", "autoApprove": ["echo"], "sandbox": "none"}
    good = {**host, "args": [str(servers / "dies.py")]}
    broken = {**host, "args": [str(servers / "exits.py")], "required": False}
    off = {**host, "disabled": True}
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"good": good, "broken": broken, "off": off}}))
    return path
