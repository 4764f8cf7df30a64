"""Scenes that several areas use: one sandbox for attempts that leave nothing behind, and the look at what is left."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import anyio.to_thread

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.audit.model import Attempt, Facts, Scene
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.api import container

_ENGINE_TIME = 20.0
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
