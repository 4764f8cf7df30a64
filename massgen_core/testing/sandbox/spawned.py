"""Commands that the caller talks to: both directions, signals, and the end with their context."""

from __future__ import annotations

from typing import ClassVar

import anyio
import pytest

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import Sandbox
from massgen_core.testing.sandbox.kit import PATIENCE, Kit, receive_all, receive_until, send_on


class Spawned(Kit):
    """What `Sandbox.spawn` promises."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_a_conversation(self, sandbox: Sandbox) -> None:
        """Lines go in and answers come out while the command runs; then it ends with its own code."""
        script = 'while read -r line; do echo "got $line"; done; echo over >&2; exit 3'
        async with sandbox.spawn(["sh", "-c", script], stdin=True) as command:
            for line in (b"one", b"two"):
                await command.send(line + b"\n")
                assert await receive_until(command, b"\n") == b"got " + line + b"\n"
            await command.send_eof()
            await command.send_eof()
            assert await receive_all(command) == {"stdout": b"", "stderr": b"over\n"}
            assert (await command.wait()).exit_code == 3
            with pytest.raises(anyio.EndOfStream):
                await command.receive()

    async def test_without_stdin_there_is_nothing_to_read(self, sandbox: Sandbox) -> None:
        """A command that was given no stdin finds its end at once."""
        async with sandbox.spawn(["cat"]) as command:
            assert await receive_all(command) == {"stdout": b"", "stderr": b""}
            assert (await command.wait()).exit_code == 0

    async def test_a_program_that_is_not_there(self, sandbox: Sandbox) -> None:
        """A missing program is an error by the time the command's end is asked for."""

        async def run() -> None:
            async with sandbox.spawn(["no-such-program"]) as command:
                await receive_all(command)
                await command.wait()

        with pytest.raises(SandboxError, match="no-such-program"):
            await run()

    async def test_sending_to_a_command_that_has_ended(self, sandbox: Sandbox) -> None:
        """Stdin of a command that is gone is an error, not a wait without end."""
        async with sandbox.spawn(["true"], stdin=True) as command:
            await receive_all(command)
            await command.wait()
            with anyio.fail_after(PATIENCE), pytest.raises(SandboxExited):
                await send_on(command)
            await command.send_eof()

    async def test_a_signal_ends_a_command(self, sandbox: Sandbox) -> None:
        """SIGINT ends a command that does not mind it: 130, as shells count."""
        async with sandbox.spawn(["sh", "-c", "echo ready; exec sleep 1000"]) as command:
            await receive_until(command, b"ready\n")
            await command.signal("SIGINT")
            await receive_all(command)
            assert (await command.wait()).exit_code == 130

    async def test_a_signal_can_be_trapped(self, sandbox: Sandbox) -> None:
        """A command that traps SIGINT answers it in its own way."""
        script = "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.1; done"
        async with sandbox.spawn(["sh", "-c", script]) as command:
            await receive_until(command, b"ready\n")
            await command.signal("SIGINT")
            assert (await receive_all(command))["stdout"] == b"caught\n"
            assert (await command.wait()).exit_code == 7

    async def test_a_kill(self, sandbox: Sandbox, word: str) -> None:
        """A killed command is gone with its children, says so, and still has an end."""
        async with sandbox.spawn(["sh", "-c", f"setsid sleep {word} & echo ready; sleep {word}"]) as command:
            await receive_until(command, b"ready\n")
            assert await command.kill()
            assert await self.running(sandbox, word) == []
            await receive_all(command)
            assert (await command.wait()).exit_code == 137
            assert await command.kill()

    async def test_leaving_the_context_ends_everything(self, sandbox: Sandbox, word: str) -> None:
        """What the command started does not outlive its context."""
        async with sandbox.spawn(["sh", "-c", f"(setsid sleep {word} &); echo ready; sleep {word}"]) as command:
            await receive_until(command, b"ready\n")
            assert await self.running(sandbox, word) != []
        assert await self.running(sandbox, word) == []

    async def test_a_slow_reader_holds_up_nobody_else(self, sandbox: Sandbox) -> None:
        """A command whose output nobody takes waits, and the others go on; nothing of its output is lost."""
        size = 8 * 2**20
        async with sandbox.spawn(["head", "-c", str(size), "/dev/zero"]) as slow:
            await slow.receive()
            for _ in range(3):
                with anyio.fail_after(PATIENCE):
                    assert (await sandbox.exec(["seq", "100000"])).stdout_bytes == 588_895
            taken = await receive_all(slow)
            assert 0 < len(taken["stdout"]) < size
            assert (await slow.wait()).exit_code == 0
