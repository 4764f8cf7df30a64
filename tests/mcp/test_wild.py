"""A server that nobody here wrote, from PyPI, on this host."""

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
