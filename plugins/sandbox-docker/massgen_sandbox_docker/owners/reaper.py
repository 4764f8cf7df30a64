"""Removes what programs that no longer run have left on the engine; nothing else is touched."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.container.run import remove
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.labels import Owner, Verdict, judge
from massgen_sandbox_docker.owners.listing import list_owned

_AT_ONCE = 8
_LAST_TRIES = 5
_LAST_PAUSE = 0.25


async def reap(
    engine: Engine, here: Owner, *, verdicts: Sequence[Verdict] = ("dead", "expired"), log: Callable[[str], None]
) -> None:
    """Remove every container whose owner is judged so; one that cannot be removed is reported, and no failure."""
    doomed = await _find(engine, here, verdicts)
    at_once = anyio.CapacityLimiter(_AT_ONCE)
    if doomed:
        what = "a container that was" if len(doomed) == 1 else f"{len(doomed)} containers that were"
        log(f"removing {what} left behind")

    async def remove_one(container_id: str) -> None:
        async with at_once:
            try:
                await remove(engine, container_id)
            except SandboxError as error:
                log(f"container {container_id[:12]}: {error}")

    async with anyio.create_task_group() as tasks:
        for container_id in doomed:
            tasks.start_soon(remove_one, container_id)


async def leave_nothing(engine: Engine, here: Owner, *, log: Callable[[str], None]) -> None:
    """Remove all that is ours, at the end; an engine that restarts just then is waited for.

    Raises:
        SandboxError: It is still away after some seconds.
    """
    for tries in range(_LAST_TRIES):
        try:
            return await reap(engine, here, verdicts=("mine", "expired"), log=log)
        except SandboxError as error:
            if tries == 0:
                log(f"waiting for the engine, to leave nothing there: {error}")
            await anyio.sleep(_LAST_PAUSE * 2**tries)
    await reap(engine, here, verdicts=("mine", "expired"), log=log)


async def keep_reaping(engine: Engine, here: Owner, *, every: float, log: Callable[[str], None]) -> None:
    """Reap every so many seconds, until cancelled; an engine that is away is asked again the next time."""
    said: set[str] = set()

    def once(line: str) -> None:
        """What cannot be removed would be told of every time."""
        if line not in said:
            said.add(line)
            log(line)

    while True:
        await anyio.sleep(every)
        with contextlib.suppress(SandboxError):
            await reap(engine, here, log=once)


async def _find(engine: Engine, here: Owner, verdicts: Sequence[Verdict]) -> list[str]:
    return [each.id for each in await list_owned(engine) if judge(each.labels, here=here) in verdicts]
