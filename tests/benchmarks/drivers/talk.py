"""What the drivers share: requests come as lines of JSON on stdin, answers leave as lines on what was stdout.

A driver runs in an environment of its rival's, so this imports nothing but the standard library. A request is
``{"command": […], "times": n}``; the answer is the milliseconds of all runs together, timed around the rival's own
call, how much output the last one gave, and the most memory this process held meanwhile, in bytes where Linux tells:
``{"ms": 1.2, "size": 0, "peak": 1000}``, or ``{"problem": "…"}``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
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
    _forget_peak()
    started = time.perf_counter()
    try:
        for _ in range(times):
            size = await run(command)
    except Exception as error:  # whatever the rival raises is its answer
        return {"problem": f"{type(error).__name__}: {error}"[:300]}
    return {"ms": 1000 * (time.perf_counter() - started), "size": size, "peak": _peak()}


def _forget_peak() -> None:
    """VmHWM of proc_pid_status(5) begins anew."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
