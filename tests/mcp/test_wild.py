"""Tests of servers that nobody here wrote: one from PyPI on this host, and in a container."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core.mcp.provider import serve
from massgen_core.mcp.settings import ServerSettings
from massgen_core.runtime import open_runtime
from massgen_core.sandbox import SandboxBackend

pytestmark = pytest.mark.anyio

TIME = "mcp-server-time==2026.10.19"


@pytest.fixture(scope="module")
def time_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of `mcp-server-time`, installed into an environment of its own."""
    folder = tmp_path_factory.mktemp("time")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([scripts / "python", "-m", "pip", "install", "-q", TIME], check=True)
    return scripts / "mcp-server-time"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("protocol", "spoken"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_a_server_from_pypi_tells_the_time(
    time_server: Path, host: Any, use: Any, protocol: str, spoken: str
) -> None:
    """Its tools have their schemas, its errors are results, wrong arguments never reach it."""
    settings = ServerSettings.model_validate({"command": str(time_server), "sandbox": "none", "protocol": protocol})
    with anyio.fail_after(60):
        async with serve("time", settings, host) as tools:
            server = use(host, tools)
            assert sorted(server.tools) == ["convert_time", "get_current_time"]
            assert server.tools["get_current_time"].input_schema["required"] == ["timezone"]
            result = await server.call("get_current_time", timezone="UTC")
            assert json.loads(result.text)["timezone"] == "UTC"
            assert (await server.call("get_current_time", timezone="Nowhere/At_All")).is_error


@pytest.mark.docker
@pytest.mark.timeout(900)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestInContainers:
    """The same in containers, through a whole runtime."""

    async def test_a_package_becomes_an_image_and_answers(self, tmp_path: Path) -> None:
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

    async def test_a_container_that_is_killed_comes_back(self, tmp_path: Path) -> None:
        """The call in flight fails by name, the next one waits for the new container."""
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
