"""Images by reference: present already, or pulled."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from massgen_core.errors import ImageError, SandboxError, SandboxUnavailable
from massgen_core.sandbox import ImageInfo, Progress
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.labels import image_labels, read_labels

_SHOWN = ("Pulling from", "Download complete", "Pull complete", "Digest:", "Status:")


async def image(engine: Engine, config: DockerConfig, reference: str, *, progress: Progress) -> ImageInfo:
    """An image by reference with its own command, pulled when the engine does not have it.

    Raises:
        ImageError: It is not there and cannot be pulled.
    """
    found = await daemon.inspect(engine, reference)
    if found is None:
        progress(f"pulling {reference}")
        await _pull(engine, config, reference, progress)
        found = await daemon.inspect(engine, reference)
    if found is None:
        raise ImageError(f"the engine has no image {reference!r} after pulling it\n  Check the reference.")
    version = image_labels(found).get("org.opencontainers.image.version")
    return ImageInfo(reference=reference, id=found["Id"], command=_command(found), version=version)


async def own_command(engine: Engine, reference: str) -> Sequence[str]:
    """What an image runs by itself; nothing where it is not there."""
    return _command(await daemon.inspect(engine, reference) or {})


def _command(inspected: Mapping[str, Any]) -> Sequence[str]:
    own = cast("Mapping[str, Any]", inspected.get("Config") or {})
    return [str(word) for word in (*(own.get("Entrypoint") or ()), *(own.get("Cmd") or ()))]


async def _pull(engine: Engine, config: DockerConfig, reference: str, progress: Progress) -> None:
    try:
        async with engine.control(f"pull {reference}", timeout=config.build_timeout) as docker:
            events = cast("AsyncGenerator[dict[str, Any]]", docker.images.pull(reference, stream=True))
            async with aclosing(events):
                async for event in events:
                    _report(event, progress)
    except SandboxUnavailable:
        raise
    except SandboxError as error:
        problem = str(error).partition("\n")[0] if isinstance(error, ImageError) else str(error)  # one cure is enough
        raise ImageError(
            f"no image {reference!r} here, and it cannot be pulled: {problem}\n  "
            "Check the reference and the network; log in to a private registry with `docker pull` first, or build it."
        ) from error


def _report(event: Mapping[str, Any], progress: Progress) -> None:
    status = str(event.get("status", ""))
    if status.startswith(_SHOWN):
        part = f"{event['id']}: " if event.get("id") else ""
        progress(f"{part}{status}"[:200])


async def describe(engine: Engine, reference: str) -> ImageInfo | None:
    """What an image that is there says about itself, under its name where it has one; None when it is not there."""
    found = await daemon.inspect(engine, reference)
    if found is None:
        return None
    name = _name_of(found) if reference == found["Id"] else reference
    return read_labels(found, name) or ImageInfo(reference=name, id=str(found["Id"]))


def _name_of(inspected: Mapping[str, Any]) -> str:
    """An image's first name, or its id where it has none."""
    return str(next(iter(inspected.get("RepoTags") or ()), inspected["Id"]))


async def present(engine: Engine, reference: str) -> bool:
    """Whether the engine has an image."""
    return await daemon.inspect(engine, reference) is not None
