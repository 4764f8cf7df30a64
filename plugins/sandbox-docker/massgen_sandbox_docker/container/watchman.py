"""What no kernel counter holds a sandbox to: its lifetime, and its disk where the storage has no quota.

The watchman looks every second or so, and ends the sandbox that went too far, with the reason. What it cannot measure
it does not let pass either: a limit that was asked for is held, or the sandbox ends.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.to_thread

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Finding, Mount, SandboxLimits
from massgen_sandbox_docker.container.deleted import can_look_at, measure_deleted
from massgen_sandbox_docker.container.diskuse import Unmeasurable, measure
from massgen_sandbox_docker.container.exits import size_text
from massgen_sandbox_docker.container.process import AttachedProcess
from massgen_sandbox_docker.container.quota import held_by_storage
from massgen_sandbox_docker.container.usage import Cgroup, find_cgroup
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.client import Engine

if TYPE_CHECKING:
    from massgen_sandbox_docker.late.awaited import Awaited

INTERVAL = 1.0
"""Seconds between two looks at the disk; longer where a look itself takes long."""

_SHARE = 5.0
"""A look may take this part of the time, one fifth of it."""

_ROOT = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere that a sandbox can fill the disk: as it sees it, and where that is on this machine, if it is here."""

    target: str
    source: str | None


class Watchman:
    """Watches one container; made before it starts, and told to `watch` when it runs."""

    def __init__(
        self, engine: Engine, container_id: str, limits: SandboxLimits, awaited: Awaited | None = None
    ) -> None:
        self._engine = engine
        self._container_id = container_id
        self._limits = limits
        self._awaited = awaited
        self._cgroup: Cgroup | None = None

    async def watch(self, process: AttachedProcess) -> None:
        """End the container when it has gone too far; returns when there is nothing (more) to watch."""
        async with anyio.create_task_group() as tasks:
            if self._limits.lifetime is not None:
                tasks.start_soon(self._end_of_life, process, self._limits.lifetime)
            if self._limits.output is not None:
                tasks.start_soon(self._end_of_output, process, int(self._limits.output))
            if self._limits.disk is not None:
                tasks.start_soon(self._watch_disk, process, int(self._limits.disk))

    async def _end_of_life(self, process: AttachedProcess, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await process.wait()
        await _end(process, f"ran longer than {seconds:g} s (`lifetime`)")

    async def _end_of_output(self, process: AttachedProcess, limit: int) -> None:
        await process.overflowed.wait()
        await _end(process, f"wrote more than {size_text(limit)} (`output`)")

    async def _watch_disk(self, process: AttachedProcess, limit: int) -> None:
        places: Sequence[Place] | None = None
        while not process.ended:
            started = time.monotonic()
            try:
                if places is None:
                    places = await self._places()
                verdict = await self._look([*places, *self._later()], limit)
            except SandboxError:
                verdict = None  # the engine did not answer: the next look asks it again
            if verdict is not None:
                await _end(process, verdict)
                return
            if places == () and self._awaited is None:
                return
            pause = max(INTERVAL, _SHARE * (time.monotonic() - started))
            with anyio.move_on_after(pause):
                await process.wait()

    async def _places(self) -> Sequence[Place]:
        async with self._engine.control("look at the container's mounts") as docker:
            shown = await container(docker, self._container_id).show()
        if self._engine.endpoint.local:
            self._cgroup = find_cgroup(int(shown["State"].get("Pid") or 0), self._container_id)
        return tuple(writable_places(shown, local=self._engine.endpoint.local))

    def _later(self) -> Iterator[Place]:
        return written(self._awaited.mounted if self._awaited else ())

    async def _look(self, places: Sequence[Place], limit: int) -> str | None:
        """What is wrong with the use of the disk, in words."""
        for place in places:
            try:
                used = await self._measure(place, limit)
            except Unmeasurable as error:
                return f"its use of the disk cannot be told (`disk`): {place.target}: {error}"
            if used > limit:
                return f"used more than {size_text(limit)} of disk (`disk`): {place.target}"
        return await self._look_at_deleted(limit) if places else None

    async def _look_at_deleted(self, limit: int) -> str | None:
        """The same for files without a name, where their processes can be seen from here."""
        if self._cgroup is None:
            return None
        work = partial(measure_deleted, self._cgroup.processes(), limit, anyio.from_thread.check_cancelled)
        try:
            used = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
        except Unmeasurable as error:
            return f"its use of the disk cannot be told (`disk`): open files: {error}"
        if used > limit:
            return f"used more than {size_text(limit)} of disk (`disk`): deleted files that are still open"
        return None

    async def _measure(self, place: Place, limit: int) -> int:
        if place.source is not None:
            work = partial(measure, place.source, limit, anyio.from_thread.check_cancelled)
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
        if place.target != _ROOT:
            raise Unmeasurable("it is not on this machine")
        path = f"/containers/{self._container_id}/json?size=1"
        shown = await self._engine.get_json("measure the container", path)
        return int(shown.get("SizeRw") or 0)


def writable_places(shown: Mapping[str, Any], *, local: bool) -> Iterator[Place]:
    """Where an inspected container can write to the disk without the storage holding it to a size."""
    if not shown["HostConfig"].get("ReadonlyRootfs") and not held_by_storage(shown):
        folder = table(shown, "GraphDriver", "Data").get("UpperDir")
        yield Place(target=_ROOT, source=_here(folder, local))
    for mount in shown.get("Mounts") or ():
        if mount.get("RW") and mount.get("Type") in ("bind", "volume"):
            yield Place(target=str(mount.get("Destination")), source=_here(mount.get("Source"), local))


def written(later: Sequence[Mount]) -> Iterator[Place]:
    """Where a container can write to the disk since a folder was mounted there while it ran."""
    return (Place(target=mount.target, source=str(mount.source)) for mount in later if mount.write)


def disk_findings(
    shown: Mapping[str, Any], limit: int | None, *, local: bool, later: Sequence[Mount] = ()
) -> Iterator[Finding]:
    """What holds a container's use of the disk, and how well."""
    places = [place.target for place in (*writable_places(shown, local=local), *written(later))]
    if not places:
        detail = "nothing on it can be written"
        if limit is not None and held_by_storage(shown):
            detail = f"{size_text(limit)}, enforced by the storage"
        yield Finding(name="disk limit", ok=True, detail=detail)
        return
    where = ", ".join(places)
    if limit is None:
        cure = "Set `disk`, or let it write to `tmpfs` alone."
        yield Finding(name="disk limit", ok=False, detail=f"not limited: {where}", cure=cure)
        return
    pid = int(table(shown, "State").get("Pid") or 0)
    blind = "" if local and pid and can_look_at(pid) else "; deleted files that are still open are not seen"
    detail = f"{size_text(limit)} each, watched every {INTERVAL:g} s, not enforced by the storage: {where}{blind}"
    cure = "Keep what it writes on a file system of that size, and the engine's data on xfs with `pquota`."
    yield Finding(name="disk limit", ok=False, detail=detail, cure=cure)


def _here(folder: Any, local: bool) -> str | None:
    return folder if local and isinstance(folder, str) and os.access(folder, os.R_OK) else None


async def _end(process: AttachedProcess, reason: str) -> None:
    """End it, and try again for as long as the engine does not do so."""
    while not process.ended:
        with contextlib.suppress(SandboxError):
            await process.end(reason)
        with anyio.move_on_after(INTERVAL):
            await process.wait()
