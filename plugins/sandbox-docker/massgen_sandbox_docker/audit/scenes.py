"""Scenes that several areas use: one sandbox for attempts that leave nothing behind, and the look at what is left."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.errors import ImageError, SandboxError
from massgen_sandbox_docker.audit.model import Attempt, Facts, Scene
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.api import container

_ENGINE_TIME = 20.0
_LOOK = 0.3
_WATCHED = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/randomize_va_space",
    "/proc/swaps",
)


def probing(probe: str, *, shared: bool = False) -> Scene:
    """All attempts of one probe in one sandbox."""

    async def scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
        only = [attempt.id for attempt in attempts]
        before = await host_state(stage)
        async with stage.sandbox(shared=shared) as sandbox:
            found = await stage.probe(sandbox, probe, only, secret=stage.secret)
            problems = await aftermath(stage, sandbox)
        problems += await changes(stage, before)
        return {name: {**facts, "aftermath": problems} for name, facts in found.items()}

    return scene


def alone(probe: str) -> Scene:
    """One attempt in a sandbox of its own, which it may destroy; what it used is asked of the engine and the kernel."""

    async def scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
        return {attempt.id: await _destroy(stage, probe, attempt.id) for attempt in attempts}

    return scene


async def _destroy(stage: Stage, probe: str, name: str) -> Facts:
    before, since = await host_state(stage), time.monotonic()
    async with stage.sandbox() as sandbox:
        facts = await _watched(stage, sandbox, probe, name)
        problems = await aftermath(stage, sandbox, since=since)
    problems += await changes(stage, before) + await stage.neighbour_problems()
    return {**facts, "aftermath": problems}


async def _watched(stage: Stage, sandbox: DockerSandbox, probe: str, name: str) -> dict[str, Any]:
    """Run the probe, and see meanwhile how many processes the host counts for it."""
    facts: dict[str, Any] = {}
    seen: list[int] = []

    async def watch() -> None:
        while True:
            seen.append(await processes_on_host(stage, sandbox))
            await anyio.sleep(_LOOK)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch)
        facts |= await stage.measured(sandbox, probe, name)
        tasks.cancel_scope.cancel()
    return {"host_pids": max(seen, default=None), "pids_limit": stage.limits.pids, **facts}


async def processes_on_host(stage: Stage, sandbox: DockerSandbox) -> int:
    """How many processes and threads the engine counts in a sandbox."""
    path = f"/containers/{sandbox.id}/stats?stream=0&one-shot=1"
    stats = await stage.backend.engine.get_json("count the sandbox's processes", path)
    pids: dict[str, Any] = stats.get("pids_stats") or {}
    return int(pids.get("current") or 0)


async def aftermath(stage: Stage, sandbox: DockerSandbox, *, since: float | None = None) -> list[str]:
    """What is wrong with the engine after an attack: it does not answer, or cannot say what became of the sandbox.

    ``since``: when the attack began (monotonic), for attacks that must not take longer than `LONGEST`.
    """
    problems: list[str] = []
    if since is not None and time.monotonic() - since > LONGEST:
        problems.append(f"it took {time.monotonic() - since:.0f} s")
    try:
        async with stage.backend.engine.control("look at the sandbox", timeout=_ENGINE_TIME) as docker:
            await container(docker, sandbox.id).show()
    except SandboxError as error:
        problems.append(f"the engine does not tell about the sandbox: {error}")
    return problems


async def is_there(stage: Stage, name: str) -> bool:
    """Whether the engine has a container, running or not."""
    try:
        async with stage.backend.engine.control("look for the container") as docker:
            await container(docker, name).show()
    except (SandboxError, ImageError):
        return False
    return True


LONGEST = 120.0
"""Seconds within which even the most destructive attempt must be over."""


async def host_state(stage: Stage) -> Mapping[str, str]:
    """A few settings of the host that no sandbox may change; nothing where the engine is elsewhere."""
    return await anyio.to_thread.run_sync(_read_state) if stage.backend.engine.endpoint.local else {}


async def changes(stage: Stage, before: Mapping[str, str]) -> list[str]:
    """What has changed on the host since."""
    after = await host_state(stage)
    return [f"{path} of the host has changed" for path, text in before.items() if after.get(path) != text]


def _read_state() -> dict[str, str]:
    return {path: Path(path).read_text() for path in _WATCHED if Path(path).exists()}
