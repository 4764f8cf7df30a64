"""Tests of servers that die: what their callers hear, and how they come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core.errors import McpConnectionClosed
from massgen_core.mcp.provider import Restarts

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
