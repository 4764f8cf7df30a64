"""The local backend keeps the contract of sandbox backends, in bubblewrap and, as far as it goes, without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import anyio
import pytest
from massgen_sandbox_local.backend import LocalBackend

from massgen_core.sandbox import Sandbox, SandboxBackend, SandboxSpec
from massgen_core.testing import SandboxConformance


def on_the_host(word: str) -> list[str]:
    """The command lines of this machine that hold a word: a command in a namespace sees only itself."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        found += [line] if word in line else []
    return found


class TestBubblewrap(SandboxConformance):
    """Sandboxes in bubblewrap."""

    @pytest.fixture
    def sandbox_backend(self, bwrap: LocalBackend) -> SandboxBackend:
        """Bubblewrap."""
        return bwrap

    @pytest.fixture
    def sandbox_spec(self) -> SandboxSpec:
        """A sandbox that waits for commands."""
        return SandboxSpec(name="test", image="", idle=True)

    @pytest.fixture
    def shared_folder(self, host_folder: Path) -> Path:
        """One that the sandbox's user can reach."""
        return host_folder

    async def running(self, sandbox: Sandbox, word: str) -> Sequence[str]:
        """As the host sees them."""
        return await anyio.to_thread.run_sync(on_the_host, word)


class TestPlain(SandboxConformance):
    """Plain processes, by express wish."""

    lacks: ClassVar = {
        "mounts": "a plain process sees the host's own folders",
        "no-network": "a plain process has the host's network",
        "private-files": "a plain process has the host's /tmp",
    }

    @pytest.fixture
    def sandbox_backend(self, plain: LocalBackend) -> SandboxBackend:
        """No isolation."""
        return plain

    @pytest.fixture
    def sandbox_spec(self) -> SandboxSpec:
        """A sandbox that waits for commands."""
        return SandboxSpec(name="test", image="", idle=True)
