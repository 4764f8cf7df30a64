"""What can be done with the sandboxes of an engine beyond running them."""

from __future__ import annotations

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Ability
from massgen_sandbox_docker.engine.client import Engine


async def able(engine: Engine) -> frozenset[Ability]:
    """Without cgroups, as some rootless engines run, there is nothing that could freeze."""
    try:
        driver = (await engine.info()).get("CgroupDriver")
    except SandboxError:
        driver = None
    return frozenset[Ability](("snapshot",) if driver == "none" else ("snapshot", "pause"))
