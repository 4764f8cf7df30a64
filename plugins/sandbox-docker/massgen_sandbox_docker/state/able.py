"""What can be done with the sandboxes of an engine beyond running them."""

from __future__ import annotations

import socket

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Ability
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.labels import Owner


async def able(engine: Engine, owner: Owner | None = None) -> frozenset[Ability]:
    """Without cgroups, as some rootless engines run, there is nothing that could freeze."""
    found: set[Ability] = {"snapshot"}
    try:
        driver = (await engine.info()).get("CgroupDriver")
    except SandboxError:
        driver = None
    if driver != "none":
        found.add("pause")
    if can_hand_over(engine, owner or Owner.current()):
        found.add("hand_over")
    return frozenset(found)


def can_hand_over(engine: Engine, owner: Owner) -> bool:
    """Whether there is a socket to be passed on, and another process that could be told apart."""
    return hasattr(socket, "SO_PEERCRED") and engine.endpoint.socket is not None and bool(owner.host)
