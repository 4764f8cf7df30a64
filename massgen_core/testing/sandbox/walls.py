"""What holds a sandbox: its own files, folders of the host, the network, and what it tells about all that."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import anyio
import anyio.abc
import pytest

from massgen_core.sandbox import Mount, Sandbox, SandboxBackend, SandboxSpec
from massgen_core.testing.sandbox.kit import PATIENCE, Kit


class Walls(Kit):
    """What a sandbox keeps apart, and `Sandbox.inspect`."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    async def test_two_sandboxes_have_files_of_their_own(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec, word: str
    ) -> None:
        """What one sandbox writes to /tmp is neither in another's nor in the host's."""
        self.needs("private-files")
        async with sandbox_backend.start(sandbox_spec) as one, sandbox_backend.start(sandbox_spec) as other:
            await one.exec(["sh", "-c", f"echo secret >/tmp/{word}"], deadline=PATIENCE)
            assert (await one.exec(["cat", f"/tmp/{word}"], deadline=PATIENCE)).stdout == b"secret\n"
            assert (await other.exec(["ls", "-A", "/tmp"], deadline=PATIENCE)).stdout == b""
        assert not await anyio.Path("/tmp", word).exists()
        async with sandbox_backend.start(sandbox_spec) as later:
            assert (await later.exec(["ls", "-A", "/tmp"], deadline=PATIENCE)).stdout == b""

    async def test_a_mount_is_read_only(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec, shared_folder: Path
    ) -> None:
        """A folder of the host can be read at its place, and not be changed."""
        self.needs("mounts")
        (shared_folder / "file").write_text("from the host\n")
        spec = replace(sandbox_spec, mounts=(Mount(source=shared_folder, target="/workspace"),))
        async with sandbox_backend.start(spec) as sandbox:
            read = await sandbox.exec(["cat", "file"], workdir="/workspace", deadline=PATIENCE)
            script = "echo x >new || echo x >file || rm -f file || chmod 777 ."
            changed = await sandbox.exec(["sh", "-c", script], workdir="/workspace", deadline=PATIENCE)
        assert read.stdout == b"from the host\n"
        assert changed.exit_code != 0
        assert (shared_folder / "file").read_text() == "from the host\n"
        assert not (shared_folder / "new").exists()

    async def test_a_writable_mount(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec, shared_folder: Path
    ) -> None:
        """What a sandbox writes to a folder that it may change is on the host."""
        self.needs("mounts")
        spec = replace(sandbox_spec, mounts=(Mount(source=shared_folder, target="/workspace", write=True),))
        async with sandbox_backend.start(spec) as sandbox:
            written = await sandbox.exec(["sh", "-c", "echo inside >/workspace/file"], deadline=PATIENCE)
        assert (written.exit_code, written.stderr) == (0, b"")
        assert (shared_folder / "file").read_text() == "inside\n"

    async def test_network_none_has_no_way_out(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """A listener on the host's loopback, which the host itself reaches, cannot be reached from inside."""
        self.needs("no-network")
        limits = sandbox_spec.limits.model_copy(update={"network": "none"})
        spec = replace(sandbox_spec, limits=limits)
        async with (
            _listening() as port,
            await anyio.connect_tcp("127.0.0.1", port),
            sandbox_backend.start(spec) as sandbox,
        ):
            result = await sandbox.exec(self.connector("127.0.0.1", port), deadline=PATIENCE)
        assert not result.timed_out
        assert result.exit_code not in (0, 126, 127)

    async def test_what_holds_it_is_told(self, sandbox_backend: SandboxBackend, sandbox: Sandbox) -> None:
        """Isolation is facts: each has a name, holds or does not, and says in words what was found."""
        isolation = await sandbox.inspect()
        assert isolation.backend == sandbox_backend.name
        assert isolation.findings
        assert all(finding.name and finding.detail for finding in isolation.findings)
        assert all(finding.ok is True or finding.ok is False for finding in isolation.findings)
        assert all(isinstance(value, str) and value for value in isolation.limits.values())
        assert 0 <= isolation.score <= 100
        assert (await sandbox.exec(["true"], deadline=PATIENCE)).exit_code == 0


@asynccontextmanager
async def _listening() -> AsyncGenerator[int]:
    """A listener on the host's loopback that takes every connection."""

    async def greet(connection: anyio.abc.SocketStream) -> None:
        async with connection:
            await connection.send(b"hello\n")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, greet)
        yield listener.extra(anyio.abc.SocketAttribute.local_port)
        tasks.cancel_scope.cancel()
