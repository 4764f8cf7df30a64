"""One running container as the core knows it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox import Command, ExecResult, Isolation, Mount, OnOutput, SandboxSpec, Snapshot
from massgen_core.sandbox.running import never_ran, run_to_end
from massgen_sandbox_docker.container.freezer import Freezer
from massgen_sandbox_docker.container.killer import Killer
from massgen_sandbox_docker.container.meter import Meter
from massgen_sandbox_docker.container.process import AttachedProcess
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine

if TYPE_CHECKING:
    from massgen_sandbox_docker.late.awaited import Awaited
    from massgen_sandbox_docker.supervised.conversation import Conversation


class Spawn(Protocol):
    """Starts commands in a sandbox, as `massgen_core.sandbox.Sandbox.spawn` does."""

    def __call__(
        self, command: Sequence[str], /, *, env: Mapping[str, str] | None, workdir: str | None, stdin: bool
    ) -> AbstractAsyncContextManager[Command]:
        """Start one."""
        ...


Take = Callable[["DockerSandbox"], Awaitable[Snapshot]]
"""Makes a snapshot of a sandbox."""


class DockerSandbox:
    """`massgen_core.sandbox.Sandbox` for one running container."""

    def __init__(
        self,
        engine: Engine,
        spec: SandboxSpec,
        container_id: str,
        main: AttachedProcess,
        freezer: Freezer,
        awaited: Awaited | None = None,
    ) -> None:
        self._engine = engine
        self._spec = spec
        self._id = container_id
        self._main = main
        self._freezer = freezer
        self._awaited = awaited
        self._inside: Spawn | None = None
        self.conversation: Conversation | None = None
        """With the supervisor, where there is one."""
        self._take: Take | None = None
        self.began = time.monotonic()
        self._killer = Killer(engine, container_id, spec.limits.user)
        self._meter = Meter(engine, container_id)

    @property
    def id(self) -> str:
        """The container's id."""
        return self._id

    @property
    def name(self) -> str:
        """The word from its spec."""
        return self._spec.name

    @property
    def spec(self) -> SandboxSpec:
        """What it was started from."""
        return self._spec

    def standstill(self) -> AbstractAsyncContextManager[bool]:
        """No command starts while the body runs: it waits; false where one is just starting, or it is frozen."""
        return self._freezer.standstill()

    @property
    def main(self) -> AttachedProcess:
        """The main process."""
        return self._main

    async def shown(self) -> dict[str, Any]:
        """The container as the engine shows it now."""
        async with self._engine.control("look at the container") as docker:
            return dict(await container(docker, self._id).show())

    def runs_by(self, spawn: Spawn) -> None:
        """Commands are run by somebody inside from now on, not by the engine."""
        self._inside = spawn

    def spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        stdin: bool = False,
    ) -> AbstractAsyncContextManager[Command]:
        """Start a command beside the main process, as the sandbox's user."""
        return self._freezer.around(partial(self._spawn, command, env=env, workdir=workdir, stdin=stdin))

    async def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        deadline: float | None = None,
        max_output: int = 1024 * 1024,
        on_output: OnOutput | None = None,
        measure: bool = False,
    ) -> ExecResult:
        """Run a command beside the main process, as the sandbox's user; the deadline holds for a frozen one as well."""
        if not await self._freezer.goes_on(within=deadline):
            return never_ran(deadline or 0)
        spawn = partial(self._spawn, command, env=env, workdir=workdir, stdin=stdin is not None, measure=measure)
        spawned = self._freezer.around(spawn)
        return await run_to_end(spawned, stdin=stdin, deadline=deadline, max_output=max_output, on_output=on_output)

    def _spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        workdir: str | None,
        stdin: bool,
        measure: bool = False,
    ) -> AbstractAsyncContextManager[Command]:
        if self._inside is not None:
            # By its name, or a folder that was mounted over it since would not be seen.
            workdir = workdir or self._spec.workdir
            return self._inside(command, env=env, workdir=workdir, stdin=stdin)
        from massgen_sandbox_docker.container.exec import ExecRequest, Place, engine_command

        place = Place(
            engine=self._engine,
            container_id=self._id,
            killer=self._killer,
            meter=self._meter,
            main=self._main,
        )
        request = ExecRequest(
            command=command,
            user=self._spec.limits.user,
            stdin=stdin,
            env=env or {},
            workdir=workdir,
            measure=measure,
        )
        return engine_command(place, request)

    async def pause(self) -> None:
        """Freeze everything in the container."""
        await self._freezer.pause()

    async def resume(self) -> None:
        """Let it go on."""
        await self._freezer.resume()

    def keeps_by(self, take: Take) -> None:
        """How a snapshot of it is made."""
        self._take = take

    async def snapshot(self) -> Snapshot:
        """Keep its files as an image."""
        if self._take is None:
            raise SandboxUnavailable(f"{self.name}: no snapshots are made of it")
        if self._freezer.frozen:
            raise SandboxError(f"{self.name} is frozen: resume it first, since its own programs tell what it holds")
        return await self._take(self)

    async def inspect(self) -> Isolation:
        """What the container is really held to."""
        from massgen_sandbox_docker.container.isolation import inspect_isolation

        later = self._awaited.mounted if self._awaited else ()
        return await inspect_isolation(self._engine, self, self._spec.limits, later)

    async def mount(self, mount: Mount) -> None:
        """Mount a folder of this machine at a path that the spec awaits."""
        if self._awaited is None:
            raise SandboxUnavailable(
                f"cannot mount {mount.source} at {mount.target}: its spec does not name that path in `awaits`"
            )
        await self._awaited.mount(mount, end=self._main.end)
