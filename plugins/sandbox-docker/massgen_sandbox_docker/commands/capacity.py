"""How much an engine has, what of it is promised, and how many more sandboxes it has room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Finding, SandboxLimits
from massgen_sandbox_docker.commands.units import rough_size
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import container, list_containers, table
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.kind import EngineKind
from massgen_sandbox_docker.gates import starts_for
from massgen_sandbox_docker.late.possible import Rights, why_not
from massgen_sandbox_docker.owners.labels import OWNER

_AT_ONCE = 8
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """An engine's CPUs and memory (bytes), and what its running containers may take of it.

    ``promised`` is the sum of their limits; ``unlimited`` of them have none. ``free`` is what the machine has left now,
    None where that cannot be seen. ``sandbox`` is what a sandbox gets by default, ``fits`` how many more of those all
    limits together leave room for, ``fits_now`` how many what is free now would hold. The rest is what the config says.
    """

    cpus: int
    memory: int
    free: int | None
    running: int
    ours: int
    promised: int
    unlimited: int
    sandbox: int
    starts_at_once: int
    max_sandboxes: int | None
    max_memory: int | None

    @property
    def fits(self) -> int:
        """How many more fit if every one takes all that it may."""
        return max(0, self.memory - self.promised) // self.sandbox

    @property
    def fits_now(self) -> int | None:
        """How many more fit into what is free now, None where that cannot be seen."""
        return None if self.free is None else self.free // self.sandbox

    def data(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self), "fits": self.fits, "fits_now": self.fits_now}

    def rows(self) -> Iterator[tuple[str, str]]:
        """For people."""
        free = "" if self.free is None else f", {rough_size(self.free)} free now"
        yield "CPUs", str(self.cpus)
        yield "memory", f"{rough_size(self.memory)}{free}"
        unlimited = f", and {self.unlimited} without a limit" if self.unlimited else ""
        yield "containers that run", f"{self.running}, {self.ours} of massgen's"
        yield "memory that they may take", f"{rough_size(self.promised)}{unlimited}"
        yield "room for", self.room()
        yield "starts at once", str(self.starts_at_once)
        most = "any number" if self.max_sandboxes is None else str(self.max_sandboxes)
        within = "" if self.max_memory is None else f", with {rough_size(self.max_memory)} in all"
        yield "sandboxes of one program", most + within

    def room(self) -> str:
        """How many more, in words."""
        now = "" if self.fits_now is None else f", {self.fits_now} by what is free now"
        return f"{self.fits} more sandboxes of {rough_size(self.sandbox)} if all take what they may{now}"


async def capacity(engine: Engine, config: DockerConfig) -> Capacity:
    """Ask an engine for its size, and its running containers for their limits."""
    info = await engine.info()
    limits = await _limits(engine)
    cpus = int(info.get("NCPU") or 0)
    memory = int(info.get("MemTotal") or 0)
    return Capacity(
        cpus=cpus,
        memory=memory,
        free=await anyio.to_thread.run_sync(_free, memory) if engine.endpoint.local else None,
        running=len(limits),
        ours=sum(1 for ours, _ in limits if ours),
        promised=sum(limit for _, limit in limits),
        unlimited=sum(1 for _, limit in limits if not limit),
        sandbox=int(SandboxLimits().memory),
        starts_at_once=config.concurrent_starts or starts_for(cpus),
        max_sandboxes=config.max_sandboxes,
        max_memory=None if config.max_memory is None else int(config.max_memory),
    )


def ability_findings(info: Mapping[str, Any], kind: EngineKind) -> Sequence[Finding]:
    """What can be done with sandboxes that run."""
    pause = info.get("CgroupDriver") != "none"
    refusal = why_not(kind, Rights.now())
    problem, _, cure = (refusal or "").partition("\n")
    frozen = "possible" if pause else "not possible: the engine runs without cgroups"
    return (
        Finding(name="freezing", ok=pause, detail=frozen, cure=None if pause else "Use an engine with cgroups."),
        Finding(
            name="folders mounted later",
            ok=refusal is None,
            detail=f"not possible: {problem}" if problem else "possible",
            cure=cure.strip() or None,
        ),
    )


async def _limits(engine: Engine) -> Sequence[tuple[bool, int]]:
    """Of each running container, whether it is massgen's, and its limit on memory (0: none)."""
    async with engine.control("list the running containers") as docker:
        listed = await list_containers(docker, filters='{"status": ["running", "paused"]}')
    found: list[tuple[bool, int]] = []
    at_once = anyio.CapacityLimiter(_AT_ONCE)

    async def look(container_id: str, labels: Mapping[str, str]) -> None:
        async with at_once:
            try:
                async with engine.control("look at a container") as docker:
                    shown = await container(docker, container_id).show()
            except SandboxError:
                return  # it has ended
            found.append((OWNER in labels, int(table(shown, "HostConfig").get("Memory") or 0)))

    async with anyio.create_task_group() as tasks:
        for each in listed:
            tasks.start_soon(look, each["Id"], each["Labels"])
    return found


def _free(memory: int, meminfo: Path = _MEMINFO) -> int | None:
    """What this machine could still give, where it is the engine's: its memory is the same then."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        total, free = (int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    except (OSError, ValueError, KeyError, IndexError):
        return None
    return free if total == memory else None
