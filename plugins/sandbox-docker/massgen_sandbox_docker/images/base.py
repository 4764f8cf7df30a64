"""The base image: python3, uv, node and npm, and a folder that the servers' account may write while it builds.

Two ways: an image of a registry, or Debian packages where no registry is to be had.
"""

from __future__ import annotations

from collections.abc import Sequence

from massgen_core.errors import ImageError
from massgen_core.sandbox import Progress
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.debian import build_debian
from massgen_sandbox_docker.images.labels import KIND, SYSTEM
from massgen_sandbox_docker.images.naming import base_reference
from massgen_sandbox_docker.images.reference import image
from massgen_sandbox_docker.images.rootfs import BIN_FOLDERS, ENV, INSTALL_ROOT, USER
from massgen_sandbox_docker.images.single import single_flight


async def ensure_base(
    engine: Engine, config: DockerConfig, *, progress: Progress, refresh: bool = False, system: Sequence[str] = ()
) -> str:
    """The base image's name, built or pulled first when it is not there (or ``refresh`` asks for a new one).

    One with Debian packages beside the usual ones (``system``) is an image of its own, which all servers with the same
    list share.

    Raises:
        ImageError: It can neither be pulled nor built; the message says what is missing.
    """
    reference = base_reference(config, system)
    if not refresh and await daemon.inspect(engine, reference):
        return reference
    async with single_flight(reference, progress):
        if refresh or not await daemon.inspect(engine, reference):
            await _make(engine, config, reference, system, progress)
    return reference


async def _make(
    engine: Engine, config: DockerConfig, reference: str, system: Sequence[str], progress: Progress
) -> None:
    if config.base and system:
        raise ImageError(
            f"{', '.join(system)}: Debian packages cannot be added to {config.base}, an image of a registry\n  "
            "Drop `base` under [plugins.sandbox-docker], or drop `system` and name an image that has them."
        )
    if config.base:
        await image(engine, config, config.base, progress=progress)
        await _complete(engine, config, config.base, reference)
    else:
        labels = {KIND: "base"} | ({SYSTEM: " ".join(system)} if system else {})
        await build_debian(engine, config, reference, labels=labels, system=system, progress=progress)


async def _complete(engine: Engine, config: DockerConfig, base: str, reference: str) -> None:
    """Add the folder for servers, and the settings that every server's image inherits, to an image of a registry."""
    env = " ".join(f"{name}={value}" for name, value in {**ENV, "PATH": f"{BIN_FOLDERS}:$PATH"}.items())
    copied = f"COPY --chown={USER} {INSTALL_ROOT} /{INSTALL_ROOT}"
    dockerfile = f"FROM {base}\n{copied}\nENV {env}\nWORKDIR /tmp\nUSER {USER}\nENTRYPOINT []\n"
    labels = {KIND: "base", "massgen.from": base}
    folders = (INSTALL_ROOT,)
    await daemon.build(engine, dockerfile, reference, labels=labels, timeout=config.build_timeout, folders=folders)
