"""Tests of the paths of the host that a server's settings name: checked before its image is looked for, and at starts.

The backend is a real one in all but isolation: what it starts are processes of this host.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core.errors import ConfigError, SandboxUnavailable
from massgen_core.mcp.host import HostProcess, host_process
from massgen_core.mcp.mounts import Around, around
from massgen_core.mcp.provider import Restarts, serve
from massgen_core.mcp.settings import McpConfig, ServerSettings
from massgen_core.sandbox import ImageInfo, Mount, SandboxSpec

pytestmark = pytest.mark.anyio

SERVERS = Path(__file__).parent / "servers"


class Running:
    """A process of this host as a sandbox."""

    def __init__(self, main: HostProcess) -> None:
        self.main = main


class Backend:
    """Starts a script, and remembers what it was asked to start."""

    def __init__(self) -> None:
        self.name = "host"
        self.started: list[SandboxSpec] = []
        self.running: list[HostProcess] = []
        self.looked_for: list[str] = []

    @asynccontextmanager
    async def start(self, spec: SandboxSpec) -> AsyncGenerator[Running]:
        self.started.append(spec)
        async with host_process(spec.command, env=spec.env) as process:
            self.running.append(process)
            yield Running(process)

    async def image(self, reference: str, **options: Any) -> ImageInfo:
        self.looked_for.append(reference)
        return ImageInfo(reference=reference, id="sha256:x", command=(sys.executable, str(SERVERS / "plain.py")))


@pytest.fixture
def backend(host: Any) -> Backend:
    host.offered["host"] = Backend()
    return host.offered["host"]


@asynccontextmanager
async def opened(host: Any, use: Any, beside: Around | None = None, **settings: Any) -> AsyncGenerator[Any]:
    server = ServerSettings.model_validate({"sandbox": "host", "image": "x", "args": ["modern"], **settings})
    with anyio.fail_after(60):
        restarts = Restarts(first=0.01, attempts=1)
        async with serve("toy", server, host, restarts=restarts, around=beside) as tools:
            yield use(host, tools)


async def test_the_sandbox_gets_them(host: Any, use: Any, backend: Backend, tmp_path: Path) -> None:
    """Workspace and mounts reach the sandbox with real paths; relative ones belong to the config file's folder."""
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to("real")
    async with opened(host, use, workspace={"source": "site", "write": True}, mounts={"/all": "."}) as server:
        assert (await server.echo("x")).text == "x"
    assert list(backend.started[0].mounts) == [
        Mount(source=tmp_path / "real", target="/workspace", write=True),
        Mount(source=tmp_path, target="/all"),
    ]


SERVERS_BESIDE = {
    "writer": {"image": "x", "workspace": {"source": "site", "write": True}, "enabled": False},
    "reader": {"image": "x", "workspace": "docs", "secrets": {"KEY": "file:keys/key", "ENV": "env:KEY"}},
    "host": {"command": "x", "sandbox": "none"},
}


async def test_what_stands_around() -> None:
    """A server's mounts keep clear of what others may change, running or not, and of all files with secrets."""
    servers = McpConfig.model_validate({"servers": SERVERS_BESIDE}).servers
    found = around("reader", servers)
    assert found.written == [("site", "servers.writer.workspace")]
    assert found.secrets == [("keys/key", "servers.reader.secrets.KEY")]
    assert around("writer", servers).written == []


async def test_keeping_clear(host: Any, use: Any, backend: Backend, tmp_path: Path) -> None:
    """What another server may change leads nowhere, and a file with a secret stays outside."""
    (tmp_path / "site/data").mkdir(parents=True)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/key").write_text("x")
    servers = {name: {**each, "sandbox": "host"} for name, each in SERVERS_BESIDE.items() if name != "host"}
    config = McpConfig.model_validate({"servers": servers})
    beside = around("toy", config.servers)
    with pytest.raises(ConfigError, match=r"toy\.workspace: 'site/data' leads to .* \(servers\.writer\.workspace\)"):
        async with opened(host, use, beside, workspace="site/data"):
            pass
    with pytest.raises(ConfigError, match=r"/key, which holds a secret \(`servers\.reader\.secrets\.KEY`\)"):
        async with opened(host, use, beside, workspace="."):
            pass


async def test_only_what_was_written_out_counts_as_such() -> None:
    """A backend can tell a user that was named from the usual one."""
    named = ServerSettings.model_validate({"image": "x", "user": "1000:1000"})
    assert "user" in named.limits.model_fields_set
    assert "user" not in ServerSettings.model_validate({"image": "x"}).limits.model_fields_set


async def test_refused_before_anything_is_built(host: Any, use: Any, backend: Backend, tmp_path: Path) -> None:
    """A path that no sandbox may see, or that is not there, ends the start before an image is looked for."""
    with pytest.raises(ConfigError, match=r"^servers\.toy\.mounts\./keys: /etc holds the host's settings"):
        async with opened(host, use, mounts={"/keys": "/etc"}):
            pass
    with pytest.raises(ConfigError, match=r"^servers\.toy\.workspace: .*/absent does not exist\n  Make it"):
        async with opened(host, use, workspace="absent"):
            pass
    with pytest.raises(ConfigError, match=r"^servers\.toy\.workspace: .*holds the settings of this program"):
        async with opened(host, use, workspace={"source": ".", "write": True}):
            pass
    assert (backend.looked_for, backend.started) == ([], [])


async def test_a_restart_looks_again(host: Any, use: Any, backend: Backend, tmp_path: Path) -> None:
    """Between two starts of a server somebody put a link in the way: it does not start again."""
    (tmp_path / "site").mkdir()

    async def swapped_while_it_runs() -> None:
        async with opened(host, use, workspace="site"):
            (tmp_path / "site").rename(tmp_path / "other")
            (tmp_path / "site").symlink_to("other")
            await backend.running[0].kill()
            await anyio.sleep_forever()

    with pytest.raises(SandboxUnavailable, match=r"cannot mount .*/site at /workspace: it leads to .*/other now"):
        await swapped_while_it_runs()
    assert len(backend.started) == 1
