"""`massgen-core docker logs`: copies of what a server writes to stderr, without disturbing it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from docker_support import MakeSpec, read_all
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.commands.logs import Listen, logs
from massgen_sandbox_docker.commands.outcome import Outcome
from running_support import data, shell

from massgen_core.config import load_settings
from massgen_core.sandbox import Sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

ECHO = ("sh", "-c", "while read x; do echo said $x >&2; echo $x; done; echo closed >&2")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a config."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Printed:
    """Keeps what was printed, and tells when something was."""

    def __init__(self) -> None:
        self.data = b""
        self.some = threading.Event()
        self.progress: list[str] = []

    def write(self, piece: bytes) -> None:
        """Print a piece."""
        self.data += piece
        self.some.set()

    async def until(self, end: bytes) -> None:
        """Wait until this was printed last."""
        with anyio.fail_after(30):
            while not self.data.endswith(end):
                await anyio.to_thread.run_sync(self.some.wait, 1)
                self.some.clear()

    async def follow(self, sandbox: Sandbox, seconds: float | None = None) -> Outcome:
        """Follow the sandbox."""
        listen = Listen(seconds=seconds)
        return await logs(load_settings(), sandbox.id, listen, self.write, self.progress.append)


async def ask(sandbox: Sandbox, line: bytes = b"x\n") -> None:
    """The server hears us, and answers."""
    with anyio.fail_after(30):
        await sandbox.main.send(line)
        assert await sandbox.main.receive() == line


async def test_following_leaves_the_servers_input_open(backend: DockerBackend, spec: MakeSpec) -> None:
    """Two followers come and go, each gets what is written, and the server still hears its owner alone."""
    async with backend.start(spec(*ECHO)) as sandbox:
        for _ in range(2):
            printed = Printed()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(printed.follow, sandbox)
                while not printed.some.is_set():
                    await ask(sandbox)
                await ask(sandbox, b"last\n")
                await printed.until(b"said last\n")
                tasks.cancel_scope.cancel()
            assert printed.data.startswith(b"said x\n")
            await ask(sandbox)
        assert "closed" not in sandbox.main.stderr_tail()


async def test_following_to_the_end(backend: DockerBackend, spec: MakeSpec) -> None:
    """When the server ends, following ends with all that it wrote, and says how it ended."""
    async with backend.start(spec("sh", "-c", "while read x; do echo $x >&2; echo; done; exit 4")) as sandbox:
        printed, outcomes = Printed(), list[Outcome]()

        async def follow() -> None:
            outcomes.append(await printed.follow(sandbox))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow)
            while not printed.some.is_set():
                await sandbox.main.send(b"x\n")
                await sandbox.main.receive()
            await sandbox.main.send(b"last words\n")
            await sandbox.main.send_eof()
    assert printed.data.endswith(b"last words\n")
    assert outcomes[0].data["ended"] == {"exit_code": 4, "reason": "ended with exit code 4"}


async def test_a_reader_that_stalls_does_not_stall_the_server(backend: DockerBackend, spec: MakeSpec) -> None:
    """While nothing is printed a server writes 16 MiB and ends; what was dropped is counted."""
    flood = "while read x && [ $x != go ]; do echo tick >&2; echo; done; head -c 16777216 /dev/zero >&2; echo done"
    go = threading.Event()
    printed = Printed()

    def stall(piece: bytes) -> None:
        printed.write(piece)
        go.wait()

    async def follow() -> None:
        await logs(load_settings(), sandbox.id, Listen(), stall, printed.progress.append)

    async with backend.start(spec("sh", "-c", flood)) as sandbox, anyio.create_task_group() as tasks:
        tasks.start_soon(follow)
        try:
            while not printed.some.is_set():
                await sandbox.main.send(b"x\n")
                await sandbox.main.receive()
            await sandbox.main.send(b"go\n")
            assert await read_all(sandbox.main) == b"done\n"
            await sandbox.main.wait()
        finally:
            go.set()
    assert 1024 * 1024 <= len(printed.data) < 16 * 1024 * 1024
    assert any("bytes were dropped" in line for line in printed.progress)


async def test_without_follow_the_state_is_told(backend: DockerBackend, spec: MakeSpec) -> None:
    """It says that nothing is kept, or how the container ended."""
    async with backend.start(spec("sh", "-c", "read x; exit 3")) as sandbox:
        shown = await shell("logs", sandbox.id)
        assert "The engine keeps no output of massgen's containers" in shown.stdout
        found = await data("logs", sandbox.id)
        assert (found["kept"], found["ended"]) == (False, None)
        await sandbox.main.send(b"\n")
        await sandbox.main.wait()
        assert (await data("logs", sandbox.id))["ended"]["exit_code"] == 3
        assert "ended with exit code 3" in (await shell("logs", "--follow", sandbox.id)).output


async def test_what_is_printed_is_text(backend: DockerBackend, spec: MakeSpec) -> None:
    """A server cannot write control characters to the terminal; as JSON there is an object for each line."""
    script = r"while :; do printf '\033[31mred\n' >&2; sleep 0.1; done"
    async with backend.start(spec("sh", "-c", script)) as sandbox:
        shown = await shell("logs", "--follow", "--seconds", "2", sandbox.id)
        found = await shell("logs", "--follow", "--seconds", "2", "--json", sandbox.id)
    assert "[31mred\n" in shown.stdout
    assert "\033" not in shown.output
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert lines[0] == {"stderr": "\033[31mred"}
    assert lines[-1]["id"] == sandbox.id
