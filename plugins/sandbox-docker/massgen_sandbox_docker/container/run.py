"""One container from create to delete: create, attach, start; then close stdin, ask, kill, remove."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import aiodocker
import anyio
import anyio.lowlevel

from massgen_core.errors import ImageError, SandboxError, SandboxUnavailable
from massgen_core.sandbox import (
    Command,
    ExecResult,
    ExitStatus,
    Isolation,
    Mount,
    OnOutput,
    SandboxLimits,
    SandboxSpec,
    Snapshot,
)
from massgen_core.sandbox.background import background
from massgen_core.sandbox.running import run_to_end
from massgen_sandbox_docker.container.exits import wait_for_exit
from massgen_sandbox_docker.container.freezer import Freezer, never_ran
from massgen_sandbox_docker.container.killer import Killer
from massgen_sandbox_docker.container.meter import Meter
from massgen_sandbox_docker.container.mounts import NOTHING_MOUNTED, Mounting
from massgen_sandbox_docker.container.process import AttachedProcess, OnStderr
from massgen_sandbox_docker.container.profile import create_body
from massgen_sandbox_docker.container.quota import created_id, with_quota
from massgen_sandbox_docker.container.runtimes import verify_runtime
from massgen_sandbox_docker.container.starting import start
from massgen_sandbox_docker.container.verify import verify_network
from massgen_sandbox_docker.container.watchman import Watchman
from massgen_sandbox_docker.engine.api import Container, container
from massgen_sandbox_docker.engine.client import Engine

if TYPE_CHECKING:
    from massgen_sandbox_docker.late.awaited import Awaited

Reshape = Callable[[dict[str, Any]], dict[str, Any]]
"""Changes the body of a create request after everything else."""

_DELETE_TIMEOUT = 30.0
_DELETE_TRIES = 20
_DELETE_PAUSE = 0.2
_STREAMS = "stream=1&stdin=1&stdout=1&stderr=1&logs=0"


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
        self._take: Take | None = None
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
        return self._freezer.around(self._spawn(command, env=env, workdir=workdir, stdin=stdin))

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
        spawned = self._spawn(command, env=env, workdir=workdir, stdin=stdin is not None, measure=measure)
        spawned = self._freezer.around(spawned)
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


@asynccontextmanager
async def run_container(
    engine: Engine,
    spec: SandboxSpec,
    labels: Mapping[str, str],
    *,
    mounting: Mounting = NOTHING_MOUNTED,
    reshape: Reshape | None = None,
    on_stderr: OnStderr | None = None,
) -> AsyncGenerator[DockerSandbox]:
    """Start a container; when the body ends, for whatever reason, nothing of it is left.

    What it became is looked at before it is used: a network other than the one asked for is an error.
    """
    body = create_body(spec, labels)
    body["HostConfig"].update(mounting.host_config())
    body = await with_quota(engine, reshape(body) if reshape else body, spec.limits)
    name = f"massgen-{re.sub(r'[^a-zA-Z0-9_.-]+', '-', spec.name)[:40]}-{uuid.uuid4().hex[:12]}"
    await mounting.again()
    container_id = await _create(engine, body, name, image=spec.reference or spec.image)
    freezer = Freezer(engine, container_id)
    try:
        await anyio.lowlevel.checkpoint_if_cancelled()
        async with _attached(engine, container_id, freezer, spec.limits, on_stderr, mounting.awaited) as process:
            try:
                await _verify(engine, container_id, body, mounting)
                yield DockerSandbox(engine, spec, container_id, process, freezer, mounting.awaited)
            finally:
                with anyio.CancelScope(shield=True):
                    await freezer.let_end()
                    await _stop(engine, container_id, process, spec.limits.stop_timeout)
    except BaseException:
        with anyio.CancelScope(shield=True), contextlib.suppress(SandboxError):  # the closing backend tries again
            await remove(engine, container_id)
        raise
    with anyio.CancelScope(shield=True):
        await remove(engine, container_id)


async def _verify(engine: Engine, container_id: str, body: Mapping[str, Any], mounting: Mounting) -> None:
    """Look at a container that was just started, by what the engine says that it is."""
    async with engine.control("look at the container") as docker:
        shown = await container(docker, container_id).show()
    verify_network(shown, body["HostConfig"]["NetworkMode"])
    verify_runtime(shown, body["HostConfig"].get("Runtime"))
    await mounting.verify(shown)


async def remove(engine: Engine, name: str) -> None:
    """Kill and delete a container by id or name with its anonymous volumes; one that is gone already is fine.

    An engine that fails is asked again: what keeps a file system busy is often over a moment later.
    """
    async with engine.control("remove the container", timeout=_DELETE_TIMEOUT) as docker:
        failures = 0
        while not await _deleted(container(docker, name), give_up=failures >= _DELETE_TRIES):
            failures += 1
            await anyio.sleep(_DELETE_PAUSE)


async def _deleted(doomed: Container, *, give_up: bool) -> bool:
    """Whether it is gone; false to try again."""
    try:
        await doomed.delete(force=True, v=True)
    except aiodocker.DockerError as error:
        if error.status == 404:
            return True
        if error.status == 409:  # its removal is in progress
            return False
        if give_up or error.status < 500:
            raise
        return False
    return True


async def _create(engine: Engine, body: Mapping[str, Any], name: str, *, image: str) -> str:
    """Create it, not to be interrupted: the engine would go on and leave a container that nobody knows."""
    created = ""
    with anyio.CancelScope(shield=True):
        try:
            async with engine.control("create the container") as docker:
                created = await created_id(docker, body, name)
        except ImageError as error:
            raise ImageError(f"the engine has no image {image!r} (any more): {error}") from error
        except SandboxError:
            with contextlib.suppress(SandboxError):
                await remove(engine, name)
            raise
    return created


@asynccontextmanager
async def _attached(
    engine: Engine,
    container_id: str,
    freezer: Freezer,
    limits: SandboxLimits,
    on_stderr: OnStderr | None,
    awaited: Awaited | None,
) -> AsyncGenerator[AttachedProcess]:
    """Attach before the start, so that no byte is missed, and keep reading until the body ends."""
    stream = await engine.hijack("attach to the container", f"/containers/{container_id}/attach?{_STREAMS}")

    async def ended() -> ExitStatus:
        return await wait_for_exit(engine, container_id)

    async def kill() -> None:
        await freezer.let_end()
        await _signal(engine, container_id, "SIGKILL")

    output = None if limits.output is None else int(limits.output)
    process = AttachedProcess(stream, wait_for_exit=ended, kill=kill, on_stderr=on_stderr, max_output=output)
    try:
        async with background() as tasks:
            runtime = limits.runtime.name if limits.runtime else None
            await start(engine, container_id, runtime=runtime, remove=lambda: remove(engine, container_id))
            tasks.start_soon(process.pump)
            tasks.start_soon(process.watch)
            tasks.start_soon(freezer.melt, process.wait)
            tasks.start_soon(Watchman(engine, container_id, limits, awaited).watch, process)
            yield process
    finally:
        with anyio.CancelScope(shield=True):
            await stream.aclose()


async def _stop(engine: Engine, container_id: str, process: AttachedProcess, seconds: float) -> None:
    """Close stdin, wait half the time, ask with SIGTERM, wait the other half; what is left is killed by its removal."""
    process.discard_output()
    with anyio.move_on_after(seconds / 2):
        await process.send_eof()
        await process.wait()
    if process.ended or not seconds:
        return
    try:
        await _signal(engine, container_id, "SIGTERM")
    except SandboxError:
        return
    with anyio.move_on_after(seconds / 2):
        await process.wait()


async def _signal(engine: Engine, container_id: str, name: str) -> None:
    async with engine.control(f"send {name} to the container") as docker:
        try:
            await container(docker, container_id).kill(signal=name)
        except aiodocker.DockerError as error:
            if error.status not in (404, 409):  # gone, or not running
                raise
