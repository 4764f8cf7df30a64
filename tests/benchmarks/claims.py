"""What a session waits for its own server: one that was ready, one that is started, one that `docker run` starts."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from mcp.client.stdio import StdioServerParameters

import massgen_core

from .containers import ARGUMENTS, SERVER, TOOL, docker_run, first_result, sdk_client
from .rawengine import RawEngine
from .table import Comparison, Series, rotated

ROUNDS = 26
CLAIMS = 4
"""Sessions that come one right after the other; each server that waits is there as often."""

SOCKET = "/var/run/docker.sock"
QUIET = 1.0
"""Seconds without a change after which nothing is being started, listed or frozen any more."""

OWN = {"source": "session", "write": True}
USER = "1000:1000"
SERVERS: Mapping[str, Mapping[str, Any]] = {
    "warm": {},
    "frozen": {"warm_frozen": True},
    "late": {"workspace": OWN, "user": USER},
    "frozenlate": {"workspace": OWN, "user": USER, "warm_frozen": True},
    "cold": {"warm": 0},
}
"""The contenders that are sections of one config."""

WORDS = {
    "warm": "massgen-core, a server that waited",
    "docker": "`docker run -i` per call, SDK client",
    "late": "massgen-core, one that waited, and the session's workspace mounted",
    "frozen": "massgen-core, one that waited frozen",
    "frozenlate": "massgen-core, one that waited frozen, and the session's workspace mounted",
    "cold": "massgen-core, a server started for the session",
}


Sample = Callable[[], Awaitable[Sequence[float]]]


async def measure() -> AsyncIterator[Comparison]:
    """From a new session to the first result of its own server."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder))
        async with _opened() as runtime:
            docker = _docker(runtime)
            contenders: dict[str, Sample] = {
                words: _docker_call(docker) if name == "docker" else _claims(runtime, name, workspace)
                for name, words in WORDS.items()
            }
            samples: dict[str, list[float]] = {words: [] for words in contenders}
            for number in range(ROUNDS):
                for words, contender in rotated(contenders, number):
                    await _settled(runtime)
                    samples[words] += await contender()
            series = [Series(name=words, samples=found, unit="ms") for words, found in samples.items()]
            yield Comparison(title="A session's own server, to its first result", series=series)


@asynccontextmanager
async def _opened() -> AsyncGenerator[massgen_core.Runtime]:
    own = {"package": f"uvx:{SERVER}", "scope": "session", "warm": CLAIMS}
    servers = {name: {**own, **each} for name, each in SERVERS.items()}
    shared = {"package": f"uvx:{SERVER}"}
    config = {"servers": {**servers, "shared": shared}, "plugins": {"mcp": {"warm_memory": "16GiB"}}}
    async with massgen_core.open_runtime(config, report=lambda line: print(f"  {line}", file=sys.stderr)) as runtime:
        yield runtime


def _claims(runtime: massgen_core.Runtime, name: str, workspace: Path) -> Sample:
    """What opening a session and its first call take; those that wait are claimed one after the other."""

    async def run() -> Sequence[float]:
        taken: list[float] = []
        async with AsyncExitStack() as sessions:
            for _ in range(1 if name == "cold" else CLAIMS):
                started = time.perf_counter()
                session = await sessions.enter_async_context(runtime.session(workspace=workspace))
                (await session.call(f"{name}_{TOOL}", ARGUMENTS)).raise_for_error()
                taken.append(1000 * (time.perf_counter() - started))
        return taken

    return run


def _docker_call(server: StdioServerParameters) -> Sample:
    async def run() -> Sequence[float]:
        return [await first_result(sdk_client(server))]

    return run


def _docker(runtime: massgen_core.Runtime) -> StdioServerParameters:
    """``docker run`` with the same settings as our own container of the server."""
    backend = runtime.service(massgen_core.SandboxBackend, "docker")
    (shared,) = (sandbox for sandbox in backend.sandboxes if sandbox.name == "shared")
    return docker_run(RawEngine(SOCKET).settings_of(shared.id))


async def _settled(runtime: massgen_core.Runtime) -> None:
    """Wait until each server that is kept ready is there, and nothing has changed for a while."""
    backend = runtime.service(massgen_core.SandboxBackend, "docker")
    expected = sorted(["shared", *(name for name in SERVERS if name != "cold" for _ in range(CLAIMS))])
    since, before = time.monotonic(), frozenset[str]()
    while time.monotonic() - since < QUIET or sorted(each.name for each in backend.sandboxes) != expected:
        now = frozenset(each.id for each in backend.sandboxes)
        if now != before:
            since, before = time.monotonic(), now
        await anyio.sleep(0.05)
    await anyio.sleep(QUIET)  # from the container to the server in it, and to its being frozen


def _workspace(folder: Path) -> Path:
    """A folder of an ordinary user, as sessions have."""
    folder.chmod(0o755)
    workspace = folder / "workspace"
    workspace.mkdir()
    if os.geteuid() == 0:
        os.chown(workspace, *map(int, USER.split(":")))
    return workspace
