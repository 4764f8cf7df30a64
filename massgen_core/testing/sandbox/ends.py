"""The end of commands and sandboxes: deadlines, cancellation, and nothing that stays behind."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import anyio
import pytest

from massgen_core.errors import SandboxExited
from massgen_core.sandbox import Sandbox, SandboxBackend, SandboxSpec, Stream
from massgen_core.testing.sandbox.kit import PATIENCE, Kit, receive_until

_DEADLINE = 1.0
_HIDDEN = "(env -i setsid sleep {word} &); echo ready; sleep {word}"
_TREES = {
    "child": "echo ready; sleep {word}; :",
    "deaf": "trap '' TERM INT HUP; echo ready; while :; do sleep {word}; done",
    "own session": "setsid sleep {word} & echo ready; wait",
    "double fork": "(sleep {word} &); (setsid sleep {word} &); echo ready; sleep {word}",
    "cleared environment": "env -i setsid sleep {word} & echo ready; wait",
}


class Ends(Kit):
    """What must be over when something is over."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_a_deadline_keeps_what_had_arrived(self, sandbox: Sandbox) -> None:
        """After the deadline the result says so, with the output so far."""
        script = "echo before; echo problem >&2; sleep 1000; echo after"
        result = await sandbox.exec(["sh", "-c", script], deadline=_DEADLINE)
        assert (result.timed_out, result.exit_code) == (True, None)
        assert (result.stdout, result.stderr) == (b"before\n", b"problem\n")

    @pytest.mark.parametrize("tree", _TREES.values(), ids=_TREES)
    async def test_a_deadline_ends_the_tree(self, sandbox: Sandbox, word: str, tree: str) -> None:
        """Ignored signals, new sessions, double forks and a cleared environment do not help."""
        result = await sandbox.exec(["sh", "-c", tree.format(word=word)], deadline=_DEADLINE)
        assert (result.timed_out, result.stdout) == (True, b"ready\n")
        assert await self.running(sandbox, word) == [] or not result.tree_killed
        if "exact-kill" not in self.lacks:
            assert result.tree_killed

    async def test_what_hides_well_is_ended_too(self, sandbox: Sandbox, word: str) -> None:
        """A child that has hidden its environment and lost its parent does not outlive the deadline."""
        self.needs("exact-kill")
        result = await sandbox.exec(["sh", "-c", _HIDDEN.format(word=word)], deadline=_DEADLINE)
        assert (result.timed_out, result.tree_killed) == (True, True)
        assert await self.running(sandbox, word) == []

    async def test_what_is_called_killed_is_gone(self, sandbox: Sandbox, word: str) -> None:
        """Whatever a backend can do, ``tree_killed`` is true only when nothing is left."""
        result = await sandbox.exec(["sh", "-c", _HIDDEN.format(word=word)], deadline=_DEADLINE)
        assert result.tree_killed == (await self.running(sandbox, word) == [])

    async def test_a_child_that_stays_does_not_hold_the_result(self, sandbox: Sandbox, word: str) -> None:
        """A command that leaves behind a child which holds its stdout still ends, and the child with it or not."""
        with anyio.fail_after(PATIENCE):
            result = await sandbox.exec(["sh", "-c", f"sleep {word} & echo done"])
        assert (result.exit_code, result.stdout, result.timed_out) == (0, b"done\n", False)

    async def test_a_cancelled_command_leaves_nothing(self, sandbox: Sandbox, word: str) -> None:
        """Cancelling the caller ends what it started, and the sandbox goes on."""
        started = anyio.Event()

        async def seen(stream: Stream, data: bytes) -> None:
            started.set()

        async def run() -> None:
            await sandbox.exec(["sh", "-c", f"setsid sleep {word} & echo go; sleep {word}"], on_output=seen)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            with anyio.fail_after(PATIENCE):
                await started.wait()
            tasks.cancel_scope.cancel()
        assert await self.running(sandbox, word) == []
        assert (await sandbox.exec(["true"], deadline=PATIENCE)).exit_code == 0

    async def test_a_sandbox_lives_as_long_as_its_context(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """While it runs the backend lists it; afterwards it is gone, and a command for it says so."""
        async with sandbox_backend.start(sandbox_spec) as sandbox:
            assert sandbox in sandbox_backend.sandboxes
            assert (sandbox.name, bool(sandbox.id)) == (sandbox_spec.name, True)
            assert (await sandbox.exec(["true"], deadline=PATIENCE)).exit_code == 0
        assert sandbox not in sandbox_backend.sandboxes
        with anyio.fail_after(PATIENCE), pytest.raises(SandboxExited):
            await sandbox.exec(["true"])
        with anyio.fail_after(PATIENCE), pytest.raises(SandboxExited):
            async with sandbox.spawn(["true"]):
                pass

    async def test_an_error_in_the_body_destroys_the_sandbox(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """The caller's error comes out as it is, and the sandbox is gone."""
        context = sandbox_backend.start(sandbox_spec)
        sandbox = await context.__aenter__()
        error = ZeroDivisionError()
        try:
            assert not await context.__aexit__(ZeroDivisionError, error, None)
        except ZeroDivisionError as raised:
            assert raised is error  # noqa: PT017
        assert sandbox not in sandbox_backend.sandboxes
        with pytest.raises(SandboxExited):
            await sandbox.exec(["true"])

    async def test_a_main_process(self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec) -> None:
        """Its first byte is not missed, it is spoken to, stderr is kept apart, and its end is told."""
        script = "echo hello; echo aside >&2; cat; exit 5"
        spec = replace(sandbox_spec, idle=False, command=("sh", "-c", script))
        async with sandbox_backend.start(spec) as sandbox:
            assert await receive_until(sandbox.main, b"hello\n") == b"hello\n"
            await sandbox.main.send(b"back\n")
            assert await receive_until(sandbox.main, b"back\n") == b"back\n"
            await sandbox.main.send_eof()
            with anyio.fail_after(PATIENCE):
                assert (await sandbox.main.wait()).code == 5
                with pytest.raises(anyio.EndOfStream):
                    await sandbox.main.receive()
                with pytest.raises(SandboxExited):
                    await sandbox.main.send(b"more\n")
            assert "aside" in sandbox.main.stderr_tail()

    async def test_commands_end_with_the_main_process(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """A sandbox whose main process is gone runs nothing any more, and says how that one ended."""
        spec = replace(sandbox_spec, idle=False, command=("sh", "-c", "exit 7"))
        async with sandbox_backend.start(spec) as sandbox:
            with anyio.fail_after(PATIENCE):
                await sandbox.main.wait()
                with pytest.raises(SandboxExited) as raised:
                    await sandbox.exec(["true"])
        assert raised.value.exit_code == 7

    async def test_an_idle_sandbox_waits_for_commands(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """A sandbox without a program of its own runs the commands that it is given."""
        async with sandbox_backend.start(replace(sandbox_spec, idle=True, command=())) as sandbox:
            for _ in range(2):
                result = await sandbox.exec(["sh", "-c", "cat; exit 2"], stdin=b"hi", deadline=PATIENCE)
                assert (result.exit_code, result.stdout) == (2, b"hi")
