"""The servers of a config, each opened alone through the runtime: just as it will be used."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from massgen_core.config import PluginOptions, Settings, config_error
from massgen_core.errors import ConfigError, MassgenError, SandboxError
from massgen_core.sandbox import ImageInfo, Isolation, Progress, SandboxBackend
from massgen_sandbox_docker.config import DockerConfig

if TYPE_CHECKING:
    from massgen_sandbox_docker.backend import DockerBackend
    from massgen_sandbox_docker.container.run import DockerSandbox

NAME = "sandbox-docker"
"""The plugin's name in configs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """One server after it was started once: its image and what its container is held to, or why it did not start."""

    name: str
    seconds: float
    error: str | None = None
    image: ImageInfo | None = None
    isolation: Isolation | None = None


def docker_config(settings: Settings) -> DockerConfig:
    """The plugin's own section of the config.

    Raises:
        ConfigError: A key in it is wrong.
    """
    from pydantic import ValidationError

    section = settings.plugins.get(NAME, {})
    own = {key: value for key, value in section.items() if key not in PluginOptions.model_fields}
    try:
        return DockerConfig.model_validate(own)
    except ValidationError as error:
        file = str(settings.source) if settings.source else None
        also = PluginOptions.model_fields
        raise config_error(error, file=file, prefix=f"plugins.{NAME}", model=DockerConfig, also=also) from None


def choose_servers(settings: Settings, names: Sequence[str] | None) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """The servers that run in a container of ours, or those of them that are named; none where ``names`` is None.

    Raises:
        ConfigError: A name is none of the config's servers.
    """
    if names is None:
        return []
    for name in names:
        if name not in settings.servers:
            known = ", ".join(settings.servers) or "none"
            file = str(settings.source) if settings.source else None
            raise ConfigError("no such server", key=f"servers.{name}", file=file, cure=f"The config has: {known}.")
    wanted = [(name, section) for name, section in settings.servers.items() if not names or name in names]
    return [(name, section) for name, section in wanted if _contained(section)]


def _contained(section: Mapping[str, Any]) -> bool:
    active = section.get("enabled", True) and not section.get("disabled", False)
    return bool(active) and "url" not in section and section.get("sandbox", "docker") == "docker"


async def try_server(settings: Settings, name: str, section: Mapping[str, Any], progress: Progress) -> ServerReport:
    """Start one server as the runtime does, with its image built if need be, and look at it."""
    started = time.monotonic()
    try:
        async with _opened(settings, name, section, progress) as (backend, sandbox):
            isolation = await sandbox.inspect()
            image = await _image_of(backend, sandbox)
    except MassgenError as error:
        return ServerReport(name=name, seconds=time.monotonic() - started, error=str(error))
    return ServerReport(name=name, seconds=time.monotonic() - started, image=image, isolation=isolation)


@asynccontextmanager
async def _opened(
    settings: Settings, name: str, section: Mapping[str, Any], progress: Progress
) -> AsyncGenerator[tuple[DockerBackend, DockerSandbox]]:
    from massgen_core import open_runtime
    from massgen_sandbox_docker import plugin

    own = {key: value for key, value in settings.plugins.items() if key == NAME}
    update = {"servers": {name: {**section, "required": True}}, "plugins": own, "agents": {}, "audit": None}
    alone = settings.model_copy(update=update).with_source(settings.source)
    async with open_runtime(alone, plugins=[(NAME, plugin)], installed=False, report=progress) as runtime:
        backend = cast("DockerBackend", runtime.service(SandboxBackend, "docker"))
        sandbox = next((sandbox for sandbox in backend.sandboxes if sandbox.name == name), None)
        if sandbox is None:
            raise SandboxError(f"server {name!r} started, and ended before it could be looked at")
        yield backend, sandbox


async def _image_of(backend: DockerBackend, sandbox: DockerSandbox) -> ImageInfo | None:
    """What the image behind a running container says about itself."""
    from massgen_sandbox_docker.engine.api import container
    from massgen_sandbox_docker.images import describe

    async with backend.engine.control("inspect the container") as docker:
        shown = await container(docker, sandbox.id).show()
    return await describe(backend.engine, str(shown["Config"]["Image"]))
