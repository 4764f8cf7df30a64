"""A frozen sandbox: nothing runs in it, nothing of it is lost, and it can be ended like any other."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import TEST, MakeSpec, containers, read_exactly, removed
from fake_daemon import FakeDaemon, answer_json
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.owners.reaper import reap

from massgen_core.errors import SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Command, SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

HOST = """
import sys
import anyio
from massgen_core.sandbox import SandboxLimits, SandboxSpec
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig

async def main():
    image, name, mark, runtime = sys.argv[1:]
    limits = SandboxLimits(runtime=runtime)
    spec = SandboxSpec(name="host", image=image, command=["sleep", "1000"], labels={name: mark}, limits=limits)
    async with docker_backend(DockerConfig(lease=0.2), log=print) as backend, backend.start(spec) as sandbox:
        await sandbox.pause()
        print(sandbox.id, flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""

TICK = "while :; do echo tick; sleep 0.05; done"


@pytest.fixture(params=["supervisor", "engine"])
def kept(request: pytest.FixtureRequest, spec: MakeSpec, runtime: str) -> SandboxSpec:
    """A sandbox for commands, by both ways of running them and under each runtime."""
    return replace(spec(), idle=True) if request.param == "supervisor" else spec("cat")


async def state(backend: DockerBackend, name: str) -> str:
    async with backend.engine.control("look") as docker:
        return str(table(await container(docker, name).show(), "State").get("Status"))


async def drain(command: Command) -> None:
    """Take what it had said before it was frozen."""
    with anyio.move_on_after(0.5):
        while True:
            await command.receive()


async def test_it_stands_still_and_goes_on(backend: DockerBackend, kept: SandboxSpec) -> None:
    """A command in it says nothing while it is frozen, and goes on where it was."""
    async with backend.start(kept) as sandbox, sandbox.spawn(["sh", "-c", TICK]) as command:
        with anyio.fail_after(30):
            await command.receive()
            await sandbox.pause()
            await sandbox.pause()
            assert await state(backend, sandbox.id) == "paused"
            await drain(command)
            with anyio.move_on_after(1) as waiting:
                await command.receive()
            assert waiting.cancelled_caught
            await sandbox.resume()
            await sandbox.resume()
            assert (await command.receive())[1].startswith(b"tick")
            assert await state(backend, sandbox.id) == "running"


async def test_a_command_waits_for_the_end_of_it(backend: DockerBackend, kept: SandboxSpec) -> None:
    """It starts when the sandbox goes on."""
    said = b""

    async def run() -> None:
        nonlocal said
        said = (await sandbox.exec(["echo", "on"])).stdout

    async with backend.start(kept) as sandbox:
        await sandbox.pause()
        with anyio.fail_after(30):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run)
                await anyio.wait_all_tasks_blocked()
                assert said == b""
                await sandbox.resume()
        assert said == b"on\n"


async def test_a_deadline_that_passes_before_a_command_could_start(backend: DockerBackend, kept: SandboxSpec) -> None:
    """Then it ran out of time, and never ran, not even later."""
    async with backend.start(kept) as sandbox:
        await sandbox.pause()
        with anyio.fail_after(30):
            result = await sandbox.exec(["touch", "/tmp/ran"], deadline=0.5)
        assert (result.timed_out, result.tree_killed, result.exit_code) == (True, True, None)
        await sandbox.resume()
        assert (await sandbox.exec(["ls", "-A", "/tmp"])).stdout == b""


async def test_a_deadline_that_passes_while_it_is_frozen(
    backend: DockerBackend, kept: SandboxSpec, runtime: str
) -> None:
    """The command is really ended, for which the sandbox runs a moment; afterwards it is frozen as before.

    gVisor's kernel itself has ended once in dozens of these, so there it may be tried again.
    """
    try:
        await frozen_past_a_deadline(backend, kept)
    except SandboxExited:
        if runtime != "runsc":
            raise
        await frozen_past_a_deadline(backend, kept)


async def frozen_past_a_deadline(backend: DockerBackend, kept: SandboxSpec) -> None:
    results = list[tuple[bool, bool]]()
    began = anyio.Event()

    async def seen(stream: str, data: bytes) -> None:
        began.set()

    async def run() -> None:
        result = await sandbox.exec(["sh", "-c", "echo go; sleep 12345"], deadline=2, on_output=seen)
        results.append((result.timed_out, result.tree_killed))

    async with backend.start(kept) as sandbox:
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run)
                await began.wait()
                await sandbox.pause()
            assert results == [(True, True)]
            assert await state(backend, sandbox.id) == "paused"
            await sandbox.resume()
            listed = await sandbox.exec(["sh", "-c", 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])
        assert b"sleep 12345" not in listed.stdout
        assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"


async def test_who_leaves_a_command_while_it_is_frozen(backend: DockerBackend, kept: SandboxSpec) -> None:
    """What it started is ended too."""
    async with backend.start(kept) as sandbox:
        with anyio.fail_after(60):
            async with sandbox.spawn(["sh", "-c", "echo go; sleep 12345"]) as command:
                await command.receive()
                await sandbox.pause()
            assert await state(backend, sandbox.id) == "paused"
            await sandbox.resume()
            listed = await sandbox.exec(["sh", "-c", 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])
        assert b"sleep 12345" not in listed.stdout


async def test_the_main_process_keeps_its_streams(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """What was written to it meanwhile is answered afterwards."""
    async with backend.start(spec("cat")) as sandbox:
        await sandbox.main.send(b"one")
        assert await read_exactly(sandbox.main, 3) == b"one"
        await sandbox.pause()
        await sandbox.main.send(b"two")
        await sandbox.resume()
        assert await read_exactly(sandbox.main, 3) == b"two"


async def test_its_end(backend: DockerBackend, kept: SandboxSpec, mark: str) -> None:
    """A frozen sandbox whose context is left is removed, and a command that waited says so."""
    problems = list[str]()

    async def wait() -> None:
        try:
            await sandbox.exec(["true"])
        except SandboxExited as error:
            problems.append(str(error))

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks, backend.start(kept) as sandbox:
            await sandbox.pause()
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
    assert len(problems) == 1
    assert await containers(backend.engine, mark) == []


async def test_its_end_is_polite(backend: DockerBackend, spec: MakeSpec, tmp_path: Path) -> None:
    """It goes on for its end: its program reads the end of stdin, as always."""
    async with backend.start(spec("sh", "-c", "cat; echo bye >&2")) as sandbox:
        await sandbox.pause()
    assert sandbox.main.stderr_tail() == "bye\n"


async def test_its_lifetime(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """It ends in time also when frozen, and says why."""
    async with backend.start(replace(spec(lifetime=3), idle=True)) as sandbox:
        await sandbox.pause()
        with anyio.fail_after(30):
            assert "lifetime" in (await sandbox.main.wait()).reason
            with pytest.raises(SandboxExited):
                await sandbox.exec(["true"])
            await sandbox.resume()
            with pytest.raises(SandboxExited):
                await sandbox.pause()


async def test_behind_a_gate(backend: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """The gate beside a frozen sandbox goes on."""
    async with backend.start(replace(spec(network=["web.test:443"]), idle=True)) as sandbox:
        await sandbox.pause()
        states = {each: await state(backend, each) for each in await containers(backend.engine, mark)}
        assert sorted(states.values()) == ["paused", "running"]
        assert states[sandbox.id] == "paused"
        await sandbox.resume()
        assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"


async def test_its_owner_is_killed(backend: DockerBackend, base_image: str, mark: str, runtime: str) -> None:
    """Then the watchdog removes it as any other."""
    command = [sys.executable, "-c", HOST, base_image, TEST, mark, runtime]
    async with await anyio.open_process(command, stderr=None) as program:
        assert program.stdout is not None
        with anyio.fail_after(60):
            container_id = (await program.stdout.receive()).decode().strip()
        assert await state(backend, container_id) == "paused"
        program.kill()
    await removed(backend.engine, container_id)
    assert await containers(backend.engine, mark) == []


async def test_the_reaper(backend: DockerBackend, spec: MakeSpec, mark: str, runtime: str) -> None:
    """It removes what is frozen and belongs to nobody any more."""
    async with backend.start(spec("cat")) as sandbox:
        await sandbox.pause()
        await reap(backend.engine, backend.owner, verdicts=("mine",), log=print)
        assert await containers(backend.engine, mark) == []


async def test_an_engine_that_cannot(socket_path: Path) -> None:
    """Then that is said, and the sandbox is as it was."""
    daemon = FakeDaemon()
    daemon.on("POST /v[^/]*/containers/[^/]*/pause", answer_json(500, {"message": "cgroup freezer: no"}))
    async with (
        daemon.serve(socket_path) as address,
        docker_backend(DockerConfig(host=address), log=print) as backend,
        backend.start(SandboxSpec(name="test", image="x", command=("cat",))) as sandbox,
    ):
        with pytest.raises(SandboxUnavailable, match="cannot freeze the container: cgroup freezer: no"):
            await sandbox.pause()
        await sandbox.resume()
    assert not any("unpause" in each for each in daemon.requests)


async def test_an_engine_that_takes_it_for_running(socket_path: Path) -> None:
    """It is frozen once more and let go: nothing stays frozen because the engine lost count."""
    daemon = FakeDaemon()
    daemon.on("POST /v[^/]*/containers/[^/]*/pause", answer_json(204, None))
    daemon.on("POST /v[^/]*/containers/[^/]*/unpause", answer_json(500, {"message": "Container x is not paused"}))
    async with (
        daemon.serve(socket_path) as address,
        docker_backend(DockerConfig(host=address), log=print) as backend,
        backend.start(SandboxSpec(name="test", image="x", command=("cat",))) as sandbox,
    ):
        await sandbox.pause()
        await sandbox.resume()
        asked = [each.rpartition("/")[2] for each in daemon.requests if each.endswith("pause")]
        assert asked == ["pause", "unpause", "pause", "unpause"]
