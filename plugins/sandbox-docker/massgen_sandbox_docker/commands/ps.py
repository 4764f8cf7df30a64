"""`massgen-core docker ps`: which containers of ours there are, whose they are, and what they use."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from massgen_core.config import Settings
from massgen_core.errors import SandboxError
from massgen_sandbox_docker.commands.capacity import capacity
from massgen_sandbox_docker.commands.containers import Ours, find, program
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import docker_config
from massgen_sandbox_docker.commands.units import age_text, rough_size
from massgen_sandbox_docker.engine.api import table
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.images import daemon

_AT_ONCE = 8
_PATIENCE = 10.0
_HEADERS = ("sandbox", "id", "is a", "image", "owner", "age", "status", "memory", "processes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a container uses now: memory in bytes without what the kernel can drop, processes and threads."""

    memory: int | None = None
    pids: int | None = None


async def ps(settings: Settings, everything: bool) -> Outcome:
    """List the containers of ours, with the ended ones where ``everything`` is asked for.

    Raises:
        SandboxUnavailable: No engine.
    """
    config = docker_config(settings)
    async with connect(config) as engine:
        found = [each for each in await find(engine) if everything or not each.listed.ended]
        used = await _measure(engine, [each.id for each in found if each.listed.state == "running"])
        images = await _image_names(engine)
        room = await capacity(engine, config)
    rows = [_row(each, used.get(each.id, Use()), _image(each, images)) for each in found]
    data = {
        "containers": [_data(each, used.get(each.id, Use()), _image(each, images)) for each in found],
        "capacity": room.data(),
    }
    text = f"Room for {room.room()}."
    if not rows:
        hint = "" if everything else " (`--all` shows ended ones)"
        return Outcome(ok=True, data=data, text=f"No container of massgen's is here{hint}. {text}")
    return Outcome(ok=True, data=data, sheets=[Sheet(title="containers", headers=_HEADERS, rows=rows)], text=text)


async def _measure(engine: Engine, ids: Sequence[str]) -> Mapping[str, Use]:
    """Ask for each container once; one that ends meanwhile is left out."""
    used: dict[str, Use] = {}
    at_once = anyio.CapacityLimiter(_AT_ONCE)

    async def ask(container_id: str) -> None:
        async with at_once:
            with anyio.move_on_after(_PATIENCE):
                try:
                    stats = await engine.get_json("measure", f"/containers/{container_id}/stats?stream=0&one-shot=1")
                except SandboxError:
                    return
                used[container_id] = use_of(stats)

    async with anyio.create_task_group() as tasks:
        for container_id in ids:
            tasks.start_soon(ask, container_id)
    return used


def use_of(stats: Mapping[str, Any]) -> Use:
    """What an answer of ``GET /containers/ID/stats`` tells, of cgroup v1 or v2."""
    memory = table(stats, "memory_stats")
    cached = table(memory, "stats")
    droppable = int(cached.get("total_inactive_file", cached.get("inactive_file", 0)) or 0)
    usage, pids = memory.get("usage"), table(stats, "pids_stats").get("current")
    return Use(
        memory=max(0, int(usage) - droppable) if usage is not None else None,
        pids=int(pids) if pids is not None else None,
    )


async def _image_names(engine: Engine) -> Mapping[str, str]:
    """The first name of each image that has one, by its id: servers are started from ids."""
    try:
        listed = await daemon.listed(engine)
    except SandboxError:
        return {}
    return {str(each["Id"]): str(each["RepoTags"][0]) for each in listed if each.get("RepoTags")}


def _image(each: Ours, names: Mapping[str, str]) -> str:
    return names.get(each.listed.image) or each.listed.image


def _data(each: Ours, use: Use, image: str) -> dict[str, Any]:
    return {
        **each.data(),
        "image": image,
        "owner_pid": each.pid,
        "owner_program": _program(each),
        "created": int(each.listed.created),
        "state": each.listed.state,
        "status": each.listed.status,
        "memory_bytes": use.memory,
        "pids": use.pids,
    }


def _row(each: Ours, use: Use, image: str) -> Sequence[str]:
    return (
        each.sandbox,
        each.short,
        each.kind,
        image.removeprefix("sha256:")[:12] if image.startswith("sha256:") else image,
        _owner_text(each),
        age_text(time.time() - each.listed.created),
        each.listed.status or each.listed.state,
        "" if use.memory is None else rough_size(use.memory),
        "" if use.pids is None else str(use.pids),
    )


def _program(each: Ours) -> str | None:
    """Only a living owner's: another program may have its number by now."""
    return (program(each.pid) or None) if each.owner in ("alive", "mine") and each.pid else None


def _owner_text(each: Ours) -> str:
    named = _program(each)
    where = f", {named}" if named else ""
    return f"{each.owner} (pid {each.pid}{where})" if each.pid else each.owner
