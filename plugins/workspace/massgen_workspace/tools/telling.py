"""From a worker thread: how far a call has come, and its end as soon as nobody waits for it any more."""

from __future__ import annotations

import time

import anyio.from_thread

from massgen_core.tools import Progress, ToolContext

_EVERY = 1.0
"""Seconds between two reports."""
_LOOKS = 0.02
"""Seconds between two looks at whether anybody still waits."""


class Teller:
    """Call it often, from the thread that works."""

    def __init__(self, context: ToolContext, unit: str) -> None:
        self._context = context
        self._unit = unit
        self._look = 0.0
        self._next = time.monotonic() + _EVERY

    def __call__(self, done: int, total: int | None = None) -> None:
        """Report it, once a second. Raises what a cancelled call is ended by."""
        now = time.monotonic()
        if now < self._look:
            return
        self._look = now + _LOOKS
        anyio.from_thread.check_cancelled()
        if now < self._next:
            return
        self._next = now + _EVERY
        message = f"{done:,} {self._unit}"
        self._context.report_from_thread(Progress(done=done, total=total, message=message))
