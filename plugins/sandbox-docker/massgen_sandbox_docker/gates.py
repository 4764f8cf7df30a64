"""How many sandboxes one open backend starts at a time, and may have: from the config, and from the engine's CPUs."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from massgen_core.errors import SandboxError
from massgen_core.sandbox.admission import Admission, Bounds
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine

KEY = "plugins.sandbox-docker"
_PER_CPU = 2
_FEWEST, _MOST = 4, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What sandboxes pass, and what image builds pass.

    They are apart, since a build waits for the sandbox in which its image proves itself.
    """

    sandboxes: Admission
    builds: Admission


async def gates(engine: Engine, config: DockerConfig) -> Gates:
    """The gates of a backend that opens."""
    at_once = config.concurrent_starts or starts_for(await _cpus(engine))
    bounds = Bounds(
        starting=at_once,
        waiting=config.waiting_starts,
        running=config.max_sandboxes,
        memory=None if config.max_memory is None else int(config.max_memory),
        wait=config.start_wait,
        key=KEY,
    )
    builds = Bounds(starting=at_once, running=at_once, waiting=config.waiting_starts, wait=math.inf, key=KEY)
    return Gates(sandboxes=Admission(bounds), builds=Admission(builds))


def starts_for(cpus: int) -> int:
    """How many containers an engine starts at a time without getting slower by it."""
    return min(max(_FEWEST, _PER_CPU * cpus), _MOST)


async def _cpus(engine: Engine) -> int:
    try:
        return int((await engine.info()).get("NCPU") or 0)
    except (SandboxError, ValueError):
        return os.cpu_count() or 1
