"""The image of a packaged MCP server: found by its key, or installed, proved and kept.

The key follows from the package, the base image and the settings that change what is installed. An image counts only
once its proof stands in its labels, so that a build which was interrupted is never used.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from massgen_core.errors import ImageError, MassgenError
from massgen_core.sandbox import ImageInfo, PackageKind, PackageRef, Progress, Prove
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.base import base_reference, ensure_base
from massgen_sandbox_docker.images.installed import AS_OF_MARGIN, Installer, Resolution
from massgen_sandbox_docker.images.labels import package_labels, proof_labels, read_labels
from massgen_sandbox_docker.images.npx import Npx
from massgen_sandbox_docker.images.rootfs import USER
from massgen_sandbox_docker.images.single import single_flight
from massgen_sandbox_docker.images.uvx import Uvx
from massgen_sandbox_docker.images.workshop import CACHE, Start, Workshop, workshop

UNFINISHED = "massgen/unfinished"
"""The repository of names that live only while something is built."""

_RECIPE = 1
"""Counted up when the same package is to be installed in another way."""

_INSTALLERS: Mapping[PackageKind, Installer] = {"uvx": Uvx(), "npx": Npx()}

_ENV = {
    "PATH": "/opt/mcp/venv/bin:/opt/mcp/node_modules/.bin:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """What building takes: the engine, how sandboxes are started on it, the settings, whom to tell."""

    engine: Engine
    start: Start
    config: DockerConfig
    progress: Progress


async def prepare(tools: Toolbox, package: PackageRef, prove: Prove, *, refresh: bool = False) -> ImageInfo:
    """The image of a packaged server: the cached one, or a new one that was built and has proved itself.

    ``prove`` starts an image as it will be used; what it returns is kept with the image. ``refresh`` builds a new one
    in any case.

    Raises:
        ImageError: The package cannot be found, installed or started; the message names it and the cure.
    """
    if package.version is not None and not refresh:
        if (found := await _find(tools, package)) is not None:
            return found
    base = await ensure_base(tools.engine, tools.config, progress=tools.progress)
    async with single_flight(f"{package.kind}-{_slug(package.name)}", tools.progress):
        return await _build(tools, package, prove, base, refresh=refresh)


def image_reference(config: DockerConfig, package: PackageRef) -> str:
    """The name of a pinned package's image, which follows from the settings and the package alone."""
    made_of = [
        _RECIPE,
        base_reference(config),
        config.build_scripts,
        package.kind,
        package.name,
        package.version,
        package.command,
        list(package.extras),
    ]
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]
    return f"massgen/{package.kind}-{_slug(package.name)}:{key}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] or "package"


async def _find(tools: Toolbox, package: PackageRef) -> ImageInfo | None:
    reference = image_reference(tools.config, package)
    inspected = await daemon.inspect(tools.engine, reference)
    return read_labels(inspected, reference) if inspected else None


async def _build(tools: Toolbox, package: PackageRef, prove: Prove, base: str, *, refresh: bool) -> ImageInfo:
    """Build in a container; a first failure to start is answered with the versions of the package's release date."""
    installer = _INSTALLERS[package.kind]
    if package.version is not None and not refresh and (found := await _find(tools, package)):
        return found  # built by someone else while this task waited
    tools.progress(f"{package}: resolving")
    async with _shop(tools, package, base) as shop:
        newest = await installer.resolve(shop, package, as_of=None)
        pinned = replace(package, version=newest.version)
        if package.version is None and not refresh and (found := await _find(tools, pinned)):
            return found
        try:
            return await _install(tools, shop, pinned, newest, prove, note=None)
        except Unproved as error:
            first = error
        as_of = await installer.released(shop, pinned, newest)
    return await _build_as_of(tools, pinned, newest, prove, base, as_of, first)


async def _build_as_of(
    tools: Toolbox,
    package: PackageRef,
    newest: Resolution,
    prove: Prove,
    base: str,
    released: datetime | None,
    first: Unproved,
) -> ImageInfo:
    if released is None:
        raise first.error(package) from first.cause
    day = f"{released:%Y-%m-%d}"
    tools.progress(f"{package} does not start with the newest versions of its dependencies; trying those of {day}")
    async with _shop(tools, package, base) as shop:
        resolution = await _INSTALLERS[package.kind].resolve(shop, package, as_of=released + AS_OF_MARGIN)
        if resolution.packages == newest.packages:
            raise first.error(package) from first.cause
        note = f"dependencies as of {day}: the newest ones break it"
        try:
            return await _install(tools, shop, package, resolution, prove, note=note)
        except Unproved as second:
            raise first.error(package, f"nor with its dependencies as of {day}: {second.cause}") from second.cause


class Unproved(Exception):
    """An installed server did not prove itself; ``cause`` says why."""

    def __init__(self, cause: MassgenError) -> None:
        self.cause = cause
        super().__init__(str(cause))

    def error(self, package: PackageRef, also: str = "") -> ImageError:
        """The error for the user."""
        more = f"\n  {also}" if also else ""
        return ImageError(f"{package} was installed, but does not work as an MCP server: {self.cause}{more}")


@asynccontextmanager
async def _shop(tools: Toolbox, package: PackageRef, base: str) -> AsyncGenerator[Workshop]:
    name = _slug(package.name)

    def progress(line: str) -> None:
        tools.progress(f"{package.name}: {line}")

    async with workshop(tools.start, base, name, tools.config, progress) as shop:
        yield shop


async def _install(
    tools: Toolbox, shop: Workshop, package: PackageRef, resolution: Resolution, prove: Prove, *, note: str | None
) -> ImageInfo:
    """Install, keep the result under a passing name, prove it, and give it its own name."""
    tools.progress(f"{package}: installing {len(resolution.packages)} packages")
    command = await _INSTALLERS[package.kind].install(shop, package, resolution)
    await shop.write("/opt/mcp/packages.json", _record(package, resolution))
    await shop.check(["rm", "-rf", CACHE])
    reference = image_reference(tools.config, package)
    made = ImageInfo(
        reference=reference,
        id="",
        command=tuple(command),
        version=resolution.version,
        packages=resolution.packages,
        note=note,
        built=True,
    )
    async with _kept(tools, shop, made, package) as candidate:
        tools.progress(f"{package}: starting it once to prove that it works")
        try:
            proof = await prove(candidate)
        except MassgenError as error:
            raise Unproved(error) from error
        return await _finish(tools, candidate, reference, proof)


def _record(package: PackageRef, resolution: Resolution) -> bytes:
    listed = {
        name: {"version": version, "hashes": list(resolution.hashes.get(name, ()))}
        for name, version in resolution.packages.items()
    }
    return json.dumps({"package": str(package), "packages": listed}, indent=1, sort_keys=True).encode()


@asynccontextmanager
async def _kept(tools: Toolbox, shop: Workshop, made: ImageInfo, package: PackageRef) -> AsyncGenerator[ImageInfo]:
    """An image of what was installed, and of nothing else that the container holds; its name ends with the context."""
    token = uuid.uuid4().hex[:12]
    raw, candidate = f"{UNFINISHED}:{token}-raw", f"{UNFINISHED}:{token}"
    timeout = tools.config.build_timeout
    try:
        await daemon.commit(tools.engine, shop.sandbox.id, UNFINISHED, f"{token}-raw", timeout=timeout)
        dockerfile = _dockerfile(base_reference(tools.config), raw, made.command)
        labels = package_labels(made, str(package))
        await daemon.build(tools.engine, dockerfile, candidate, labels=labels, timeout=timeout)
        await daemon.untag(tools.engine, raw)
        found = await daemon.inspect(tools.engine, candidate)
        if found is None:
            raise ImageError(f"the engine lost the image of {package} while it was built\n  Try again.")
        yield replace(made, reference=candidate, id=found["Id"])
    finally:
        for name in (raw, candidate):
            await daemon.untag(tools.engine, name)


def _dockerfile(base: str, raw: str, command: Sequence[str]) -> str:
    """Only the folder that was installed into is copied, and it becomes root's: a server cannot change itself."""
    env = " ".join(f"{name}={value}" for name, value in _ENV.items())
    return (
        f"FROM {base}\nCOPY --from={raw} /opt/mcp /opt/mcp\nENV {env}\n"
        f"WORKDIR /tmp\nUSER {USER}\nENTRYPOINT {json.dumps(list(command))}\nCMD []\n"
    )


async def _finish(tools: Toolbox, candidate: ImageInfo, reference: str, proof: Mapping[str, str]) -> ImageInfo:
    timeout = tools.config.build_timeout
    dockerfile = f"FROM {candidate.reference}\n"
    await daemon.build(tools.engine, dockerfile, reference, labels=proof_labels(proof), timeout=timeout)
    found = await daemon.inspect(tools.engine, reference)
    if found is None:
        raise ImageError(f"the engine lost the image {reference} while it was built\n  Try again.")
    return replace(candidate, reference=reference, id=found["Id"], proof=dict(proof))
