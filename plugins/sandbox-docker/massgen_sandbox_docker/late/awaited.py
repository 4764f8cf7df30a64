"""The paths of one container at which folders are mounted while it runs, and the folders that were."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxSpec
from massgen_core.sandbox.denied import Identity, identity
from massgen_core.sandbox.mounting import check_again, check_awaits
from massgen_sandbox_docker.container.mounts import Mounting, engines_own, verify_late
from massgen_sandbox_docker.container.users import check_usable
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.kind import EngineKind, kind_of
from massgen_sandbox_docker.late.helper import Mounter, Request, Untouched, mounter
from massgen_sandbox_docker.late.possible import Rights, why_not, why_not_runtime

End = Callable[[str], Awaitable[None]]
"""Ends a sandbox, for the reason given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMounts:
    """What an open backend has for mounts that come later; ``refusal`` says why there can be none."""

    kind: EngineKind
    refusal: str | None
    mounter: Mounter

    async def expect(self, spec: SandboxSpec, mounting: Mounting) -> Mounting:
        """Prepare a container for what its spec awaits; one that awaits nothing costs nothing.

        Raises:
            ConfigError: A path is no place for a mount.
            SandboxUnavailable: The process that mounts cannot be started.
        """
        if not spec.awaits:
            return mounting
        await anyio.to_thread.run_sync(check_awaits, spec)
        if self.refusal is None:
            await self.mounter.ready()
        return replace(mounting, awaited=Awaited(self, spec))


@asynccontextmanager
async def late_mounts(engine: Engine) -> AsyncGenerator[LateMounts]:
    """While open, folders can be mounted into containers of an engine, if at all."""
    try:
        kind = await kind_of(engine)
        refusal = await anyio.to_thread.run_sync(lambda: why_not(kind, Rights.now()))
    except SandboxError as error:
        kind, refusal = EngineKind(files="elsewhere"), f"it is not known what engine this is: {error}"
    async with mounter() as ready:
        yield LateMounts(kind=kind, refusal=refusal, mounter=ready)


class Awaited:
    """The paths of one container, which tells its first process when it has `started`."""

    def __init__(self, late: LateMounts, spec: SandboxSpec) -> None:
        self._late = late
        self._spec = spec
        self._mounted: dict[str, Mount] = {}
        self._shown: Mapping[str, Any] = {}
        self._one = anyio.Lock()

    @property
    def mounted(self) -> Sequence[Mount]:
        """What was mounted, in that order."""
        return tuple(self._mounted.values())

    def started(self, shown: Mapping[str, Any]) -> None:
        """The container runs, as the engine shows it."""
        self._shown = shown
        self._mounted.clear()

    async def mount(self, mount: Mount, *, end: End) -> None:
        """Mount a folder; a sandbox of which it cannot be said any more what it sees is ended.

        Raises:
            SandboxUnavailable: It is refused, or its path is not awaited (any more).
            SandboxExited: The sandbox does not run any more.
        """
        async with self._one:
            self._check_path(mount)
            known = await anyio.to_thread.run_sync(self._check, mount)
            with anyio.CancelScope(shield=True):
                await self._put(mount, known, end)

    def _check_path(self, mount: Mount) -> None:
        if mount.target not in self._spec.awaits:
            raise _refused(mount, "its spec does not name that path in `awaits`")
        if mount.target in self._mounted:
            raise _refused(mount, f"{self._mounted[mount.target].source} is mounted there already")
        refusal = self._late.refusal or why_not_runtime(str(self._shown["HostConfig"].get("Runtime") or ""))
        if refusal is not None:
            raise _refused(mount, refusal)

    def _check(self, mount: Mount) -> Identity:
        """The same that is asked of a mount from the start, but that the sandbox's user is settled; what it is."""
        beside = [*self._spec.mounts, *self.mounted]
        check_again([mount], engines_own(self._late.kind), beside)
        if not mount.source.is_dir():
            raise _refused(mount, "it is a file, and only a folder can be mounted later")
        check_usable(self._spec.limits, mount, self._late.kind)
        known = identity(mount.source)
        if known is None:
            raise _refused(mount, "it went away")
        return known

    async def _put(self, mount: Mount, known: Identity, end: End) -> None:
        pid = int(self._shown["State"].get("Pid") or 0)
        try:
            await self._late.mounter.put(self._request(mount, known, pid))
            await anyio.to_thread.run_sync(verify_late, pid, mount, known)
        except (Untouched, SandboxExited):
            raise
        except SandboxError as error:
            with suppress(SandboxError):
                await end(f"it cannot be said what it sees at {mount.target}")
            raise SandboxUnavailable(str(error)) from error
        self._mounted[mount.target] = mount

    def _request(self, mount: Mount, known: Identity, pid: int) -> Request:
        return Request(
            container=str(self._shown["Id"]),
            pid=pid,
            source=str(mount.source),
            known=known,
            target=mount.target,
            write=mount.write,
        )


def _refused(mount: Mount, why: str) -> SandboxUnavailable:
    return SandboxUnavailable(f"cannot mount {mount.source} at {mount.target}: {why}")
