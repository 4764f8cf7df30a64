"""A sandbox backend for tests: real in all but isolation, its sandboxes are processes of this host."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import anyio.to_thread

from massgen_core import Service, ServiceProvider, hookimpl
from massgen_core.errors import ImageError, SandboxExited, SandboxUnavailable
from massgen_core.mcp.host import HostProcess, host_process
from massgen_core.sandbox import ImageInfo, Isolation, Mount, SandboxBackend, SandboxSpec

SERVERS = Path(__file__).parents[1] / "mcp" / "servers"


class Standing:
    """One process as a sandbox; it can be frozen, and remembers what was mounted."""

    def __init__(self, spec: SandboxSpec, main: HostProcess, backend: Standings) -> None:
        self.spec = spec
        self.main = main
        self.mounted: list[Mount] = []
        self.thaws = 0
        self.paused = anyio.Event()
        self._backend = backend

    @property
    def pid(self) -> int:
        return self.main._process.pid

    async def pause(self) -> None:
        self._signal(signal.SIGSTOP)
        self.paused.set()

    async def resume(self) -> None:
        self._signal(signal.SIGCONT)
        self.thaws += 1

    async def mount(self, mount: Mount) -> None:
        if self._backend.refuses(self, mount):
            raise SandboxUnavailable("its user cannot use the folder")
        self.mounted.append(mount)

    async def inspect(self) -> Isolation:
        return Isolation(backend="host", limits={"user": self._backend.user_of(self.spec)}, findings=())

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            raise SandboxExited("it has ended") from None


class Standings:
    """Starts scripts of the folder `servers` as images of those names, and remembers all that it started."""

    def __init__(self, folder: Path) -> None:
        self.name = "host"
        self.abilities: frozenset[Any] = frozenset({"pause", "mount"})
        self.started: list[Standing] = []
        self.running: list[Standing] = []
        self.missing = False
        self.refuses: Callable[[Standing, Mount], bool] = lambda sandbox, mount: False
        self.shifted: str | None = None
        self.gate: anyio.Event | None = None
        self.waiting = 0
        self._folder = folder

    @property
    def sandboxes(self) -> tuple[Standing, ...]:
        return tuple(self.running)

    def user_of(self, spec: SandboxSpec) -> str:
        return self.shifted if spec.mounts and self.shifted else spec.limits.user

    @asynccontextmanager
    async def start(self, spec: SandboxSpec) -> AsyncGenerator[Standing]:
        if self.missing:
            raise ImageError("there is no such image")
        if spec.awaits and "mount" not in self.abilities:
            raise SandboxUnavailable("nothing can be mounted later")
        if self.gate is not None:
            self.waiting += 1
            await self.gate.wait()
        files = await anyio.to_thread.run_sync(self._files, spec)
        command = spec.command or _own_command(spec.image.removeprefix("sha256:"))
        async with host_process(command, env={**spec.env, **files}) as process:
            sandbox = Standing(spec, process, self)
            self.started.append(sandbox)
            self.running.append(sandbox)
            try:
                yield sandbox
            finally:
                self.running.remove(sandbox)

    async def image(self, reference: str, **options: Any) -> ImageInfo:
        return ImageInfo(reference=reference, id=f"sha256:{reference}", command=_own_command(reference))

    def plugin(self) -> tuple[str, ModuleType]:
        """The plugin that brings it."""
        module = ModuleType("standings")

        @asynccontextmanager
        async def opened(context: Any) -> AsyncGenerator[Standings]:
            yield self

        @hookimpl
        def massgen_sandboxes(config: Any) -> list[ServiceProvider]:
            return [ServiceProvider(service=Service(SandboxBackend, "host"), open=opened)]

        module.massgen_sandboxes = massgen_sandboxes  # type: ignore[attr-defined]
        return "standings", module

    def _files(self, spec: SandboxSpec) -> dict[str, str]:
        """The variables that lead to a sandbox's secrets."""
        paths = {secret.name: self._folder / f"{secret.name}-{len(self.started)}" for secret in spec.secrets}
        for secret in spec.secrets:
            paths[secret.name].write_text(secret.value)
        return {f"{name}_FILE": str(path) for name, path in paths.items()}


def _own_command(image: str) -> tuple[str, ...]:
    return sys.executable, str(SERVERS / f"{image}.py")
