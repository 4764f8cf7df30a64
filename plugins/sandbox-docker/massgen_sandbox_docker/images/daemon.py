"""The few things that image builds ask of the engine, each with its failure in words."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Any, cast

import aiodocker
import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images.archive import build_context
from massgen_sandbox_docker.images.naming import UNFINISHED

_ABANDONED = 6 * 3600


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
        handle = docker.containers.container(container)  # pyright: ignore[reportUnknownMemberType]
        await handle.commit(repository=repository, tag=tag, pause=False)


async def untag(engine: Engine, reference: str) -> None:
    """Remove a name, and the image when it was its last; not interrupted, and no failure when it is gone."""
    with anyio.CancelScope(shield=True), contextlib.suppress(SandboxError):
        async with engine.control(f"remove the image {reference}") as docker:
            await docker.images.delete(reference)


async def sweep(engine: Engine) -> None:
    """Remove what builds that were killed have left: unfinished images older than any build takes."""
    for image in await listed(engine, reference=UNFINISHED):
        if time.time() - image["Created"] > _ABANDONED:
            for reference in image.get("RepoTags") or ():
                await untag(engine, reference)


async def listed(engine: Engine, **filters: str) -> list[dict[str, Any]]:
    """The images that fit, ``label="name=value"`` or ``reference="repository"``."""
    async with engine.control("list images") as docker:
        find = cast("Callable[..., Awaitable[list[dict[str, Any]]]]", docker.images.list)  # pyright: ignore[reportUnknownMemberType]
        return await find(filters={name: [value] for name, value in filters.items()})


async def load(engine: Engine, archive: AsyncIterable[bytes], *, timeout: float) -> None:
    """Load an image from an archive."""
    async with engine.control("load an image", timeout=timeout) as docker:
        send = cast("Callable[[AsyncIterable[bytes]], Awaitable[object]]", docker.images.import_image)  # pyright: ignore[reportUnknownMemberType]
        await send(archive)
