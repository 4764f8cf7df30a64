"""What a server in a container costs: to its first answer, and per call once it is warm."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

import massgen_core

from .rawengine import RawEngine
from .table import Comparison, in_turn_async

SERVER = "mcp-server-time"
TOOL = "get_current_time"
ARGUMENTS = {"timezone": "UTC"}
COLD_ROUNDS = 36
WARM_ROUNDS = 60
WARM_BATCH = 20
ENGINE_SOCKET = "/var/run/docker.sock"


async def measure() -> AsyncIterator[Comparison]:
    """Cold start and warm calls of one third-party server."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "massgen.toml"
        config.write_text(f'[servers.time]\npackage = "uvx:{SERVER}"\n')
        async with massgen_core.open_runtime(config, report=_progress) as runtime:
            settings = RawEngine(ENGINE_SOCKET).settings_of(_container_id(runtime))
        yield await _cold(config, settings)
        yield await _warm(config, settings, _local_server(Path(folder)))


async def _cold(config: Path, settings: Mapping[str, Any]) -> Comparison:
    contenders = {
        "massgen-core, `open_runtime()` to the first result": lambda: first_result(_ours(config)),
        "raw Engine API calls, same settings": lambda: _raw_first_result(settings),
        "`docker run -i`, same settings, SDK client": lambda: first_result(sdk_client(docker_run(settings))),
    }
    return await in_turn_async("Cold start of a server in a container", contenders, rounds=COLD_ROUNDS, unit="ms")


async def _warm(config: Path, settings: Mapping[str, Any], local: StdioServerParameters) -> Comparison:
    async with _ours(config) as ours, sdk_client(local) as host, sdk_client(docker_run(settings)) as docker:
        contenders = {
            "massgen-core, container": _batch(ours),
            "SDK client, same server on the host over stdio": _batch(host),
            "SDK client, `docker run -i`": _batch(docker),
        }
        return await in_turn_async("One call of a warm server", contenders, rounds=WARM_ROUNDS, unit="ms")


Call = Callable[[], Awaitable[object]]


@asynccontextmanager
async def _ours(config: Path) -> AsyncGenerator[Call]:
    async with massgen_core.open_runtime(config) as runtime, runtime.session() as session:

        async def call() -> object:
            return (await session.call(f"time_{TOOL}", ARGUMENTS)).raise_for_error()

        yield call


@asynccontextmanager
async def sdk_client(server: StdioServerParameters) -> AsyncGenerator[Call]:
    async with Client(server) as client:

        async def call() -> object:
            result = await client.call_tool(TOOL, ARGUMENTS)
            if result.is_error:
                raise RuntimeError(str(result.content))
            return result

        yield call


async def first_result(opening: Any) -> float:
    started = time.perf_counter()
    async with opening as call:
        await call()
        return 1000 * (time.perf_counter() - started)


async def _raw_first_result(settings: Mapping[str, Any]) -> float:
    return await anyio.to_thread.run_sync(lambda: RawEngine(ENGINE_SOCKET).first_result(settings, TOOL, ARGUMENTS))


def _batch(call: Call) -> Callable[[], Awaitable[float]]:
    async def run() -> float:
        started = time.perf_counter()
        for _ in range(WARM_BATCH):
            await call()
        return 1000 * (time.perf_counter() - started) / WARM_BATCH

    return run


def _container_id(runtime: massgen_core.Runtime) -> str:
    [sandbox] = runtime.service(massgen_core.SandboxBackend, "docker").sandboxes
    return sandbox.id


def docker_run(settings: Mapping[str, Any]) -> StdioServerParameters:
    """The flags of ``docker run`` that give a container the same settings."""
    host = settings["HostConfig"]
    tmpfs = [f"--tmpfs={path}:{options}" for path, options in (host["Tmpfs"] or {}).items()]
    profile = next(o for o in host["SecurityOpt"] if o.startswith("seccomp=")).removeprefix("seccomp=")
    seccomp = Path(tempfile.gettempdir()) / "massgen-bench-seccomp.json"
    seccomp.write_text(profile)
    flags = [
        *("--rm", "-i", "--init", "--read-only", "--network=none", "--cap-drop=ALL", "--log-driver=none"),
        *("--security-opt=no-new-privileges:true", f"--security-opt=seccomp={seccomp}", f"--user={settings['User']}"),
        f"--memory={host['Memory']}",
        f"--memory-swap={host['MemorySwap']}",
        f"--pids-limit={host['PidsLimit']}",
        f"--cpus={host['NanoCpus'] / 1e9}",
    ]
    command = [*(settings["Entrypoint"] or []), *(settings["Cmd"] or [])]
    entrypoint = f"--entrypoint={command[0]}"
    args = ["run", *flags, *tmpfs, entrypoint, settings["Image"], *command[1:]]
    return StdioServerParameters(command="docker", args=args)


def _local_server(folder: Path) -> StdioServerParameters:
    """The same server, installed on the host the usual way."""
    _progress(f"installing {SERVER} on the host")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "install", "-q", _locked(folder)]
    subprocess.run(pip, check=True)
    return StdioServerParameters(command=str(folder / "venv" / "bin" / SERVER), args=[])


def _locked(folder: Path) -> str:
    """The requirement for the version that is in the image."""
    lock = (folder / "massgen.lock").read_text()
    for version in (part for part in lock.replace("'", '"').split('"') if part[:1].isdigit() and part.count(".") >= 1):
        return f"{SERVER}=={version}"
    raise RuntimeError(f"no version in massgen.lock: {json.dumps(lock)}")


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
