"""The containers of this project on an engine, ended ones included, as the engine lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.adopted import owned_labels
from massgen_sandbox_docker.owners.labels import OWNER

_ENDED = ("exited", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of ``GET /containers/json``; ``created`` is in seconds since 1970, ``size`` in bytes where asked for.

    ``labels`` tell of the owner that it has now, who may be another than the one who made it.
    """

    id: str
    name: str
    image: str
    state: str
    status: str
    created: float
    size: int = 0
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ended(self) -> bool:
        """It ran, and does not any more."""
        return self.state in _ENDED


async def list_owned(engine: Engine, owner_id: str | None = None, *, sizes: bool = False) -> Sequence[Listed]:
    """All containers with an owner of ours, or those that this one made and still has.

    ``sizes`` lets the engine count their own files.

    Raises:
        SandboxError: The engine does not answer.
    """
    asked: dict[str, Any] = {"all": 1, "filters": json.dumps({"label": [f"{OWNER}={owner_id}" if owner_id else OWNER]})}
    if sizes:
        asked["size"] = 1
    async with engine.control("list the containers") as docker:
        found = await docker.containers.list(**asked)  # pyright: ignore[reportUnknownMemberType]
        listed = [_listed({key: each[key] for key in _KEYS if key in each}) for each in found]
    return [each for each in listed if owner_id in (None, each.labels.get(OWNER, owner_id))]


_KEYS = ("Id", "Names", "Image", "State", "Status", "Created", "SizeRw", "Labels")


def _listed(row: Mapping[str, Any]) -> Listed:
    name = str(next(iter(row.get("Names") or ()), "")).removeprefix("/")
    return Listed(
        id=str(row["Id"]),
        name=name,
        image=str(row.get("Image") or ""),
        state=str(row.get("State") or ""),
        status=str(row.get("Status") or ""),
        created=float(row.get("Created") or 0),
        size=int(row.get("SizeRw") or 0),
        labels=owned_labels(row.get("Labels") or {}, name),
    )
