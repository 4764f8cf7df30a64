"""Hostile servers in real containers: each ends in a named error, its neighbour works on, and nothing is left."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
import structlog

import massgen_core

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(150)]

SECRET = "Xk7-never-to-be-shown-9Qz"
"""A value that is given to servers; wherever it turns up, something leaks."""

MIB = 1024 * 1024


@pytest.fixture
def beside_calm(open_runtime: Any, make_server: Any, tmp_path: Path) -> Any:
    """Open a runtime with the server `rogue` and the server `calm`; in the end `calm` must still answer."""

    @asynccontextmanager
    async def opened(script: str, *arguments: str, **settings: Any) -> AsyncGenerator[massgen_core.Runtime]:
        servers = {
            "rogue": make_server(script, *arguments, **{"required": False, **settings}),
            "calm": make_server("plain"),
        }
        config = {"servers": servers, "audit": {"path": str(tmp_path / "audit.jsonl")}}
        async with open_runtime(config) as runtime:
            yield runtime
            assert (await call(runtime, "calm_echo", text="still here")).text == "still here"

    return opened


async def call(runtime: massgen_core.Runtime, name: str, **arguments: Any) -> massgen_core.ToolResult:
    async with runtime.session() as session:
        return await session.call(name, arguments, timeout=60)


def peak_memory(*, reset: bool = False) -> int:
    """The most memory that this process has held since the last reset, in bytes (proc_pid_status(5))."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


UNUSABLE: Mapping[str, tuple[str, str]] = {
    "silent": ("did not answer within 4 s (`start_timeout`)", "waiting for the database"),
    "exits": ("the server ended: ended with exit code 7", "No module named 'cheese'"),
}


@pytest.mark.parametrize("script", UNUSABLE)
async def test_a_server_that_does_not_come_up(beside_calm: Any, script: str) -> None:
    """It is named with what it wrote instead, and whoever is beside it works."""
    async with beside_calm(script, start_timeout=4) as runtime:
        (failure,) = runtime.failures
        assert (failure.plugin, failure.provider, failure.stage) == ("mcp", "rogue", "start")
        for words in ("plugin 'mcp/rogue' failed to start", *UNUSABLE[script]):
            assert words in str(failure)


async def test_garbage_on_stdout_is_survived(beside_calm: Any) -> None:
    """Banners and progress bars between its messages do a server no harm."""
    async with beside_calm("dirty") as runtime:
        assert (await call(runtime, "rogue_echo", text="hi")).text == "hi"


async def test_an_answer_of_a_gigabyte(beside_calm: Any) -> None:
    """It is cut off at `max_message`, this process stays small, and the restarted server answers again."""
    async with beside_calm("hostile", max_message="16MiB") as runtime:
        before = peak_memory(reset=True)
        result = await call(runtime, "rogue_echo", text="flood")
        assert "MCP server 'rogue': the server sent a message longer than 16777216 bytes" in result.text
        assert "`max_message`" in result.text
        assert peak_memory() - before < 100 * MIB
        assert (await call(runtime, "rogue_echo", text="again")).text == "again"


@pytest.mark.parametrize("words", ["flood", "bomb", "wide", "objects", "notifications", "progress flood"])
async def test_floods_leave_this_process_small(beside_calm: Any, words: str) -> None:
    """With the settings that a user gets: a gigabyte without a line's end, JSON bombs, a hundred thousand messages."""
    async with beside_calm("hostile") as runtime:
        before = peak_memory(reset=True)
        await call(runtime, "rogue_echo", text=words)
        assert peak_memory() - before < 100 * MIB
        assert (await call(runtime, "rogue_echo", text="again")).text == "again"


async def test_an_exit_in_the_middle_of_a_call(beside_calm: Any) -> None:
    """The call ends with the exit code and the last words; it is not made again, the next one is answered."""
    async with beside_calm("dies") as runtime:
        for words, code in (("die", 3), ("half", 4)):
            result = await call(runtime, "rogue_echo", text=words)
            assert isinstance(result.error, massgen_core.ToolFailed)
            assert f"MCP server 'rogue': the server ended: ended with exit code {code}" in result.text
            assert ("fatal: out of cheese" in result.text) == (code == 3)
        assert (await call(runtime, "rogue_echo", text="again")).text == "again"


async def test_ignored_signals_do_not_keep_it_alive(beside_calm: Any) -> None:
    """A server and its child that ignore the end of input and SIGTERM are gone within its `stop_timeout`."""
    async with beside_calm("stubborn", stop_timeout=1) as runtime:
        assert not (await call(runtime, "rogue_echo", text="")).is_error
        closing = anyio.current_time()
    assert anyio.current_time() - closing < 10


async def test_a_flood_on_stderr(beside_calm: Any) -> None:
    """A hundred megabytes there neither stop the call nor stay in memory."""
    async with beside_calm("rough") as runtime:
        before = peak_memory(reset=True)
        assert (await call(runtime, "rogue_echo", text="flood stderr")).text == "flooded"
        assert peak_memory() - before < 50 * MIB


async def test_a_memory_bomb(beside_calm: Any) -> None:
    """The error says which limit it hit; the restarted server answers again."""
    async with beside_calm("rough", memory="48MiB") as runtime:
        result = await call(runtime, "rogue_echo", text="memory bomb")
        assert "MCP server 'rogue': the server ended: out of memory (limit 48 MiB)" in result.text
        assert (await call(runtime, "rogue_echo", text="again")).text == "again"


async def test_a_fork_bomb(beside_calm: Any) -> None:
    """It ends at the limit of processes, all of them go with the server, and the restarted one answers again."""
    async with beside_calm("rough", pids=32) as runtime:
        result = await call(runtime, "rogue_echo", text="fork bomb")
        assert "MCP server 'rogue': the server ended: ended with exit code 9" in result.text
        assert "no more processes" in result.text
        assert (await call(runtime, "rogue_echo", text="again")).text == "again"


async def test_a_call_that_never_ends(beside_calm: Any) -> None:
    """It ends at its time-out, and the server with it, which takes no notice; the restarted one answers again."""
    async with beside_calm("rough") as runtime, runtime.session() as session:
        result = await session.call("rogue_echo", {"text": "sleep"}, timeout=1)
        assert isinstance(result.error, massgen_core.ToolTimeout)
        assert result.text == "rogue_echo did not answer within 1 s and was stopped"
        assert (await session.call("rogue_echo", {"text": "again"}, timeout=60)).text == "again"


@pytest.mark.parametrize("way", ["time-out", "cancellation"])
async def test_a_server_is_told_that_a_call_is_over(open_runtime: Any, make_server: Any, way: str) -> None:
    """The protocol's notice reaches the server in its container, so that it can stop its work."""
    config = {"servers": {"slow": make_server("cancel")}}
    async with open_runtime(config) as runtime, runtime.session() as session:
        if way == "time-out":
            assert (await session.call("slow_echo", {"text": "wait"}, timeout=0.5)).is_error
        else:
            with anyio.move_on_after(0.5):
                await session.call("slow_echo", {"text": "wait"})
        told = json.loads((await session.call("slow_echo", {"text": "?"})).text)
        assert len(told["waiting"]) == 1
        assert told["cancelled"] == told["waiting"]


async def test_a_secret_is_never_shown(open_runtime: Any, make_server: Any, cli: Any, tmp_path: Path) -> None:
    """Not in errors, logs, failures, progress or the audit log, even where the server itself prints it."""
    rogue = make_server("rough", env={"TOKEN": SECRET})
    mute = make_server("exits", SECRET, env={"TOKEN": SECRET}, required=False)
    lines: list[str] = []
    config = {"servers": {"rogue": rogue, "mute": mute}, "audit": {"path": str(tmp_path / "audit.jsonl")}}
    with structlog.testing.capture_logs() as logs:
        async with open_runtime(config, report=lines.append) as runtime:
            result = await call(runtime, "rogue_echo", text="betray")
            assert (await call(runtime, "rogue_echo", text="again")).text == "again"
            shown = [repr(result), repr(result.error), *map(repr, runtime.failures), *map(str, runtime.failures)]
            shown += [repr(runtime.settings), repr(runtime.tools), repr(runtime.plugins)]
    assert "connecting with *** failed" in result.text
    shown += [repr(logs), *lines, (tmp_path / "audit.jsonl").read_text()]
    assert [text for text in shown if SECRET in text] == []


@pytest.mark.parametrize("command", [("docker", "doctor", "--json"), ("tools", "show", "rogue_echo"), ("-v", "tools")])
def test_a_secret_is_not_shown_by_commands(make_server: Any, cli: Any, tmp_path: Path, command: Any) -> None:
    """What people paste into bug reports does not hold it."""
    servers = {"rogue": make_server("rough", env={"TOKEN": SECRET}), "mute": make_server("exits", required=False)}
    servers["mute"]["env"] = {"TOKEN": SECRET}
    (tmp_path / "massgen.json").write_text(json.dumps({"servers": servers}))
    done = cli(*command)
    assert "rogue" in done.out
    assert SECRET not in done.out + done.err
    assert os.environ.get("TOKEN") is None
