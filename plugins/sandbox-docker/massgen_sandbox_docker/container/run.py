"""One container from create to delete: create, attach, start; then close stdin, ask, kill, remove."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiodocker
import anyio
import anyio.lowlevel

from massgen_core.errors import ImageError, SandboxError
from massgen_core.sandbox import (
    ExitStatus,
    SandboxLimits,
    SandboxSpec,
)
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.container.exits import wait_for_exit
from massgen_sandbox_docker.container.freezer import Freezer
from massgen_sandbox_docker.container.mounts import NOTHING_MOUNTED, Mounting
from massgen_sandbox_docker.container.process import AttachedProcess, OnStderr
from massgen_sandbox_docker.container.profile import create_body
from massgen_sandbox_docker.container.quota import created_id, with_quota
from massgen_sandbox_docker.container.runtimes import verify_runtime
from massgen_sandbox_docker.container.sandbox import DockerSandbox as DockerSandbox
from massgen_sandbox_docker.container.sandbox import Spawn as Spawn
from massgen_sandbox_docker.container.sandbox import Take as Take
from massgen_sandbox_docker.container.starting import start
from massgen_sandbox_docker.container.verify import verify_network
from massgen_sandbox_docker.container.watchman import Watchman
from massgen_sandbox_docker.engine.api import Container, container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.hijack import HijackedStream

if TYPE_CHECKING:
    from massgen_sandbox_docker.late.awaited import Awaited

Reshape = Callable[[dict[str, Any]], dict[str, Any]]
"""Changes the body of a create request after everything else."""

_DELETE_TIMEOUT = 30.0
_DELETE_TRIES = 20
_DELETE_PAUSE = 0.2
_STREAMS = "stream=1&stdin=1&stdout=1&stderr=1&logs=0"


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

    async def look() -> None:
        await _verify(engine, container_id, body, mounting)

    async with hold_container(engine, spec, container_id, look, on_stderr=on_stderr, awaited=mounting.awaited) as held:
        yield held


@asynccontextmanager
async def hold_container(
    engine: Engine,
    spec: SandboxSpec,
    container_id: str,
    look: Callable[[], Awaitable[None]],
    *,
    stream: HijackedStream | None = None,
    on_stderr: OnStderr | None = None,
    awaited: Awaited | None = None,
) -> AsyncGenerator[DockerSandbox]:
    """Start a container that was created, or go on with the ``stream`` of one that runs; it ends with the body.

    Unless it was given to another process meanwhile, whose it is then.
    """
    freezer = Freezer(engine, container_id)
    given = False
    try:
        await anyio.lowlevel.checkpoint_if_cancelled()
        async with _attached(engine, container_id, freezer, spec.limits, on_stderr, awaited, stream) as process:
            try:
                await look()
                yield DockerSandbox(engine, spec, container_id, process, freezer, awaited)
            finally:
                given = process.given
                with anyio.CancelScope(shield=True):
                    if not given:
                        await freezer.let_end()
                        await _stop(engine, container_id, process, spec.limits.stop_timeout)
    except BaseException:
        with anyio.CancelScope(shield=True), contextlib.suppress(SandboxError):  # the closing backend tries again
            if not given:
                await remove(engine, container_id)
        raise
    with anyio.CancelScope(shield=True):
        if not given:
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
    known: HijackedStream | None,
) -> AsyncGenerator[AttachedProcess]:
    """Attach before the start, so that no byte is missed, and keep reading until the body ends."""
    path = f"/containers/{container_id}/attach?{_STREAMS}"
    stream = known or await engine.hijack("attach to the container", path)

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
            if known is None:
                await start(engine, container_id, runtime=runtime, remove=lambda: remove(engine, container_id))
            process.let_go = tasks.cancel
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
