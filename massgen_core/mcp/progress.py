"""Progress of a call, passed on at the pace of whoever listens."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio

from massgen_core.calls.log import get_logger
from massgen_core.tools import Event, Progress


class ProgressRelay:
    """Hands on a server's progress; while one report is under way, only the newest of the others is kept.

    A server that reports faster than anyone listens cannot pile up work.
    """

    def __init__(self, report: Callable[[Event], Awaitable[None]]) -> None:
        self._report = report
        self._newest: Progress | None = None
        self._idle: anyio.Event | None = None

    def take(self, progress: Progress) -> bool:
        """Take in one report; true asks the caller to start `deliver`."""
        self._newest = progress
        if self._idle is not None:
            return False
        self._idle = anyio.Event()
        return True

    async def deliver(self) -> None:
        """Report until nothing newer is there; a listener that raises is not told any more."""
        assert self._idle is not None
        try:
            while (newest := self._newest) is not None:
                self._newest = None
                await self._report(newest)
        except Exception as error:  # the listener's boundary: its fault must not end the connection
            get_logger().warning("a listener to progress failed", cause=repr(error))
            self._report = _nobody
        finally:
            self._idle.set()
            self._idle = None

    async def settled(self) -> None:
        """Wait until everything taken in was reported."""
        if self._idle is not None:
            await self._idle.wait()


def progress_of(facts: Mapping[str, Any]) -> Progress | None:
    """The progress in a notification's params, or None where they hold none."""
    done, message = _number(facts.get("progress")), facts.get("message")
    if done is None:
        return None
    return Progress(done=done, total=_number(facts.get("total")), message=message if isinstance(message, str) else None)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= sys.float_info.max else None


async def _nobody(event: Event) -> None:
    pass
