"""Many at once: sandboxes that start together, and control calls while many streams are attached."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.owners.listing import list_owned

from massgen_core.sandbox import Command, Sandbox, SandboxLimits, SandboxSpec

from .containers import ENGINE_SOCKET
from .rawengine import RawEngine
from .table import Comparison, Series, in_turn_async

CROWD = 50
ROUNDS = 3
STREAMS_EACH = 10
CALLS = 50
TALK_EVERY = 2.0

SMALL = SandboxLimits.model_validate({"memory": "64MiB", "cpus": 1.0, "pids": 64})
IDLE = SandboxSpec(name="crowd", idle=True, limits=SMALL)
PLAIN = SandboxSpec(name="crowd", command=("cat",), limits=SMALL)


async def measure() -> AsyncIterator[Comparison]:
    """A crowd that starts, what it holds in memory, and what it leaves of the client's time."""
    async with docker_backend(DockerConfig(), log=_progress) as backend:
        memory = await _memory(backend)  # first: what a process once took it keeps
        yield await _start(backend)
        yield memory
        async for comparison in _calls(backend):
            yield comparison


async def _start(backend: DockerBackend) -> Comparison:
    raw = RawEngine(ENGINE_SOCKET)
    async with backend.start(IDLE) as one:
        settings = await anyio.to_thread.run_sync(raw.settings_of, one.id)

    async def ours() -> float:
        started = time.perf_counter()
        async with _crowd(backend, IDLE):
            return time.perf_counter() - started

    async def bare() -> float:
        return await anyio.to_thread.run_sync(_raw_crowd, raw, settings)

    contenders: dict[str, Callable[[], Awaitable[float]]] = {
        "massgen-core, until the last one is ready": ours,
        "raw Engine API calls, a thread for each, same settings": bare,
    }
    title = f"{CROWD} idle sandboxes, started at once"
    return await in_turn_async(title, contenders, rounds=ROUNDS, unit="s", warm_up=False)


def _raw_crowd(raw: RawEngine, settings: dict[str, Any]) -> float:
    """Ready is when the supervisor inside has said its first word, as for ours."""
    everybody = threading.Barrier(CROWD + 1)

    def start() -> str:
        everybody.wait()
        return raw.ready(settings)

    with ThreadPoolExecutor(CROWD) as pool:
        starting = [pool.submit(start) for _ in range(CROWD)]
        everybody.wait()
        started = time.perf_counter()
        made = [each.result() for each in starting]
        taken = time.perf_counter() - started
        list(pool.map(raw.remove, made))
    return taken


async def _memory(backend: DockerBackend) -> Comparison:
    async with backend.start(IDLE):
        before = _resident()
    async with _crowd(backend, IDLE) as idle:
        own = (_resident() - before) / CROWD
        supervised = [await _used(backend, each) for each in idle]
    async with _crowd(backend, PLAIN) as plain:
        bare = [await _used(backend, each) for each in plain]
    series = [
        Series(name="an idle sandbox, its supervisor included", samples=supervised, unit="MiB"),
        Series(name="the same container with `cat` in it", samples=bare, unit="MiB"),
        Series(name="our own process, for each sandbox", samples=[own], unit="MiB"),
    ]
    note = f"Of {CROWD} at once: what the kernel counts for the container's control group, page cache left out."
    return Comparison(title="Memory of one sandbox", series=series, notes=[note])


async def _calls(backend: DockerBackend) -> AsyncIterator[Comparison]:
    streams = CROWD * STREAMS_EACH
    async with _crowd(backend, PLAIN) as sandboxes:
        crowded = alone = await _timed_calls(backend, sandboxes)
        async with anyio.create_task_group() as tasks:
            for sandbox in sandboxes:
                for _ in range(STREAMS_EACH):
                    await tasks.start(_talk, sandbox)
            _progress(f"{streams} streams are attached")
            crowded = await _timed_calls(backend, sandboxes)
            tasks.cancel_scope.cancel()
    for what, among in crowded.items():
        series = [
            Series(name=f"with {streams} attached streams that talk", samples=among, unit="ms"),
            Series(name="with none", samples=alone[what], unit="ms"),
        ]
        note = (
            f"{STREAMS_EACH} commands through the engine in each of {CROWD} sandboxes, whose own streams come on top."
        )
        yield Comparison(title=f"{what} while many streams are attached", series=series, notes=[note])


async def _talk(sandbox: Sandbox, *, task_status: anyio.abc.TaskStatus[None]) -> None:
    async with sandbox.spawn(["cat"], stdin=True) as command:
        await _echo(command)
        task_status.started()
        while True:
            await _echo(command)
            await anyio.sleep(TALK_EVERY)


async def _echo(command: Command) -> None:
    await command.send(b"a few words\n")
    await command.receive()


async def _timed_calls(backend: DockerBackend, sandboxes: Sequence[Sandbox]) -> dict[str, list[float]]:
    async def inspect() -> None:
        async with backend.engine.control("look") as docker:
            await container(docker, sandboxes[0].id).show()

    async def listed() -> None:
        await list_owned(backend.engine)

    calls = {"Inspecting a container": inspect, "Listing all containers": listed}
    taken: dict[str, list[float]] = {what: [] for what in calls}
    for _ in range(CALLS):
        for what, call in calls.items():
            started = time.perf_counter()
            await call()
            taken[what].append(1000 * (time.perf_counter() - started))
            await anyio.sleep(0.02)
    return taken


@asynccontextmanager
async def _crowd(backend: DockerBackend, spec: SandboxSpec) -> AsyncGenerator[Sequence[Sandbox]]:
    """So many sandboxes, all ready."""
    ready: list[Sandbox] = []
    over = anyio.Event()
    everybody = anyio.Event()

    async def one() -> None:
        async with backend.start(spec) as sandbox:
            ready.append(sandbox)
            if len(ready) == CROWD:
                everybody.set()
            await over.wait()

    async with anyio.create_task_group() as tasks:
        for _ in range(CROWD):
            tasks.start_soon(one)
        await everybody.wait()
        try:
            yield ready
        finally:
            over.set()


async def _used(backend: DockerBackend, sandbox: Sandbox) -> float:
    path = f"/containers/{sandbox.id}/stats?stream=false&one-shot=true"
    told = (await backend.engine.get_json("ask for its use", path))["memory_stats"]
    cache = told["stats"].get("total_inactive_file", told["stats"].get("inactive_file", 0))
    return (told["usage"] - cache) / 2**20


def _resident() -> float:
    """Of this process, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
