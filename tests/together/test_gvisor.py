"""MCP servers that other people wrote, under gVisor: built, proved, started and called like under any other runtime."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import anyio
import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect

import massgen_core

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
async def listed() -> None:
    """Skip where the engine has no gVisor; fail where an engine with everything was promised."""
    async with connect(DockerConfig()) as engine:
        if "runsc" in ((await engine.info()).get("Runtimes") or ()):
            return
    problem = "the engine has no OCI runtime 'runsc'"
    if os.environ.get("MASSGEN_REQUIRE_DOCKER") == "1":
        pytest.fail(f"MASSGEN_REQUIRE_DOCKER=1, but {problem}", pytrace=False)
    pytest.skip(problem)


@pytest.mark.parametrize(
    ("package", "tool", "arguments", "words"),
    [
        ("uvx:mcp-server-time", "get_current_time", {"timezone": "UTC"}, '"timezone": "UTC"'),
        ("npx:@modelcontextprotocol/server-everything", "echo", {"message": "hello"}, "Echo: hello"),
    ],
    ids=["Python", "Node.js"],
)
async def test_a_server_under_gvisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    """A server answers, and its container runs under the runtime that was asked for."""
    monkeypatch.chdir(tmp_path)  # where the lock file goes
    servers = {"s": {"package": package, "runtime": "runsc"}}
    async with massgen_core.open_runtime({"servers": servers}, strict=True) as runtime, runtime.session() as session:
        assert words in (await session.call(f"s_{tool}", arguments)).text
        (sandbox,) = runtime.service(massgen_core.SandboxBackend, "docker").sandboxes
        assert (await sandbox.inspect()).limits["runtime"] == "runsc"
        kernel = (await sandbox.exec(["cat", "/proc/version"], deadline=30)).stdout.decode()
    assert kernel.split()[2] != platform.release()


async def test_a_runtime_that_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `required = false` a server runs without the runtime, which its findings say."""
    monkeypatch.chdir(tmp_path)
    server = {"package": "uvx:mcp-server-time", "runtime": {"name": "no-such", "required": False}}
    async with massgen_core.open_runtime({"servers": {"time": server}}) as runtime, runtime.session() as session:
        result = await session.call("time_get_current_time", {"timezone": "UTC"})
        assert json.loads(result.text)["timezone"] == "UTC"
        (sandbox,) = runtime.service(massgen_core.SandboxBackend, "docker").sandboxes
        findings = {finding.name: finding for finding in (await sandbox.inspect()).findings}
    assert not findings["runtime"].ok
    assert "the engine has no 'no-such'" in findings["runtime"].detail


async def test_a_runtime_that_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that names a runtime does not start without it."""
    monkeypatch.chdir(tmp_path)
    servers = {"time": {"package": "uvx:mcp-server-time", "runtime": "no-such"}}
    with pytest.raises(massgen_core.PluginError, match="the engine has no OCI runtime 'no-such'; it lists"):
        async with massgen_core.open_runtime({"servers": servers}):
            pass


async def test_a_server_whose_time_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that its limit ended says so, and is started again by the next call."""
    monkeypatch.chdir(tmp_path)
    servers = {"time": {"package": "uvx:mcp-server-time", "lifetime": 8}}
    async with massgen_core.open_runtime({"servers": servers}) as runtime, runtime.session() as session:
        (sandbox,) = runtime.service(massgen_core.SandboxBackend, "docker").sandboxes
        with anyio.fail_after(60):
            assert (await sandbox.main.wait()).reason == "ran longer than 8 s (`lifetime`)"
            result = await session.call("time_get_current_time", {"timezone": "UTC"})
            while result.is_error:
                assert "ran longer than 8 s (`lifetime`)" in result.text
                result = await session.call("time_get_current_time", {"timezone": "UTC"})
