"""What a command in a running sandbox costs: a short one, and one that says a lot."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import anyio.to_thread
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images import ensure_base

from massgen_core.sandbox import Sandbox, SandboxSpec

from . import rivals
from .containers import ENGINE_SOCKET
from .rawengine import RawEngine
from .table import Comparison, in_turn_async

ROUNDS = 300
MANY = 1000
PAUSE = 0.05
LOUD_ROUNDS = 12
LOUD_BYTES = 100_000_000

TRUE = ("true",)
LOUD = ("head", "-c", str(LOUD_BYTES), "/dev/zero")

Contenders = dict[str, Callable[[], Awaitable[float]]]


async def measure() -> AsyncIterator[Comparison]:
    """The same commands by the supervisor, by the engine through us, by its bare API, and by what else there is."""
    notes: list[str] = []
    config = DockerConfig()
    idle, by_engine = SandboxSpec(name="bench", idle=True), SandboxSpec(name="bench", command=("cat",))
    async with (
        docker_backend(config, log=_progress) as backend,
        backend.start(idle) as supervised,
        backend.start(by_engine) as plain,
        rivals.opened(await ensure_base(backend.engine, config, progress=_progress), notes) as others,
    ):
        short = {**_contenders(supervised, plain, TRUE), **_rivals(others, TRUE)}
        title = "`true` in a running sandbox"
        yield await in_turn_async(title, short, rounds=ROUNDS, unit="ms", notes=notes, pause=PAUSE)
        many = {name: _in_seconds(_many(one)) for name, one in _contenders(supervised, plain, TRUE).items()}
        many |= {name: _in_seconds(one) for name, one in _rivals(others, TRUE, MANY).items()}
        title = f"{MANY:,} times `true`, one after the other"
        yield await in_turn_async(title, many, rounds=1, unit="s", warm_up=False)
        patient = {rival: driver for rival, driver in others.items() if not rival.short_only}
        loud = {**_contenders(supervised, plain, LOUD), **_rivals(patient, LOUD)}
        aside = [rival.short_only for rival in others if rival.short_only]
        title = "100 MB on a command's stdout"
        yield await in_turn_async(title, loud, rounds=LOUD_ROUNDS, unit="ms", notes=aside)


def _rivals(others: Mapping[rivals.Rival, rivals.Driver], command: Sequence[str], times: int = 1) -> Contenders:
    return {rival.name: functools.partial(driver.run, command, times) for rival, driver in others.items()}


def _many(run: Callable[[], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
    async def many() -> float:
        return sum([await run() for _ in range(MANY)])

    return many


def _in_seconds(run: Callable[[], Awaitable[float]]) -> Callable[[], Awaitable[float]]:
    async def seconds() -> float:
        return await run() / 1000

    return seconds


def _contenders(supervised: Sandbox, plain: Sandbox, command: Sequence[str]) -> Contenders:
    raw = RawEngine(ENGINE_SOCKET)
    docker = ["docker", "exec", plain.id, *command]
    return {
        "massgen-core, idle sandbox": lambda: _ours(supervised, command),
        "raw Engine API calls": lambda: _timed(lambda: raw.run(plain.id, command)),
        "massgen-core, through the engine": lambda: _ours(plain, command),
        "`docker exec`": lambda: _timed(lambda: _read_all(docker)),
    }


async def _ours(sandbox: Sandbox, command: Sequence[str]) -> float:
    started = time.perf_counter()
    result = await sandbox.exec(command, max_output=1024)
    taken = 1000 * (time.perf_counter() - started)
    assert result.exit_code == 0
    assert result.stdout_bytes in (0, LOUD_BYTES)
    return taken


async def _timed(run: Callable[[], object]) -> float:
    """In a thread, which is not part of what is timed."""

    def timed() -> float:
        started = time.perf_counter()
        run()
        return 1000 * (time.perf_counter() - started)

    return await anyio.to_thread.run_sync(timed)


def _read_all(command: Sequence[str]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 20):
            pass
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
