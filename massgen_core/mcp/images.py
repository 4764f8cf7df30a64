"""The image of a sandboxed server: locked, built or pulled, and proved by a handshake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from massgen_core.mcp.link import Link, Opened, open_sandbox, plain, start_timed_out
from massgen_core.mcp.lock import FILE, LockFile, lock_package, lock_protocol, package_key, read_lock
from massgen_core.mcp.mounts import with_stand_in
from massgen_core.mcp.settings import ServerSettings
from massgen_core.sandbox import ImageInfo, Mount, PackageRef, SandboxBackend, SandboxSpec
from massgen_core.secrets import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Finds the image of one server; ``folder`` is where `massgen.lock` stands."""

    name: str
    settings: ServerSettings
    backend: SandboxBackend
    folder: Path
    secrets: Secrets
    mounts: Sequence[Mount] = ()
    log: Callable[[str], None] = field(repr=False)

    async def resolve(self) -> tuple[ImageInfo, SandboxSpec]:
        """The image, built or pulled if need be, and the sandbox to start from it.

        Raises:
            ImageError: There is no usable image.
            ConfigError: `massgen.lock` is broken.
        """
        packaged = self.settings.packaged()
        if packaged is not None:
            package, args = packaged
            image = await self._packaged(package, args)
            return image, self._spec(image, (*image.command, *args))
        assert self.settings.image is not None  # the settings were checked
        image = await self.backend.image(self.settings.image, progress=self.log)
        return image, self._spec(image, self._own_command(image))

    async def protocol(self, image: ImageInfo) -> str | None:
        """The MCP version that an image is known to speak: by its proof, or by the lock."""
        if "protocol" in image.proof:
            return image.proof["protocol"]
        locked = (await self._lock()).image.get(image.id)
        return locked.protocol if locked else None

    async def remember_protocol(self, image: ImageInfo, protocol: str) -> None:
        """Note in the lock which MCP version an image speaks."""
        await self._keep(partial(lock_protocol, self.folder, image.id, protocol))

    async def _packaged(self, package: PackageRef, args: Sequence[str]) -> ImageInfo:
        """The image of a package, at the version in the lock where the config pins none."""
        locked = None if package.version else (await self._lock()).package.get(package_key(package))
        wanted = package if locked is None else replace(package, version=locked.version)

        async def prove(image: ImageInfo) -> Mapping[str, str]:
            spec = replace(self._spec(image, (*image.command, *args)), secrets=await self.secrets.take())
            spec = with_stand_in(spec) if self.settings.session_workspace else spec
            return await prove_by_handshake(self.name, self.settings, partial(open_sandbox, self.backend, spec))

        image = await self.backend.prepare(wanted, prove=prove, progress=self.log)
        if package.version is None and (locked is None or locked.id != image.id):
            await self._keep(partial(lock_package, self.folder, package, image))
        return image

    def _own_command(self, image: ImageInfo) -> Sequence[str]:
        if self.settings.command is not None:
            return (self.settings.command, *self.settings.args)
        return (*image.command, *self.settings.args) if self.settings.args else ()

    def _spec(self, image: ImageInfo, command: Sequence[str]) -> SandboxSpec:
        return SandboxSpec(
            name=self.name,
            image=image.id,  # what was proved is what runs, whatever its name means by then
            reference=image.reference,
            command=command,
            env=plain(self.settings.env),
            workdir=self.settings.workdir,
            limits=self.settings.limits,
            mounts=self.mounts,
        )

    async def _lock(self) -> LockFile:
        return await anyio.to_thread.run_sync(read_lock, self.folder)

    async def _keep(self, write: Callable[[], None]) -> None:
        try:
            await anyio.to_thread.run_sync(write)
        except OSError as error:
            self.log(f"cannot write {FILE}, so what was resolved is not kept: {error}")


async def prove_by_handshake(
    name: str, settings: ServerSettings, open_link: Callable[[ServerSettings], AbstractAsyncContextManager[Opened]]
) -> Mapping[str, str]:
    """Start a server as it will be used, agree on a protocol, list its tools; returns what was learnt.

    Raises:
        McpError: It does not come up in time, or does not speak MCP.
    """
    from massgen_core.mcp.connection import connect

    link: Link | None = None
    with anyio.move_on_after(settings.start_timeout):
        async with (
            open_link(settings) as opened,
            connect(link := opened.link, server=name, protocol=settings.protocol) as connection,
        ):
            listing = await connection.list_tools()
            return {"protocol": connection.agreement.version, "tools": str(len(listing.tools))}
    raise start_timed_out(name, settings.start_timeout, link)
