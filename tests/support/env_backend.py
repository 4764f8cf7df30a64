"""A sandbox backend that starts the toy server `telltale` on this host; secrets become variables. Also a plugin.

It is real in all but isolation, for tests of what happens around a sandbox.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from massgen_core import ImageInfo, PackageRef, SandboxBackend, hookimpl
from massgen_core.mcp.host import HostProcess, host_process
from massgen_core.sandbox import ExecResult, Isolation, Progress, Prove, SandboxSpec
from massgen_core.tools import ProviderContext, Service, ServiceProvider

SERVER = Path(__file__).parents[1] / "mcp" / "servers" / "telltale.py"
IMAGE = ImageInfo(reference="telltale", id="sha256:telltale", command=(sys.executable, str(SERVER)))


class EnvSandbox:
    """A process of this host that was given its secrets as variables."""

    def __init__(self, name: str, main: HostProcess) -> None:
        self.id = self.name = name
        self.main = main

    async def exec(self, *command: Any, **options: Any) -> ExecResult:
        raise NotImplementedError

    async def inspect(self) -> Isolation:
        return Isolation(backend="host", limits={}, findings=())


class EnvBackend:
    """Remembers what it started."""

    name = "docker"
    sandboxes = ()

    def __init__(self) -> None:
        self.started: list[SandboxSpec] = []
        self.prepared = 0

    @asynccontextmanager
    async def start(
        self, spec: SandboxSpec, *, on_stderr: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[EnvSandbox]:
        self.started.append(spec)
        env = {**spec.env, **{secret.name: secret.value for secret in spec.secrets}}
        async with host_process(spec.command or IMAGE.command, env=env, on_stderr=on_stderr) as process:
            yield EnvSandbox(spec.name, process)

    async def prepare(self, package: PackageRef, *, prove: Prove, progress: Progress) -> ImageInfo:
        self.prepared += 1
        await prove(IMAGE)
        return IMAGE

    async def image(self, reference: str, *, progress: Progress) -> ImageInfo:
        return IMAGE


def service_of(backend: EnvBackend) -> ServiceProvider:
    """The backend as the service ``docker``."""

    @asynccontextmanager
    async def provide(context: ProviderContext) -> AsyncGenerator[EnvBackend]:
        yield backend

    return ServiceProvider(service=Service(SandboxBackend, "docker"), open=provide)


@hookimpl
def massgen_sandboxes() -> list[ServiceProvider]:
    """A new backend."""
    return [service_of(EnvBackend())]
