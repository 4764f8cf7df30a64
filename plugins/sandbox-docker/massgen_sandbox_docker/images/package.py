"""The image of a packaged MCP server: found by its key, or installed, proved and kept.

The key follows from the package, the base image and the settings that change what is installed. An image counts only
once its proof stands in its labels, so that a build which was interrupted is never used.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from massgen_core.errors import ImageError, MassgenError
from massgen_core.sandbox import ImageInfo, PackageKind, PackageRef, Progress, Prove
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.base import ensure_base
from massgen_sandbox_docker.images.finish import candidate_image, finished_image
from massgen_sandbox_docker.images.installed import AS_OF_MARGIN, Installer, Resolution, record
from massgen_sandbox_docker.images.labels import KIND, SYSTEM, read_labels
from massgen_sandbox_docker.images.naming import image_reference, slug
from massgen_sandbox_docker.images.npx import Npx
from massgen_sandbox_docker.images.single import single_flight
from massgen_sandbox_docker.images.uvx import Uvx
from massgen_sandbox_docker.images.workshop import CACHE, Start, Workshop, workshop

_INSTALLERS: Mapping[PackageKind, Installer] = {"uvx": Uvx(), "npx": Npx()}

_SCRIPTS_CURE = "If it has to run code while it is installed: `build_scripts = true` under [plugins.sandbox-docker]."

_UNSAFE = re.compile(r"^-|\s-|[\x00-\x1f\x7f]|://|^[./]|^$|\s@\s")
"""What could be an option, an address or a file for an installer, where a name or a version belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """What building takes: the engine, how sandboxes are started on it, the settings, whom to tell."""

    engine: Engine
    start: Start
    config: DockerConfig
    progress: Progress


async def prepare(tools: Toolbox, package: PackageRef, prove: Prove) -> ImageInfo:
    """The image of a packaged server: the cached one, or a new one that was built and has proved itself.

    ``prove`` starts an image as it will be used; what it returns is kept with the image.

    Raises:
        ImageError: The package cannot be found, installed or started; the message names it and the cure.
    """
    _check(package)
    if (found := await _find(tools, package)) is not None:
        return found
    base = await ensure_base(tools.engine, tools.config, progress=tools.progress, system=package.system)
    async with single_flight(f"{package.kind}-{slug(package.name)}", tools.progress):
        await daemon.sweep(tools.engine)
        return await _find(tools, package) or await _Build(tools, package, prove, base).run()


def _check(package: PackageRef) -> None:
    parts = (package.name, package.version, package.command, *package.extras, *package.system)
    for part in parts:
        if part is not None and _UNSAFE.search(part):
            raise ImageError(f"{part!r} is no name or version of a package\n  Name packages of the registry only.")


async def _find(tools: Toolbox, package: PackageRef) -> ImageInfo | None:
    """The finished image of a pinned package, if the engine has it: a single look-up."""
    if package.version is None:
        return None
    reference = image_reference(tools.config, package)
    inspected = await daemon.inspect(tools.engine, reference)
    return read_labels(inspected, reference) if inspected else None


class _Unproved(Exception):
    """An installed server did not prove itself; ``cause`` says why."""

    def __init__(self, cause: MassgenError) -> None:
        self.cause = cause
        super().__init__(str(cause))


class _Build:
    """One package on its way to an image."""

    def __init__(self, tools: Toolbox, package: PackageRef, prove: Prove, base: str) -> None:
        self._tools = tools
        self._package = package
        self._prove = prove
        self._base = base
        self._installer = _INSTALLERS[package.kind]

    async def run(self) -> ImageInfo:
        """Build with the newest dependencies; if the server does not start so, with those of its release date."""
        self._tools.progress(f"{self._package}: resolving")
        async with self._shop() as shop:
            newest = await self._installer.resolve(shop, self._package, as_of=None)
            if self._package.version is None:
                self._package = replace(self._package, version=newest.version)
                if (found := await _find(self._tools, self._package)) is not None:
                    return found
            try:
                return await self._install(shop, newest, note=None)
            except _Unproved as error:
                unproved = error
            released = await self._installer.released(shop, self._package, newest)
        return await self._again(replace(newest, released=released), unproved)

    async def _again(self, newest: Resolution, first: _Unproved) -> ImageInfo:
        if newest.released is None:
            raise self._failure(first) from first.cause
        day = f"{newest.released:%Y-%m-%d}"
        self._tools.progress(f"{self._package} does not start with the newest dependencies; trying those of {day}")
        async with self._shop() as shop:
            resolution = await self._installer.resolve(shop, self._package, as_of=newest.released + AS_OF_MARGIN)
            if resolution.packages == newest.packages:
                raise self._failure(first) from first.cause
            try:
                return await self._install(shop, resolution, note=f"dependencies as of {day}: the newest ones break it")
            except _Unproved as second:
                also = f"\n  Nor does it with its dependencies as of {day}: {second.cause}"
                raise self._failure(first, also) from second.cause

    def _failure(self, unproved: _Unproved, also: str = "") -> ImageError:
        problem = f"{self._package} was installed, but does not work as an MCP server: {unproved.cause}{also}"
        scripts = "" if self._tools.config.build_scripts else f"\n  {_SCRIPTS_CURE}"
        return ImageError(problem + scripts)

    @asynccontextmanager
    async def _shop(self) -> AsyncGenerator[Workshop]:
        def progress(line: str) -> None:
            self._tools.progress(f"{self._package.name}: {line}")

        name = slug(self._package.name)
        async with workshop(self._tools.start, self._base, name, self._tools.config, progress) as shop:
            yield shop

    async def _install(self, shop: Workshop, resolution: Resolution, *, note: str | None) -> ImageInfo:
        """Install, keep the result under a passing name, prove it, and give it its own name."""
        tools, package = self._tools, self._package
        tools.progress(f"{package}: installing {len(resolution.packages)} packages")
        command = await self._installer.install(shop, package, resolution)
        await shop.write("/opt/mcp/packages.json", record(package, resolution))
        await shop.check(["rm", "-rf", CACHE], workdir="/")
        made = ImageInfo(
            reference=image_reference(tools.config, package),
            id="",
            command=tuple(command),
            version=resolution.version,
            packages=resolution.packages,
            note=note,
            built=True,
        )
        async with candidate_image(tools.engine, shop, made, package) as candidate:
            tools.progress(f"{package}: starting it once to prove that it works")
            try:
                proof = await self._prove(candidate)
            except MassgenError as error:
                raise _Unproved(error) from error
            return await finished_image(tools.engine, tools.config, candidate, made.reference, proof)


async def forget_packages(engine: Engine) -> int:
    """Remove the images of all packages that nothing runs from, so that they are built anew; return how many.

    The bases with Debian packages of a server's own go with them: whoever needs one next gets a new one.
    """
    references = await _named(engine, f"{KIND}=package")
    for reference in (*references, *await _named(engine, SYSTEM)):
        await daemon.untag(engine, reference)
    return len(references) - len(await _named(engine, f"{KIND}=package"))


async def _named(engine: Engine, label: str) -> list[str]:
    """The names of all images that have a label."""
    return [name for each in await daemon.listed(engine, label=label) for name in each.get("RepoTags") or ()]
