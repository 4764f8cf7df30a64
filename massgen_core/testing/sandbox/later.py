"""Folders that come to a sandbox that runs already; skipped where a backend says that it cannot."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import anyio.to_thread
import pytest

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import Mount, Sandbox, SandboxBackend, SandboxSpec
from massgen_core.testing.sandbox.files import seen
from massgen_core.testing.sandbox.kit import Kit
from massgen_core.testing.sandbox.state import can

_AWAITED = ("/workspace", "/data")


class Later(Kit):
    """What `SandboxSpec.awaits` and `Sandbox.mount` promise, as far as the backend's ``abilities`` go."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def awaiting(self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec) -> AsyncGenerator[Sandbox]:
        """A running sandbox at two paths of which something may be mounted."""
        can(sandbox_backend, "mount")
        async with sandbox_backend.start(replace(sandbox_spec, awaits=_AWAITED)) as started:
            yield started

    async def test_it_refuses_what_it_cannot_mount(
        self, sandbox: Sandbox, sandbox_backend: SandboxBackend, shared_folder: Path
    ) -> None:
        """A path that was not awaited takes nothing, and where nothing can be mounted an awaited one neither."""
        with pytest.raises(SandboxUnavailable):
            await sandbox.mount(Mount(source=shared_folder, target="/workspace"))

    async def test_empty_until_then(self, awaiting: Sandbox) -> None:
        """An awaited path is an empty folder that nobody can write to."""
        assert await seen(awaiting, "ls -A /workspace /data") == "/data:\n\n/workspace:\n"
        assert await seen(awaiting, "touch /workspace/new 2>/dev/null; ls -A /workspace") == ""

    async def test_what_is_mounted_is_seen(self, awaiting: Sandbox, shared_folder: Path) -> None:
        """A folder shows at its path and at no other, read-only, also when it changes outside."""
        await anyio.to_thread.run_sync((shared_folder / "word").write_text, "hello")
        await awaiting.mount(Mount(source=shared_folder, target="/workspace"))
        assert await seen(awaiting, "cat /workspace/word; ls -A /data") == "hello"
        await anyio.to_thread.run_sync((shared_folder / "word").write_text, "again")
        assert await seen(awaiting, "cat /workspace/word") == "again"
        assert await seen(awaiting, "touch /workspace/new 2>/dev/null; ls /workspace") == "word\n"

    async def test_once_for_each_path(self, awaiting: Sandbox, shared_folder: Path) -> None:
        """A path that has its folder takes no other; one whose folder was refused takes the next."""
        for source, target in ((shared_folder / "none", "/data"), (shared_folder, "/elsewhere")):
            with pytest.raises(SandboxUnavailable):
                await awaiting.mount(Mount(source=source, target=target))
        for target in _AWAITED:
            await awaiting.mount(Mount(source=shared_folder, target=target))
        with pytest.raises(SandboxUnavailable):
            await awaiting.mount(Mount(source=shared_folder, target="/data"))
