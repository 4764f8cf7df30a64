"""A sandbox that begins with the files of a snapshot: they are there before its program starts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from massgen_core.errors import ImageError, SandboxUnavailable
from massgen_core.sandbox import SandboxSpec, Snapshot
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon, own_command
from massgen_sandbox_docker.images.labels import image_labels
from massgen_sandbox_docker.state.labels import Kept, kept
from massgen_sandbox_docker.state.packing import unpack

Begin = Callable[[SandboxSpec], AbstractAsyncContextManager[DockerSandbox]]

_HOLD = 'read -r go; exec "$@"'
"""Becomes the program when told to; it takes no more from stdin than that one line."""


async def look_up(engine: Engine, spec: SandboxSpec, of: Snapshot) -> Kept:
    """What a spec's snapshot holds.

    Raises:
        ImageError: It is not there any more.
        SandboxUnavailable: It is another backend's, or has files where this sandbox has no folder in memory.
    """
    if of.backend != "docker":
        raise SandboxUnavailable(f"{spec.name}: the snapshot of {of.name!r} is one of the {of.backend} backend")
    found = await daemon.inspect(engine, of.id)
    held = kept(image_labels(found)) if found else None
    if held is None:
        raise ImageError(f"{spec.name}: the snapshot of {of.name!r} ({of.id[:19]}) is not there any more")
    if missing := sorted(set(held.folders) - set(spec.limits.tmpfs)):
        raise SandboxUnavailable(
            f"{spec.name}: the snapshot has files in {', '.join(missing)}, where this sandbox has no folder in memory\n"
            "  Name it in `tmpfs`."
        )
    return held


@asynccontextmanager
async def restored(engine: Engine, begin: Begin, spec: SandboxSpec, held: Kept) -> AsyncGenerator[DockerSandbox]:
    """Start a sandbox, and give it what was in memory before its program begins.

    Raises:
        SandboxUnavailable: The files do not fit into its folders.
    """
    if not held.folders:
        async with begin(spec) as sandbox:
            yield sandbox
        return
    command: Sequence[str] = spec.command or await own_command(engine, spec.image)
    async with begin(replace(spec, command=("sh", "-c", _HOLD, "sh", *command))) as sandbox:
        for number, path in enumerate(held.folders):
            if problem := await unpack(sandbox, held.key, number, path):
                raise SandboxUnavailable(f"{spec.name}: the snapshot's {path} could not be unpacked: {problem}")
        await sandbox.main.send(b"\n")
        yield sandbox
