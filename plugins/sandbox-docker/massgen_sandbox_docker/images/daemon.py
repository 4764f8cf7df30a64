"""The few things that image builds ask of the engine, each with its failure in words."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import aiodocker
import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.engine import Engine
from massgen_sandbox_docker.images.archive import build_context


async def inspect(engine: Engine, reference: str) -> dict[str, Any] | None:
    """What the engine knows of an image, or None when it has none by that name."""
    async with engine.control(f"look up the image {reference}") as docker:
        try:
            return await docker.images.inspect(reference)
        except aiodocker.DockerError as error:
            if error.status != 404:
                raise
            return None


async def build(
    engine: Engine,
    dockerfile: str,
    tag: str,
    *,
    labels: Mapping[str, str],
    timeout: float,
    folders: tuple[str, ...] = (),
) -> None:
    """Build from a Dockerfile that only copies and sets: nothing is run, nothing is fetched."""
    context = build_context(dockerfile, folders=folders)
    async with engine.control(f"build the image {tag}", timeout=timeout) as docker:
        await docker.images.build(fileobj=context, encoding="identity", tag=tag, labels=labels, rm=True, forcerm=True)


async def commit(engine: Engine, container: str, repository: str, tag: str, *, timeout: float) -> None:
    """Keep a container's files as an image."""
    async with engine.control("keep what was installed", timeout=timeout) as docker:
        await docker.containers.container(container).commit(repository=repository, tag=tag, pause=False)


async def untag(engine: Engine, reference: str) -> None:
    """Remove a name, and the image when it was its last; not interrupted, and no failure when it is gone."""
    with anyio.CancelScope(shield=True), contextlib.suppress(SandboxError):
        async with engine.control(f"remove the image {reference}") as docker:
            await docker.images.delete(reference)
