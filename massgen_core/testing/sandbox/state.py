"""A sandbox that stands still, and one whose files go on elsewhere; skipped where a backend says that it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import anyio
import pytest

from massgen_core.errors import SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Ability, Sandbox, SandboxBackend, SandboxSpec, Stream, fork, upload
from massgen_core.testing.sandbox.files import read, seen
from massgen_core.testing.sandbox.kit import PATIENCE, Kit

_STILL = 1.0
_TREE = r"mkdir -p /tmp/kept/inner && echo text >/tmp/kept/inner/-x && chmod 500 /tmp/kept/inner && ln -s a /tmp/kept/b"
_TELL = "cd /tmp/kept && find . | sort && cat inner/-x && ls -ld inner b | cut -c 1-10"


def can(backend: SandboxBackend, ability: Ability) -> None:
    """Skip a test of what a backend says that it cannot."""
    if ability not in backend.abilities:
        pytest.skip(f"the backend {backend.name!r} cannot {ability!r} here")


class State(Kit):
    """What `Sandbox.pause`, ``resume`` and ``snapshot`` promise, as far as the backend's ``abilities`` go."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_what_it_cannot_it_refuses(self, sandbox: Sandbox, sandbox_backend: SandboxBackend) -> None:
        """An ability that is not listed is an error that says so, not a silence."""
        if "pause" not in sandbox_backend.abilities:
            with pytest.raises(SandboxUnavailable):
                await sandbox.pause()
        if "snapshot" not in sandbox_backend.abilities:
            with pytest.raises(SandboxUnavailable):
                await sandbox.snapshot()
            assert list(await sandbox_backend.snapshots()) == []

    async def test_it_stands_still_and_goes_on(self, sandbox: Sandbox, sandbox_backend: SandboxBackend) -> None:
        """Nothing happens in a frozen sandbox, pausing or resuming twice is no error, and a command goes on."""
        can(sandbox_backend, "pause")
        async with sandbox.spawn(["sh", "-c", "while :; do echo tick; sleep 0.05; done"]) as command:
            with anyio.fail_after(PATIENCE):
                await command.receive()
                await sandbox.pause()
                await sandbox.pause()
                with anyio.move_on_after(_STILL):  # what it had said before
                    while True:
                        await command.receive()
                with anyio.move_on_after(_STILL) as waiting:
                    await command.receive()
                assert waiting.cancelled_caught
                await sandbox.resume()
                await sandbox.resume()
                assert (await command.receive())[0] == "stdout"

    async def test_a_command_waits_until_it_goes_on(self, sandbox: Sandbox, sandbox_backend: SandboxBackend) -> None:
        """What is asked of a frozen sandbox is done afterwards."""
        can(sandbox_backend, "pause")
        said = list[bytes]()

        async def run() -> None:
            said.append((await sandbox.exec(["echo", "on"])).stdout)

        await sandbox.pause()
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run)
                await anyio.sleep(_STILL)
                assert said == []
                await sandbox.resume()
        assert said == [b"on\n"]

    async def test_a_deadline_in_a_frozen_sandbox(
        self, sandbox: Sandbox, sandbox_backend: SandboxBackend, word: str
    ) -> None:
        """It holds; what is called killed is gone when the sandbox goes on."""
        can(sandbox_backend, "pause")
        begun, killed = anyio.Event(), list[bool]()

        async def began(stream: Stream, data: bytes) -> None:
            begun.set()

        async def run() -> None:
            script = f"echo go; sleep {word}"
            result = await sandbox.exec(["sh", "-c", script], deadline=2 * _STILL, on_output=began)
            assert result.timed_out
            killed.append(result.tree_killed)

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run)
                await begun.wait()
                await sandbox.pause()
        await sandbox.resume()
        assert not killed[0] or await self.running(sandbox, word) == []

    async def test_a_frozen_sandbox_can_be_ended(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """Leaving its context destroys it as any other."""
        can(sandbox_backend, "pause")
        with anyio.fail_after(PATIENCE):
            async with sandbox_backend.start(sandbox_spec) as frozen:
                await frozen.pause()
        assert frozen not in sandbox_backend.sandboxes
        with anyio.fail_after(PATIENCE), pytest.raises(SandboxExited):
            await frozen.exec(["true"])

    async def test_a_fork(self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec, word: str) -> None:
        """It begins with the other's files, in memory too, and then goes its own way; nothing is kept of it."""
        can(sandbox_backend, "snapshot")
        spec = replace(sandbox_spec, name=f"fork-{word}")
        async with sandbox_backend.start(spec) as sandbox:
            await seen(sandbox, _TREE)
            async with fork(sandbox_backend, sandbox, spec) as other:
                assert await seen(other, _TELL) == await seen(sandbox, _TELL)
                await upload(other, "/tmp/kept/own", b"x")
                assert await seen(sandbox, "ls /tmp/kept/own 2>/dev/null") == ""
        assert spec.name not in [each.name for each in await sandbox_backend.snapshots()]

    async def test_a_snapshot_outlives_its_sandbox(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """It is listed until it is dropped, holds what was there at its moment, and can be used more than once."""
        can(sandbox_backend, "snapshot")
        async with sandbox_backend.start(sandbox_spec) as first:
            await upload(first, "/tmp/file", b"then", mode=0o640)
            made = await first.snapshot()
            await upload(first, "/tmp/file", b"later")
        try:
            assert (made.backend, made.name) == (sandbox_backend.name, sandbox_spec.name)
            assert made in await sandbox_backend.snapshots()
            spec = replace(sandbox_spec, image="", snapshot=made)
            async with sandbox_backend.start(spec) as one, sandbox_backend.start(spec) as two:
                assert [await read(each, "/tmp/file") for each in (one, two)] == [b"then", b"then"]
                assert (await seen(one, "ls -l /tmp/file"))[:10] == "-rw-r-----"
        finally:
            await sandbox_backend.drop(made)
        assert made not in await sandbox_backend.snapshots()
        await sandbox_backend.drop(made)
