"""What the drivers share: requests come as lines of JSON on stdin, answers leave as lines on what was stdout.

A driver runs in an environment of its rival's, so this imports nothing but the standard library. A request is
``{"command": […], "times": n}``; the answer is the milliseconds of all runs together, timed around the rival's own
call, and how much output the last one gave: ``{"ms": 1.2, "size": 0}``, or ``{"problem": "…"}``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TextIO

Run = Callable[[Sequence[str]], Awaitable[int]]
"""Runs a command to its end and returns the length of its stdout; raises where it fails."""

Open = Callable[[str], AbstractAsyncContextManager[Run]]
"""Opens a rival's sandbox of an image."""


def main(open_sandbox: Open) -> None:
    """Serve until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the rival prints must not stand between the answers
    asyncio.run(_serve(open_sandbox, sys.argv[1], answers))


async def _serve(open_sandbox: Open, image: str, answers: TextIO) -> None:
    async with open_sandbox(image) as run:
        print(json.dumps({"ready": True}), file=answers)
        for line in sys.stdin:
            print(json.dumps(await _answer(run, **json.loads(line))), file=answers)


async def _answer(run: Run, command: Sequence[str], times: int) -> dict[str, object]:
    size = 0
    started = time.perf_counter()
    try:
        for _ in range(times):
            size = await run(command)
    except Exception as error:  # whatever the rival raises is its answer
        return {"problem": f"{type(error).__name__}: {error}"[:300]}
    return {"ms": 1000 * (time.perf_counter() - started), "size": size}
