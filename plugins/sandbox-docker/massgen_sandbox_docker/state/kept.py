"""The snapshots that an engine holds: listed, and deleted."""

from __future__ import annotations

from collections.abc import Sequence

import aiodocker

from massgen_core.sandbox import Snapshot
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.state.labels import NAME, REPOSITORY, kept, snapshot


async def listed(engine: Engine) -> Sequence[Snapshot]:
    """All of them, the oldest first.

    Raises:
        SandboxError: The engine does not answer.
    """
    images = await daemon.listed(engine, label=NAME, reference=REPOSITORY)
    found = [(str(each["Id"]), kept(each.get("Labels") or {})) for each in images]
    return sorted((snapshot(key, of) for key, of in found if of is not None), key=lambda each: each.created)


async def drop(engine: Engine, of: Snapshot) -> None:
    """Delete one; with it goes the copy of a root that it was built on.

    Raises:
        SandboxError: A sandbox that began with it still runs.
    """
    async with engine.control(f"delete the snapshot of {of.name!r}") as docker:
        try:
            await docker.images.delete(of.id, force=True)
        except aiodocker.DockerError as error:
            if error.status != 404:
                raise
