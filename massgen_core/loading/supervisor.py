"""Holding providers open: one task each, started under a time-out, stopped by an event.

The task that enters a provider's context also leaves it, so a provider may hold a task group. A provider that dies
later takes nobody with it: its end is reported through a callback.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio

from massgen_core.loading.hooks import SURVIVABLE

STOP_GRACE = 15.0
"""Seconds that a provider may take to close before it is cancelled, and again before it is left behind."""


class Held:
    """One open context, held by a task of its own."""

    def __init__(self, open_context: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._open = open_context
        self._scope = anyio.CancelScope()
        self._ready = anyio.Event()
        self._stop = anyio.Event()
        self._done = anyio.Event()
        self.value: Any = None
        self.error: BaseException | None = None
        self.opened = False

    async def run(self, on_died: Callable[[BaseException], Awaitable[None]]) -> None:
        """Enter the context, wait for `stop`, leave it; ``on_died`` is told when it ends by itself after opening."""
        try:
            with self._scope:
                await self._hold()
        except BaseExceptionGroup as group:
            survivable, rest = group.split(SURVIVABLE)
            self.error = survivable
            if rest is not None:
                raise rest from None
        except SURVIVABLE as error:
            self.error = error
        finally:
            self._done.set()
            self._ready.set()
        if self.opened and not self._stop.is_set():
            await on_died(_root_cause(self.error) if self.error else RuntimeError("ended by itself"))

    async def _hold(self) -> None:
        async with self._open() as self.value:
            self.opened = True
            self._ready.set()
            await self._stop.wait()

    async def wait_open(self, timeout: float) -> BaseException | None:
        """Wait until the context is open; None, or why it is not. ``timeout`` in seconds."""
        with anyio.move_on_after(timeout):
            await self._ready.wait()
        if not self._ready.is_set():
            self._stop.set()
            self._scope.cancel()
            with anyio.move_on_after(STOP_GRACE):
                await self._done.wait()
            return TimeoutError(f"did not open within {timeout:g} s")
        if self.opened:
            return None
        return _root_cause(self.error) if self.error else RuntimeError("ended before it was open")

    async def stop(self) -> BaseException | None:
        """Leave the context: politely, then by cancellation. Returns what it raised on the way out."""
        already_dead = self._done.is_set()
        self._stop.set()
        with anyio.move_on_after(STOP_GRACE):
            await self._done.wait()
        if not self._done.is_set():
            self._scope.cancel()
            with anyio.move_on_after(STOP_GRACE):
                await self._done.wait()
            return TimeoutError(f"did not close within {STOP_GRACE:g} s and was cancelled")
        return None if already_dead else self.error


def _root_cause(error: BaseException) -> BaseException:
    """The one error inside groups that hold only one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
