"""Commands beside the main process."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Literal

import anyio
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.images import daemon

from massgen_core.errors import ConfigError, SandboxError, SandboxExited
from massgen_core.sandbox import Sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.usefixtures("runtime")]


BOMB = "trap '' TERM INT HUP; b() { b | b & b; }; b; sleep 1000"


async def sh(sandbox: Sandbox, script: str, deadline: float = 30) -> str:
    result = await sandbox.exec(["sh", "-c", script], deadline=deadline)
    return result.stdout.decode()


async def commands(backend: DockerBackend, sandbox: Sandbox) -> list[str]:
    """The command lines in the container, as the engine sees them; inside, where the kernel is another."""
    if (await sandbox.inspect()).limits["runtime"] != "runc":
        listing = 'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done; :'
        lines = (await sh(sandbox, listing)).splitlines()
        return [line for line in lines if not line.startswith(("sh -c for p in", "tr "))]
    async with backend.engine.control("list processes") as docker:
        top = await container(docker, sandbox.id).top(ps_args="-eo pid,args")
    return [row[-1] for row in top["Processes"]]


async def test_separate_streams_and_the_exit_code(backend: DockerBackend, spec: MakeSpec) -> None:
    """Stdout, stderr and the exit code are told apart."""
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert not result.timed_out


async def test_stdin_with_its_end(backend: DockerBackend, spec: MakeSpec) -> None:
    """A megabyte of stdin arrives whole, is half-closed, and the answer is read meanwhile."""
    data = bytes(range(256)) * 4096
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["cat"], stdin=data, max_output=2 * len(data))
        assert result.stdout == data
        assert (await sandbox.exec(["wc", "-c"], stdin=b"")).stdout.strip() == b"0"


async def test_environment_folder_and_user(backend: DockerBackend, spec: MakeSpec) -> None:
    """The caller's environment and folder are used, the container's are kept, and the user is the sandbox's."""
    async with backend.start(spec("cat", env={"A": "1"})) as sandbox:
        result = await sandbox.exec(["sh", "-c", "echo $A $B $PWD $(id -u)"], env={"B": "2"}, workdir="/usr")
        assert result.stdout == b"1 2 /usr 65532\n"
        with pytest.raises(ConfigError, match="outside /proc"):
            await sandbox.exec(["true"], workdir="/proc/self/fd/8")


async def test_output_is_cut_but_counted(backend: DockerBackend, spec: MakeSpec) -> None:
    """More than the limit is kept as head and tail, and counted in full; the callback sees all of it."""
    seen = {"stdout": 0, "stderr": 0}

    async def count(stream: Literal["stdout", "stderr"], data: bytes) -> None:
        seen[stream] += len(data)

    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["seq", "1000000"], max_output=1000, on_output=count)
    assert result.stdout_bytes == seen["stdout"] == 6_888_896
    assert len(result.stdout) <= 1000
    assert result.stdout.startswith(b"1\n2\n3\n")
    assert result.stdout.endswith(b"999999\n1000000\n")


async def test_a_deadline_keeps_what_had_arrived(backend: DockerBackend, spec: MakeSpec) -> None:
    """After the deadline the result says so, with the output so far."""
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["sh", "-c", "echo before; sleep 100; echo after"], deadline=0.7)
        assert (result.exit_code, result.stdout, result.timed_out, result.tree_killed) == (
            None,
            b"before\n",
            True,
            True,
        )
        assert result.duration < 15
        assert not any("sleep" in command for command in await commands(backend, sandbox))


@pytest.mark.parametrize(
    "script",
    [
        "trap '' TERM INT HUP; while :; do sleep 1000; done",
        "setsid sleep 1000 & wait",
        "(setsid sleep 1000 &); (sleep 1000 &); sleep 1000",
        "env -i setsid sleep 1000 & wait",
        "nohup sh -c 'setsid sh -c \"sleep 1000 & sleep 1000\" &' & sleep 1000",
    ],
)
async def test_the_whole_tree_is_killed(backend: DockerBackend, spec: MakeSpec, script: str) -> None:
    """Ignored signals, new sessions, double forks and a cleaned environment do not help; the main process lives."""
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["sh", "-c", script], deadline=0.7)
        assert result.timed_out
        assert result.tree_killed
        assert not any("sleep" in command for command in await commands(backend, sandbox))
        await sandbox.main.send(b"alive\n")
        assert await sandbox.main.receive() == b"alive\n"


async def test_what_got_away_is_not_called_killed(backend: DockerBackend, spec: MakeSpec) -> None:
    """A child that hides its environment and loses its parent may live; the result does not claim otherwise."""
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["sh", "-c", "(env -i setsid sleep 1000 &); sleep 1000"], deadline=0.7)
        assert result.timed_out
        assert not result.tree_killed


FIRST_THREAD_ENDS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""
NO_PYTHON = 'for n in $(seq 100); do grep -q "(python3)" /proc/[0-9]*/stat || exit 0; sleep 0.1; done; exit 1'


@pytest.mark.parametrize(
    "script", ['exec python3 -c "$0"', 'python3 -c "$0" & wait', '(setsid python3 -c "$0" &); sleep 1000']
)
async def test_a_process_whose_first_thread_has_ended(backend: DockerBackend, spec: MakeSpec, script: str) -> None:
    """The kernel lists it as ended while its other threads go on; it is killed, or not called so (gVisor hides it)."""
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["sh", "-c", script, FIRST_THREAD_ENDS], deadline=2)
        gone = (await sandbox.exec(["sh", "-c", NO_PYTHON], deadline=60)).exit_code == 0
        runtime = (await sandbox.inspect()).limits["runtime"]
    assert (result.timed_out, result.tree_killed) == (True, gone)
    assert gone or runtime == "runsc"


async def test_without_a_shell_the_result_is_honest(backend: DockerBackend, spec: MakeSpec) -> None:
    """In an image without a shell a command still ends at its deadline, but its tree is not claimed to be killed."""
    made = spec("cat")
    dockerfile = f"FROM {made.image}\nUSER 0:0\nRUN rm /bin/sh\n"
    await daemon.build(backend.engine, dockerfile, "massgen-test/no-shell", labels={}, timeout=60)
    async with backend.start(replace(made, image="massgen-test/no-shell")) as sandbox:
        result = await sandbox.exec(["sleep", "1000"], deadline=0.5)
        assert result.timed_out
        assert not result.tree_killed
        assert (await sandbox.inspect()).limits["pids"] == "256"
    await daemon.untag(backend.engine, "massgen-test/no-shell")


@pytest.mark.parametrize("runtime", ["runc"], indirect=True)
async def test_a_fork_bomb_is_held_and_killed(backend: DockerBackend, spec: MakeSpec) -> None:
    """A fork bomb fills its own limit on processes, is killed at the deadline, and the sandbox goes on."""
    async with backend.start(spec("cat", pids=64)) as sandbox:
        result = await sandbox.exec(["sh", "-c", BOMB], deadline=1)
        assert result.tree_killed
        assert len(await commands(backend, sandbox)) <= 4
        assert await sh(sandbox, "echo fine") == "fine\n"
        assert (await sandbox.inspect()).limits["pids"] == "64"


@pytest.mark.parametrize("runtime", ["runsc"], indirect=True)
async def test_a_fork_bomb_ends_a_gvisor(backend: DockerBackend, spec: MakeSpec) -> None:
    """There the limit counts the kernel's own threads, which does not outlive it: the sandbox ends, and only it."""
    async with backend.start(spec("cat")) as neighbour, backend.start(spec("cat")) as sandbox:
        with anyio.fail_after(60):
            try:
                result = await sandbox.exec(["sh", "-c", BOMB], deadline=5)
            except SandboxExited as error:
                assert "gVisor's own kernel" in str(error)  # noqa: PT017
            else:
                assert result.tree_killed
            assert "all of `pids` are taken" in (await sandbox.main.wait()).reason
        assert await sh(neighbour, "echo fine") == "fine\n"


async def test_a_cancelled_command_is_killed(backend: DockerBackend, spec: MakeSpec) -> None:
    """Cancelling the caller ends what it started."""
    async with backend.start(spec("cat")) as sandbox:
        started = anyio.Event()

        async def seen(stream: str, data: bytes) -> None:
            started.set()

        async with anyio.create_task_group() as tasks:

            async def run() -> None:
                await sandbox.exec(["sh", "-c", "echo go; sleep 1000"], on_output=seen)

            tasks.start_soon(run)
            with anyio.fail_after(20):
                await started.wait()
            tasks.cancel_scope.cancel()
        assert not any("sleep" in command for command in await commands(backend, sandbox))


async def test_a_failing_callback_ends_the_command(backend: DockerBackend, spec: MakeSpec) -> None:
    """An error of the caller's own callback is raised as it is, and the command does not go on."""

    async def fail(stream: str, data: bytes) -> None:
        raise ZeroDivisionError

    async with backend.start(spec("cat")) as sandbox:
        with pytest.raises(ZeroDivisionError):
            await sandbox.exec(["sh", "-c", "echo go; sleep 1000"], on_output=fail)
        assert not any("sleep" in command for command in await commands(backend, sandbox))


async def test_concurrent_commands(backend: DockerBackend, spec: MakeSpec) -> None:
    """Several commands run at once without mixing; the deadline of one leaves the others alone."""
    results: dict[int, bytes] = {}
    async with backend.start(spec("cat")) as sandbox:

        async def run(number: int) -> None:
            result = await sandbox.exec(["sh", "-c", f"sleep 1.5; echo {number}"], deadline=0.5 if number == 3 else 30)
            results[number] = result.stdout

        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(run, number)
    assert results == {number: b"" if number == 3 else b"%d\n" % number for number in range(6)}


async def test_a_background_child_does_not_hold_the_result(backend: DockerBackend, spec: MakeSpec) -> None:
    """A command that leaves a child behind which holds its stdout still ends soon."""
    async with backend.start(spec("cat")) as sandbox:
        with anyio.fail_after(20):
            result = await sandbox.exec(["sh", "-c", "sleep 1000 & echo hi"])
        assert (result.exit_code, result.stdout) == (0, b"hi\n")


async def test_a_command_that_cannot_run(backend: DockerBackend, spec: MakeSpec) -> None:
    """A missing command is an error that names it, not output of the command."""
    async with backend.start(spec("cat")) as sandbox:
        with pytest.raises(SandboxError, match=r"could not run 'no-such'[\s\S]*not in the image"):
            await sandbox.exec(["no-such"])
        with pytest.raises(SandboxError, match="permission denied"):
            await sandbox.exec(["/etc/passwd"])


async def test_exec_in_an_ended_sandbox(backend: DockerBackend, spec: MakeSpec) -> None:
    """A command for a sandbox whose main process is gone says how it went."""
    async with backend.start(spec("sh", "-c", "exit 7")) as sandbox:
        await sandbox.main.wait()
        with pytest.raises(SandboxExited, match="does not run any more: ended with exit code 7") as raised:
            await sandbox.exec(["true"])
        assert raised.value.exit_code == 7


async def test_a_sandbox_that_ends_during_a_command(backend: DockerBackend, spec: MakeSpec) -> None:
    """When the container dies under a command, the command fails with the reason and does not hang."""
    codes: list[int | None] = []
    async with backend.start(spec("cat")) as sandbox:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(sandbox.main.kill)
                try:
                    codes.append((await sandbox.exec(["sleep", "1000"])).exit_code)
                except SandboxExited as error:
                    codes.append(error.exit_code)
    assert codes == [137]


async def test_arguments_are_not_reinterpreted(backend: DockerBackend, spec: MakeSpec) -> None:
    """No shell stands between the arguments and the command."""
    odd = ["a b", "$HOME", "*", 'quo"te', "new\nline", "ü"]
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["printf", "%s\\0", *odd])
    assert result.stdout.decode().split("\0")[:-1] == odd
    assert shlex.join(odd) != " ".join(odd)
