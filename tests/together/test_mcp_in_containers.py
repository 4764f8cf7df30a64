"""A third-party MCP server in a container, through a whole runtime."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

from massgen_core.runtime import open_runtime
from massgen_core.sandbox import SandboxBackend

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(900)]


@pytest.fixture
def anyio_backend() -> str:
    """The Docker backend needs asyncio."""
    return "asyncio"


async def test_a_package_becomes_an_image_and_answers(tmp_path: Path) -> None:
    """The image is built or found, the version locked, the container held to its limits."""
    config = tmp_path / "massgen.toml"
    config.write_text('[servers.time]\npackage = "uvx:mcp-server-time"\nmemory = "256MiB"\n')
    async with open_runtime(config) as runtime, runtime.session() as session:
        result = await session.call("time_get_current_time", {"timezone": "UTC"})
        assert json.loads(result.text)["timezone"] == "UTC"
        (sandbox,) = runtime.service(SandboxBackend, "docker").sandboxes
        limits = (await sandbox.inspect()).limits
        assert "256" in limits["memory"]
        assert limits["network"] == "none"
    assert 'package."uvx:mcp-server-time"' in (tmp_path / "massgen.lock").read_text()


async def test_a_container_that_is_killed_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call in flight fails by name, the next one waits for the new container."""
    monkeypatch.chdir(tmp_path)  # where the lock file goes
    servers = {"time": {"package": "uvx:mcp-server-time", "protocol": "2026-07-28"}}
    async with open_runtime({"servers": servers}) as runtime, runtime.session() as session:
        backend = runtime.service(SandboxBackend, "docker")
        (sandbox,) = backend.sandboxes
        await sandbox.main.kill()
        await sandbox.main.wait()
        with anyio.fail_after(60):
            result = await session.call("time_get_current_time", {"timezone": "UTC"})
            while result.is_error:
                assert "the server ended" in result.text
                result = await session.call("time_get_current_time", {"timezone": "UTC"})
        assert [other.id for other in backend.sandboxes] != [sandbox.id]
