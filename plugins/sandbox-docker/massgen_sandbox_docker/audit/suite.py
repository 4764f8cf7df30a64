"""The whole suite, and the run through it: scene by scene, each within its time, none able to stop the others."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import anyio

from massgen_core.errors import MassgenError
from massgen_core.sandbox import Progress
from massgen_sandbox_docker.audit.areas import (
    builds,
    endings,
    files,
    folders,
    gate,
    hostfiles,
    inspected,
    kernel,
    network,
    processes,
    protocol,
    resources,
    streams,
)
from massgen_sandbox_docker.audit.judges import judge
from massgen_sandbox_docker.audit.model import Attempt, Facts, Result, Scene, not_run
from massgen_sandbox_docker.audit.stage import Stage

_INSIDE = (kernel, files, processes, endings, resources, network, gate, inspected)
_OUTSIDE = (hostfiles, folders, builds, streams, protocol)

ATTEMPTS: Sequence[Attempt] = tuple(attempt for area in (*_INSIDE, *_OUTSIDE) for attempt in area.ATTEMPTS)
"""Every attempt, in the order in which they are made."""

_WAITING = frozenset(("host files", "protocol"))

SCENE_TIME = 300.0
"""Seconds that one scene may take; what it has not told by then was not run."""

AUDIT_TIME = 1800.0
"""Seconds that all of them may take; those that have not begun by then were not run."""


def choose(patterns: Sequence[str]) -> Sequence[Attempt]:
    """The attempts whose id or area fits one of the patterns (`*` stands for anything); all where there are none."""
    if not patterns:
        return ATTEMPTS
    return [each for each in ATTEMPTS if any(_fits(each, pattern) for pattern in patterns)]


def _fits(attempt: Attempt, pattern: str) -> bool:
    return fnmatch.fnmatch(attempt.id, pattern) or attempt.area == pattern


async def run(stage: Stage, attempts: Sequence[Attempt], progress: Progress) -> Sequence[Result]:
    """Make the attempts, and judge each; those that mostly wait are made beside the others."""
    results: list[Result] = []
    end = time.monotonic() + AUDIT_TIME

    async def lane(chosen: Sequence[Attempt]) -> None:
        for scene, group in scenes(chosen):
            if time.monotonic() > end:
                late = not_run(f"the audit had taken {AUDIT_TIME:g} s")
                results.extend(Result(attempt=each, judgement=late, seconds=0.0) for each in group)
                continue
            progress(f"{group[0].area}: {', '.join(each.id for each in group)}")
            results.extend(await _play(stage, scene, group))

    async with stage.with_victim(), anyio.create_task_group() as tasks:
        for waits in (True, False):
            tasks.start_soon(lane, [each for each in attempts if (each.area in _WAITING) is waits])
    order = [each.id for each in attempts]
    return sorted(results, key=lambda result: order.index(result.attempt.id))


def scenes(attempts: Sequence[Attempt]) -> Iterator[tuple[Scene, tuple[Attempt, ...]]]:
    """The attempts by scene, in the order in which each scene's first one stands."""
    by_scene: dict[Scene, list[Attempt]] = {}
    for attempt in attempts:
        by_scene.setdefault(attempt.scene, []).append(attempt)
    return ((scene, tuple(members)) for scene, members in by_scene.items())


async def _play(stage: Stage, scene: Scene, attempts: tuple[Attempt, ...]) -> Sequence[Result]:
    started = time.monotonic()
    facts: Mapping[str, Facts] = {}
    reason = f"it did not end within {SCENE_TIME:g} s"
    try:
        with anyio.move_on_after(SCENE_TIME):
            facts = await scene(stage, attempts)
            reason = "nothing was heard of it"
    except* Exception as errors:  # whatever went wrong in one scene, the others are made
        reason = _words(_first_of(errors))
    seconds = (time.monotonic() - started) / len(attempts)
    return [
        Result(
            attempt=each,
            judgement=judge(each, facts[each.id]) if each.id in facts else not_run(reason),
            seconds=seconds,
        )
        for each in attempts
    ]


def _words(error: BaseException) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0]
    return text if isinstance(error, MassgenError) else f"{type(error).__name__}: {text}"


def _first_of(error: BaseException) -> BaseException:
    if isinstance(error, BaseExceptionGroup):
        return _first_of(cast("BaseExceptionGroup[BaseException]", error).exceptions[0])
    return error
