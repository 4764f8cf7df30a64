"""The main process of a real container, spoken to over its three streams."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from docker_support import MakeSpec, read_all, read_exactly
from massgen_sandbox_docker.backend import DockerBackend

from massgen_core.errors import ImageError, SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"
FLOOD = "import sys\nwhile True: sys.{}.write('x' * 65536)"


def resident() -> int:
    """This process's memory in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def test_echo(backend: DockerBackend, spec: MakeSpec) -> None:
    """What is written to stdin comes back from a program that echoes it."""
    async with backend.start(spec("python3", "-c", ECHO)) as sandbox:
        for text in (b"one\n", "zwölf\n".encode(), b"x" * 300_000 + b"\n"):
            await sandbox.main.send(text)
            assert await read_exactly(sandbox.main, len(text)) == text
        assert [each.name for each in backend.sandboxes] == ["test"]
    assert backend.sandboxes == ()


async def test_early_bytes_are_not_lost(backend: DockerBackend, spec: MakeSpec) -> None:
    """Everything a program says before anybody reads is there, even when it ends at once."""
    async with backend.start(spec("sh", "-c", "seq 20000; echo bye >&2")) as sandbox:
        assert (await sandbox.main.wait()).code == 0
        assert await read_all(sandbox.main) == b"".join(b"%d\n" % n for n in range(1, 20001))
        assert sandbox.main.stderr_tail() == "bye\n"


async def test_half_close(backend: DockerBackend, spec: MakeSpec) -> None:
    """After closing stdin the answer of a program that reads to the end can still be read."""
    async with backend.start(spec("sh", "-c", "sort -r; echo done")) as sandbox:
        await sandbox.main.send(b"a\nb\n")
        await sandbox.main.send_eof()
        assert await read_all(sandbox.main) == b"b\na\ndone\n"
        assert (await sandbox.main.wait()).reason == "ended with exit code 0"


async def test_a_flood_on_stderr_does_not_block_stdout(backend: DockerBackend, spec: MakeSpec) -> None:
    """Stdout answers while stderr is flooded and nobody looks at it; what is kept of it is bounded."""
    script = f'(python3 -c "{FLOOD.format("stderr")}" &); exec cat'
    seen: list[int] = []
    async with backend.start(spec("sh", "-c", script), on_stderr=lambda data: seen.append(len(data))) as sandbox:
        while sum(seen) < 10_000_000:
            await sandbox.main.send(b"ping\n")
            assert await read_exactly(sandbox.main, 5) == b"ping\n"
        assert len(sandbox.main.stderr_tail()) <= 64 * 1024


async def test_100_mb_of_output_in_bounded_memory(backend: DockerBackend, spec: MakeSpec) -> None:
    """A hundred megabytes pass through without being held."""
    async with backend.start(spec("head", "-c", "100000000", "/dev/zero")) as sandbox:
        before, most, total = resident(), 0, 0
        with anyio.fail_after(90):
            while total < 100_000_000:
                total += len(await sandbox.main.receive())
                most = max(most, resident())
        assert most - before < 30_000_000


async def test_output_that_nobody_reads_makes_the_program_wait(backend: DockerBackend, spec: MakeSpec) -> None:
    """A flood without a reader stops at the buffer, and the sandbox still ends in time."""
    before = resident()
    async with backend.start(spec("python3", "-c", FLOOD.format("stdout"))) as sandbox:
        await sandbox.main.receive()
        with anyio.move_on_after(1):
            await sandbox.main.wait()
        assert resident() - before < 30_000_000
        with anyio.fail_after(10):
            await sandbox.main.kill()
            status = await sandbox.main.wait()
    assert status.reason == "ended by SIGKILL (exit code 137)"


async def test_writing_to_a_program_that_is_gone(backend: DockerBackend, spec: MakeSpec) -> None:
    """Sending to an ended process raises an error that carries how it ended."""
    async with backend.start(spec("sh", "-c", "exit 3")) as sandbox:
        await sandbox.main.wait()
        with pytest.raises(SandboxExited, match="ended with exit code 3") as raised:
            await sandbox.main.send(b"hello")
        assert raised.value.exit_code == 3
        with pytest.raises(anyio.EndOfStream):
            await sandbox.main.receive()


async def test_a_program_that_dies_while_it_is_written_to(backend: DockerBackend, spec: MakeSpec) -> None:
    """A writer that waits for a process which does not read is told when the process ends."""
    async with backend.start(spec("sh", "-c", "sleep 1; exit 9")) as sandbox:
        with anyio.fail_after(20), pytest.raises(SandboxExited, match="exit code 9"):
            await sandbox.main.send(b"x" * 100_000_000)


async def test_a_memory_bomb_is_called_by_its_name(backend: DockerBackend, spec: MakeSpec) -> None:
    """A process that takes too much memory is reported as out of memory, with its limit."""
    async with backend.start(spec("python3", "-c", "b'x' * (1 << 34)", memory="64MiB")) as sandbox:
        with anyio.fail_after(30):
            status = await sandbox.main.wait()
    assert status.out_of_memory
    assert status.reason == "out of memory (limit 64 MiB)"


async def test_the_users_own_error_is_not_wrapped(backend: DockerBackend, spec: MakeSpec) -> None:
    """An exception raised inside the context leaves it as it is."""
    with pytest.raises(ZeroDivisionError):
        async with backend.start(spec("cat")):
            raise ZeroDivisionError


async def test_a_command_that_is_not_in_the_image(backend: DockerBackend, spec: MakeSpec) -> None:
    """A missing command is named, whether an init process notices or the engine."""
    async with backend.start(spec("no-such-command")) as sandbox:
        assert "its command is not in the image" in (await sandbox.main.wait()).reason
        assert "no-such-command" in sandbox.main.stderr_tail()
    with pytest.raises(SandboxError, match=r"could not start the container[\s\S]*not in the image"):
        async with backend.start(spec("no-such-command", init=False)):
            pass


async def test_an_image_that_is_not_there(backend: DockerBackend) -> None:
    """A missing image is an image error that names it."""
    with pytest.raises(ImageError, match="No such image: massgen-test/none"):
        async with backend.start(SandboxSpec(name="x", image="massgen-test/none")):
            pass


async def test_a_runtime_that_is_not_listed(backend: DockerBackend, spec: MakeSpec) -> None:
    """An OCI runtime that the engine does not know is refused with those it has."""
    with pytest.raises(SandboxUnavailable, match=r"no OCI runtime 'none-such'; it lists [\s\S]*runc"):
        async with backend.start(spec("cat", runtime="none-such")):
            pass
