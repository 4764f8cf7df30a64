"""Containers die with their owner: by leaving, by cancellation, and by SIGKILL; and nobody else's do."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import pytest
from docker_support import TEST, MakeSpec, containers, removed
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container

from massgen_core.sandbox import Process

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

either = pytest.mark.usefixtures("runtime")
"""Runs under runc and under gVisor."""

HOST = """
import signal
import sys
import anyio
from massgen_core.sandbox import SandboxSpec
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig

async def main():
    spec = SandboxSpec(name="host", image=sys.argv[1], command=sys.argv[4:], labels={sys.argv[2]: sys.argv[3]})
    async with docker_backend(DockerConfig(lease=0.2), log=print) as backend, backend.start(spec) as sandbox:
        print(sandbox.id, flush=True)
        await anyio.sleep_forever()

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs with it ignored
anyio.run(main)
"""

IGNORES_EOF = ("sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1000; done")


@asynccontextmanager
async def host(image: str, mark: str, *command: str) -> AsyncGenerator[tuple[anyio.abc.Process, str]]:
    """Another program that runs a container; yields it and the container's id."""
    async with await anyio.open_process(
        [sys.executable, "-c", HOST, image, TEST, mark, *command], stderr=None
    ) as program:
        assert program.stdout is not None
        try:
            with anyio.fail_after(60):
                yield program, (await program.stdout.receive()).decode().strip()
        finally:
            if program.returncode is None:
                program.kill()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def state(backend: DockerBackend, container_id: str) -> dict[str, Any]:
    async with backend.engine.control("look") as docker:
        return (await container(docker, container_id).show())["State"]


@pytest.mark.parametrize("command", [("cat",), IGNORES_EOF], ids=["obeys EOF", "ignores EOF"])
async def test_kill_9_leaves_nothing(
    backend: DockerBackend, base_image: str, mark: str, command: tuple[str, ...]
) -> None:
    """When the host program is killed with SIGKILL its container is gone soon, whatever the server does."""
    async with host(base_image, mark, *command) as (program, container_id):
        assert await containers(backend.engine, mark) == [container_id]
        os.kill(program.pid, signal.SIGKILL)
        with anyio.fail_after(30):
            await removed(backend.engine, container_id)


async def test_the_end_of_stdin_alone_stops_a_server(backend: DockerBackend, base_image: str, mark: str) -> None:
    """Even with the watchdog killed as well, a server that obeys the end of stdin ends; the next run removes it."""
    async with host(base_image, mark, "cat") as (program, container_id):
        for child in children(program.pid):
            os.kill(child, signal.SIGKILL)
        os.kill(program.pid, signal.SIGKILL)
        await program.wait()
        with anyio.fail_after(30):
            async with backend.engine.control("wait", timeout=30) as docker:
                await container(docker, container_id).wait(timeout=None, condition="not-running")
        said: list[str] = []
        async with docker_backend(DockerConfig(), log=said.append):
            assert await containers(backend.engine, mark) == []
        assert "left behind" in said[0]


async def test_the_next_run_removes_what_ignores_everything(backend: DockerBackend, base_image: str, mark: str) -> None:
    """With the watchdog killed too, a server that ignores EOF is removed by the next backend that opens."""
    async with host(base_image, mark, *IGNORES_EOF) as (program, container_id):
        for child in children(program.pid):
            os.kill(child, signal.SIGKILL)
        os.kill(program.pid, signal.SIGKILL)
        await program.wait()
        assert (await state(backend, container_id))["Running"]
        async with docker_backend(DockerConfig(), log=lambda line: None):
            assert await containers(backend.engine, mark) == []


async def test_a_living_owner_is_left_alone(backend: DockerBackend, base_image: str, spec: MakeSpec, mark: str) -> None:
    """Opening another backend removes neither another program's containers nor this program's."""
    async with host(base_image, mark, "cat") as (program, theirs), backend.start(spec("cat")) as ours:
        async with docker_backend(DockerConfig(), log=lambda line: None):
            pass
        assert (await state(backend, theirs))["Running"]
        assert (await state(backend, ours.id))["Running"]
        os.kill(program.pid, signal.SIGKILL)
        with anyio.fail_after(30):
            await removed(backend.engine, theirs)
        assert (await state(backend, ours.id))["Running"]


async def test_an_interrupted_program_cleans_up(backend: DockerBackend, base_image: str, mark: str) -> None:
    """Ctrl-C ends the program with its container removed before it is gone."""
    async with host(base_image, mark, *IGNORES_EOF) as (program, _):
        program.send_signal(signal.SIGINT)
        with anyio.fail_after(30):
            await program.wait()
        assert await containers(backend.engine, mark) == []


async def test_a_proper_close_ends_the_watchdog() -> None:
    """The watchdog ends with the backend, at once."""
    before = set(children(os.getpid()))
    async with docker_backend(DockerConfig(), log=lambda line: None):
        started = set(children(os.getpid())) - before
        assert len(started) == 1
    assert not started & set(children(os.getpid()))


async def test_cancelled_between_create_and_start(
    backend: DockerBackend, spec: MakeSpec, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancellation after the container was created and before it was started leaves nothing."""
    with anyio.CancelScope() as scope:

        async def cancel(*args: object) -> None:
            assert len(await containers(backend.engine, mark)) == 1
            scope.cancel()
            await anyio.sleep_forever()

        monkeypatch.setattr(backend.engine, "hijack", cancel)
        async with backend.start(spec("cat")):
            pytest.fail("it was started")
    assert scope.cancelled_caught
    assert await containers(backend.engine, mark) == []


@either
async def test_cancelled_at_any_moment(backend: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """Whenever the start is cancelled, nothing is left."""
    for hundredths in range(0, 40, 4):
        with anyio.move_on_after(hundredths / 100):
            async with backend.start(spec("cat")):
                await anyio.sleep_forever()
        assert await containers(backend.engine, mark) == []


@either
async def test_a_cancelled_owner_lets_the_server_end_by_itself(backend: DockerBackend, spec: MakeSpec) -> None:
    """A cancelled caller's server still sees the end of its input and ends in its own way, before any kill."""
    started: list[Process] = []
    with anyio.CancelScope() as scope:
        async with backend.start(spec("sh", "-c", "cat; exit 7", stop_timeout=20)) as sandbox:
            started.append(sandbox.main)
            scope.cancel()
            await anyio.sleep_forever()
    [main] = started
    assert (await main.wait()).code == 7


@either
async def test_a_server_that_ignores_everything_is_killed_in_time(
    backend: DockerBackend, spec: MakeSpec, mark: str
) -> None:
    """Leaving the context takes about the stop time-out, no matter what the server ignores."""
    async with backend.start(spec(*IGNORES_EOF, stop_timeout=1)):
        left = anyio.current_time()
    assert 0.9 < anyio.current_time() - left < 10
    assert await containers(backend.engine, mark) == []


@either
async def test_a_sandbox_removed_by_somebody_else(backend: DockerBackend, spec: MakeSpec) -> None:
    """When the container is removed under us, the process is reported gone and leaving the context works."""
    async with backend.start(spec("cat")) as sandbox:
        async with backend.engine.control("remove") as docker:
            await container(docker, sandbox.id).delete(force=True, v=True)
        with anyio.fail_after(20):
            assert (await sandbox.main.wait()).reason


async def test_many_sandboxes_at_once(backend: DockerBackend, spec: MakeSpec) -> None:
    """Sandboxes of one backend run side by side, and all of them are listed."""
    count = 8
    ready = anyio.Event()

    async def run() -> None:
        async with backend.start(spec("cat", memory="16MiB")) as sandbox:
            await sandbox.main.send(b"x")
            assert await sandbox.main.receive() == b"x"
            if len(backend.sandboxes) == count:
                ready.set()
            await ready.wait()

    with anyio.fail_after(100):
        async with anyio.create_task_group() as tasks:
            for _ in range(count):
                tasks.start_soon(run)


async def test_more_streams_than_a_usual_pool(backend: DockerBackend, spec: MakeSpec) -> None:
    """With 120 calls waiting on one engine, a further call still gets through."""
    async with backend.start(spec("cat")) as sandbox, anyio.create_task_group() as tasks:

        async def wait() -> None:
            async with backend.engine.control("wait", timeout=60) as docker:
                await container(docker, sandbox.id).wait(timeout=None, condition="not-running")

        for _ in range(120):
            tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(20):
            assert (await sandbox.exec(["echo", "through"])).stdout == b"through\n"
        tasks.cancel_scope.cancel()
