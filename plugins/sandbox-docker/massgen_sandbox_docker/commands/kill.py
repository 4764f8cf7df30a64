"""`massgen-core docker kill`: end and remove containers of ours, whoever owns them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import anyio

from massgen_core.config import Settings
from massgen_core.errors import SandboxError
from massgen_sandbox_docker.commands.containers import Ours, choose, find
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import docker_config
from massgen_sandbox_docker.commands.work import Ask
from massgen_sandbox_docker.container.run import remove
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine, connect

_AT_ONCE = 8
_NOTICE = 2.0


async def kill(settings: Settings, names: Sequence[str], ask: Ask) -> Outcome:
    """Kill and remove the named containers, or all of ours where none is named and ``ask`` agrees.

    Raises:
        UsageError: A name means none of ours, or several; then none is killed.
        SandboxUnavailable: No engine.
    """
    async with connect(docker_config(settings)) as engine:
        doomed = await choose(engine, names) if names else await find(engine)
        if not names and doomed and not ask(_question(doomed)):
            return Outcome(ok=True, data={"killed": [], "failed": []}, text="Nothing was done.")
        failures = await remove_all(engine, doomed)
    return _outcome(doomed, failures)


async def remove_all(engine: Engine, doomed: Sequence[Ours]) -> dict[str, str]:
    """Kill and remove them, a few at once; what could not be removed is returned, by id, with the reason."""
    failures: dict[str, str] = {}
    at_once = anyio.CapacityLimiter(_AT_ONCE)

    async def end(each: Ours) -> None:
        async with at_once:
            try:
                await _end(engine, each)
            except SandboxError as error:
                failures[each.id] = str(error)

    async with anyio.create_task_group() as tasks:
        for each in doomed:
            tasks.start_soon(end, each)
    return failures


async def _end(engine: Engine, each: Ours) -> None:
    """A living owner is given a moment to see how its sandbox ended, and to remove it itself."""
    if each.owner == "alive" and each.listed.state == "running":
        with contextlib.suppress(SandboxError), anyio.move_on_after(_NOTICE):
            async with engine.control("kill the container") as docker:
                await container(docker, each.id).kill(signal="SIGKILL")
                await container(docker, each.id).wait(timeout=None, condition="removed")
    await remove(engine, each.id)


def _question(doomed: Sequence[Ours]) -> str:
    listed = "\n".join(f"  {each}" for each in doomed)
    return f"{listed}\nKill and remove these {len(doomed)}, also those of programs that run?"


def _outcome(doomed: Sequence[Ours], failures: dict[str, str]) -> Outcome:
    data: dict[str, list[Any]] = {
        "killed": [each.data() for each in doomed if each.id not in failures],
        "failed": [{**each.data(), "error": failures[each.id]} for each in doomed if each.id in failures],
    }
    if not doomed:
        return Outcome(ok=True, data=data, text="No container of massgen's is here.")
    rows = [(each.sandbox, each.short, each.kind, each.owner, failures.get(each.id, "removed")) for each in doomed]
    sheet = Sheet(title="killed", headers=("sandbox", "id", "is a", "owner", "outcome"), rows=rows)
    return Outcome(ok=not failures, data=data, sheets=[sheet])
