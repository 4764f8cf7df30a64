"""The calls of aiodocker that are used here, with their types: its own methods take untyped keywords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import aiodocker


class Exec(Protocol):
    """A prepared command."""

    @property
    def id(self) -> str:
        """The engine's identifier."""
        ...

    async def inspect(self) -> dict[str, Any]:
        """``GET /exec/ID/json``."""
        ...


class Container(Protocol):
    """One container, whether it exists or not."""

    @property
    def id(self) -> str:
        """The id or name it was asked for by."""
        ...

    async def show(self) -> dict[str, Any]:
        """``GET /containers/ID/json``."""
        ...

    async def start(self) -> None:
        """``POST /containers/ID/start``."""
        ...

    async def wait(self, *, timeout: Any, condition: str) -> dict[str, Any]:
        """``POST /containers/ID/wait``."""
        ...

    async def kill(self, *, signal: str) -> None:
        """``POST /containers/ID/kill``."""
        ...

    async def pause(self) -> None:
        """``POST /containers/ID/pause``."""
        ...

    async def unpause(self) -> None:
        """``POST /containers/ID/unpause``."""
        ...

    async def rename(self, newname: str) -> None:
        """``POST /containers/ID/rename``."""
        ...

    async def delete(self, *, force: bool, v: bool) -> None:
        """``DELETE /containers/ID``."""
        ...

    async def top(self, *, ps_args: str) -> dict[str, Any]:
        """``GET /containers/ID/top``."""
        ...

    async def exec(
        self, cmd: Sequence[str], *, stdin: bool, user: str, environment: Sequence[str], workdir: str | None
    ) -> Exec:
        """``POST /containers/ID/exec``."""
        ...


def container(docker: aiodocker.Docker, name: str) -> Container:
    """A handle on a container by id or name; nothing is asked."""
    return cast("Container", docker.containers.container(name))  # pyright: ignore[reportUnknownMemberType]


async def list_containers(docker: aiodocker.Docker, *, filters: str) -> Sequence[Mapping[str, Any]]:
    """All containers, stopped ones included, that pass the filters (JSON text)."""
    listed = docker.containers.list(all=1, filters=filters)  # pyright: ignore[reportUnknownMemberType]
    return [{"Id": each.id, "Labels": each["Labels"] or {}} for each in await listed]


def table(answer: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A table inside an answer of the engine; empty where there is none, or null."""
    for name in names:
        found = answer.get(name)
        answer = cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}
    return answer
