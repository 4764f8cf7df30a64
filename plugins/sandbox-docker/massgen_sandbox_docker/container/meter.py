"""Readings before and after each command of one container, for its `Usage`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Usage
from massgen_sandbox_docker.container.usage import (
    Cgroup,
    between,
    counters_of_engine,
    find_cgroup,
    reset_memory_mark,
)
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine


@dataclass(slots=True, kw_only=True, eq=False)
class Reading:
    """The counters when a command began, and the highest mark of memory that was seen since."""

    before: Usage
    memory_peak: int = 0


class Meter:
    """Reads a container's counters: from its cgroup on this machine, else, when it is asked to, from the engine.

    The kernel keeps one highest mark of memory for all. It is set back when a command begins, so before that everybody
    who is still being measured is told of it.
    """

    def __init__(self, engine: Engine, container_id: str) -> None:
        self._engine = engine
        self._container_id = container_id
        self._cgroup: Cgroup | None = None
        self._looked = False
        self._open: set[Reading] = set()

    async def begin(self, *, ask_engine: bool) -> Reading | None:
        """The reading before a command; None where it cannot be had, or only from an engine that is not to be asked."""
        await self._look_once()
        if self._cgroup is None:
            before = await self._from_engine() if ask_engine else None
            return None if before is None else Reading(before=before)
        reading = Reading(before=self._cgroup.counters())
        self._keep_marks(self._cgroup)
        self._open.add(reading)
        return reading

    async def end(self, reading: Reading | None) -> Usage | None:
        """What was used since a reading; None where the container is gone, and its counters with it."""
        if reading is None:
            return None
        if self._cgroup is None:
            after = await self._from_engine()
            return None if after is None else between(reading.before, after)
        after = self._cgroup.counters()
        if after.cpu_seconds is None:
            return None
        peak = None if after.memory_peak is None else max(after.memory_peak, reading.memory_peak)
        return replace(between(reading.before, after), memory_peak=peak)

    def forget(self, reading: Reading | None) -> None:
        """Measure a command no longer."""
        if reading is not None:
            self._open.discard(reading)

    def _keep_marks(self, cgroup: Cgroup) -> None:
        mark = cgroup.counters().memory_peak if self._open else None
        for other in self._open:
            other.memory_peak = max(other.memory_peak, mark or 0)
        reset_memory_mark(cgroup)

    async def _look_once(self) -> None:
        """Find the container's cgroup, the first time that somebody asks."""
        if self._looked or not self._engine.endpoint.local:
            return
        with contextlib.suppress(SandboxError):
            async with self._engine.control("look for the container's counters") as docker:
                shown = await container(docker, self._container_id).show()
            self._cgroup = find_cgroup(int(shown["State"].get("Pid") or 0), self._container_id)
            self._looked = True

    async def _from_engine(self) -> Usage | None:
        """The engine's statistics; one-shot spares a second reading, but an engine may still take up to a second."""
        with contextlib.suppress(SandboxError):
            path = f"/containers/{self._container_id}/stats?stream=0&one-shot=1"
            return counters_of_engine(await self._engine.get_json("ask what the container uses", path))
        return None
