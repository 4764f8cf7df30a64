"""The size of a container's writable root, where the engine's storage can hold it to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiodocker

from massgen_core.errors import SandboxError
from massgen_core.sandbox import SandboxLimits
from massgen_sandbox_docker.engine.api import table
from massgen_sandbox_docker.engine.client import Engine

_ALWAYS = frozenset({"btrfs", "zfs", "devicemapper", "windowsfilter"})
_IN_BLOCKS = 1.125
_REFUSED = ("storage-opt", "storage opt", "quota", "pquota")


def storage_can_hold(info: Mapping[str, Any]) -> bool:
    """Whether the engine's storage may take a size: overlay2 does on xfs, if that is mounted with ``pquota``."""
    driver = str(info.get("Driver") or "")
    status = {str(row[0]): str(row[1]) for row in info.get("DriverStatus") or () if len(row) > 1}
    return driver in _ALWAYS or (driver == "overlay2" and status.get("Backing Filesystem") == "xfs")


async def with_quota(engine: Engine, body: dict[str, Any], limits: SandboxLimits) -> dict[str, Any]:
    """The body of a create request, with the size of its writable root where the storage may take it."""
    if limits.disk is None or limits.read_only_root:
        return body
    info = await engine.info()
    if not storage_can_hold(info):
        return body
    size = int(limits.disk) + (await _image_size(engine, body["Image"]) if info.get("Driver") == "btrfs" else 0)
    return {**body, "HostConfig": {**body["HostConfig"], "StorageOpt": {"size": str(size)}}}


async def created_id(docker: aiodocker.Docker, body: Mapping[str, Any], name: str) -> str:
    """Create a container, without the size of its root where the storage refuses that; returns its id."""
    try:
        return (await docker.containers.create(dict(body), name=name)).id
    except aiodocker.DockerError as error:
        refused = any(word in error.message.lower() for word in _REFUSED)
        if "StorageOpt" not in body["HostConfig"] or not refused:
            raise
    host = {key: value for key, value in body["HostConfig"].items() if key != "StorageOpt"}
    return (await docker.containers.create({**body, "HostConfig": host}, name=name)).id


async def _image_size(engine: Engine, image: str) -> int:
    """What an image takes, since a limit of btrfs is for its files as well; they come in whole blocks there."""
    path = f"/images/{quote(image, safe='')}/json"
    try:
        shown = await engine.get_json("look at the image", path)
    except SandboxError:
        return 0  # whoever creates the container will say better what is wrong with the image
    return int(int(shown.get("Size") or 0) * _IN_BLOCKS)


def held_by_storage(shown: Mapping[str, Any]) -> bool:
    """Whether an inspected container's root is held to a size by the storage."""
    return bool(table(shown, "HostConfig", "StorageOpt").get("size"))
