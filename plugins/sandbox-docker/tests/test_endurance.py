"""What is left after the worst: a program killed with many servers running, an engine that goes away, many cycles."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from second_daemon import SecondDaemon, children, second_daemon, why_not

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import SandboxLimits, SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(300), pytest.mark.alone]

SERVERS = 20

HOST = """
import sys
from contextlib import AsyncExitStack
import anyio
from massgen_core.sandbox import SandboxLimits, SandboxSpec
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig

OBEYS = ("cat",)
IGNORES = ("sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1000; done")
KINDS = (
    {"command": OBEYS},
    {"command": IGNORES},
    {"command": OBEYS, "limits": SandboxLimits.model_validate({"network": ["example.org:443"]})},
    {"idle": True},
)

async def main():
    config = DockerConfig(host=sys.argv[1], lease=0.2)
    async with docker_backend(config, log=print) as backend, AsyncExitStack() as stack:
        for number in range(int(sys.argv[2])):
            spec = SandboxSpec(name=f"server{number}", **KINDS[number % len(KINDS)])
            await stack.enter_async_context(backend.start(spec))
        print("ready", flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


@pytest.fixture(scope="module")
def engine(base_image: str) -> Generator[SecondDaemon]:
    """An engine of these tests' own, with the base image."""
    if reason := why_not():
        pytest.skip(reason)
    with second_daemon() as daemon:
        daemon.take_image(base_image)
        yield daemon


@contextmanager
def program(engine: SecondDaemon) -> Generator[tuple[subprocess.Popen[str], list[int]]]:
    """Another program with many servers running, and the processes that it has started."""
    command = [sys.executable, "-c", HOST, engine.host, str(SERVERS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        try:
            assert host.stdout is not None
            assert host.stdout.readline() == "ready\n"
            yield host, children(host.pid)
        finally:
            host.kill()


def wait_until_nothing_is_left(engine: SecondDaemon, helpers: list[int]) -> None:
    """Neither on the engine nor beside it; the test's own time-out guards this."""
    while any(engine.left().values()) or engine.processes() or [each for each in helpers if _runs(each)]:
        time.sleep(0.2)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_kill_9_with_many_servers(engine: SecondDaemon) -> None:
    """Soon after the program was killed there is no container, network, volume or watchdog of it, and no process."""
    with program(engine) as (host, helpers):
        assert len(engine.left()["containers"]) >= SERVERS
        assert helpers
        assert engine.processes()
        os.kill(host.pid, signal.SIGKILL)
        wait_until_nothing_is_left(engine, helpers)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "crashed"])
def test_kill_9_with_many_servers_and_an_engine_that_restarts(engine: SecondDaemon, how: int) -> None:
    """The same where the engine was away when the program died: its watchdog waits for it."""
    with program(engine) as (host, helpers):
        assert len(engine.left()["containers"]) >= SERVERS
        os.kill(host.pid, signal.SIGKILL)
        engine.restart(how)
        wait_until_nothing_is_left(engine, helpers)


async def test_a_program_that_lives_through_a_restart_of_its_engine(engine: SecondDaemon) -> None:
    """Its sandboxes end with a reason, new ones start, the engine's events are followed again, and nothing is left."""
    told = anyio.Event()

    def log(line: str) -> None:
        if "removed by somebody else" in line:
            told.set()

    limits = SandboxLimits.model_validate({"network": ["example.org:443"]})
    specs = (
        SandboxSpec(name="plain", command=("cat",)),
        SandboxSpec(name="gated", command=("cat",), limits=limits),
        SandboxSpec(name="idle", idle=True),
    )
    async with docker_backend(DockerConfig(host=engine.host), log=log) as backend:
        async with AsyncExitStack() as stack:
            running = [await stack.enter_async_context(backend.start(spec)) for spec in specs]
            await anyio.to_thread.run_sync(engine.restart)
            with anyio.fail_after(60):
                reasons = [(await sandbox.main.wait()).reason for sandbox in running]
                for sandbox in running:
                    with pytest.raises(SandboxError):
                        await sandbox.exec(["true"])
            assert all(re.search("SIGTERM|SIGKILL|its way out is gone", reason) for reason in reasons), reasons
        async with backend.start(specs[2]) as again:
            assert (await again.exec(["echo", "back"])).stdout == b"back\n"
            await anyio.to_thread.run_sync(engine.docker, "rm", "--force", again.id)
            with anyio.fail_after(60):
                await told.wait()
        assert backend.sandboxes == ()
    assert await anyio.to_thread.run_sync(engine.left) == {"containers": [], "volumes": [], "networks": []}


async def test_a_command_that_runs_while_its_engine_restarts(engine: SecondDaemon) -> None:
    """Whoever waits for it hears that the sandbox went away, whichever way it was started."""
    async with docker_backend(DockerConfig(host=engine.host), log=lambda line: None) as backend:
        for spec in (SandboxSpec(name="x", idle=True), SandboxSpec(name="x", command=("cat",))):
            async with backend.start(spec) as sandbox, sandbox.spawn(["sleep", "1000"]) as command:
                await anyio.to_thread.run_sync(engine.restart)
                with anyio.fail_after(60), pytest.raises((SandboxExited, SandboxError)):
                    await command.wait()
    assert await anyio.to_thread.run_sync(engine.left) == {"containers": [], "volumes": [], "networks": []}


async def test_cycles_leave_nothing_in_this_process(backend: DockerBackend, spec: MakeSpec) -> None:
    """However many sandboxes came and went, there are as many descriptors, threads and tasks as before."""
    seen: list[tuple[int, int, int]] = []
    limits = SandboxLimits.model_validate({"network": ["example.org:443"]})
    kinds = (spec("cat"), SandboxSpec(name="x", idle=True), SandboxSpec(name="x", command=("cat",), limits=limits))
    for number in range(30):
        async with backend.start(kinds[number % 3]) as sandbox:
            assert (await sandbox.exec(["true"])).exit_code == 0
        if number % 3 == 2:
            gc.collect()
            seen.append((len(os.listdir("/proc/self/fd")), threading.active_count(), len(asyncio.all_tasks())))
    assert len(set(seen[2:])) == 1, seen
