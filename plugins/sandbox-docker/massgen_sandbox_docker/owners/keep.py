"""What goes on in the background while a backend is open: reaping again and again, following the engine's events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from massgen_core.sandbox import Sandbox
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.events import Event, follow
from massgen_sandbox_docker.owners.labels import Owner
from massgen_sandbox_docker.owners.reaper import keep_reaping


class Kept(Protocol):
    """As much of an open backend as is needed here."""

    engine: Engine
    owner: Owner

    @property
    def sandboxes(self) -> Sequence[Sandbox]:
        """The sandboxes that run now."""
        ...


@asynccontextmanager
async def looked_after(kept: Kept, *, every: float, log: Callable[[str], None]) -> AsyncGenerator[None]:
    """While open, what others left is removed every so many seconds, and a removal by others is told of."""

    async def listen() -> None:
        await follow(kept.engine, kept.owner, partial(_tell_of_removal, kept, log))

    async def reap() -> None:
        await keep_reaping(kept.engine, kept.owner, every=every, log=log)

    async with background() as tasks:
        tasks.start_soon(listen)
        tasks.start_soon(reap)
        yield


def _tell_of_removal(kept: Kept, log: Callable[[str], None], event: Event) -> None:
    """A sandbox that this program ends is not among those that run any more when its container goes."""
    if event.what == "destroy":
        for sandbox in kept.sandboxes:
            if sandbox.id == event.container_id:
                log(f"sandbox {sandbox.name!r}: its container {sandbox.id[:12]} was removed by somebody else")
