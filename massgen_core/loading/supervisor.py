"""Holding providers open: one task each, started under a time-out, stopped by an event.

The task that enters a provider's context also leaves it, so a provider may hold a task group. A provider that dies
later takes nobody with it: its end is reported through a callback. Cancelling the runtime does not reach a provider
directly: it is stopped like at any other end, in its turn, after those that use it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio

from massgen_core.errors import SURVIVABLE, root_cause


class Held:
    """One open context, held by a task of its own.

    ``grace`` is how many seconds it may take to close before it is cancelled. A context that shields itself against
    cancellation cannot be ended by anybody; the runtime's end then waits for it.
    """

    def __init__(self, open_context: Callable[[], AbstractAsyncContextManager[Any]], *, grace: float) -> None:
        self._open = open_context
        self._grace = grace
        self._scope = anyio.CancelScope(shield=True)
        self._ready = anyio.Event()
        self._stop = anyio.Event()
        self._done = anyio.Event()
        self.value: Any = None
        self.error: BaseException | None = None
        self.opened: bool = False
        self.leaving: bool = False

    async def run(self, on_died: Callable[[BaseException], Awaitable[None]]) -> None:
        """Enter the context, wait for `stop`, leave it; ``on_died`` is told when it ends by itself after opening."""
        try:
            with self._scope:
                await self._hold()
        except BaseExceptionGroup as group:
            survivable, rest = group.split(SURVIVABLE)
            self.error = survivable and root_cause(survivable)
            if rest is not None:
                raise rest from None
        except SURVIVABLE as error:
            self.error = error
        finally:
            self._done.set()
            self._ready.set()
        if self.opened and not self._stop.is_set():
            await on_died(self.error or RuntimeError("ended by itself"))

    async def _hold(self) -> None:
        async with self._open() as value:
            self.value = value
            self.opened = True
            self._ready.set()
            try:
                await self._stop.wait()
            finally:
                self.leaving = True

    async def wait_open(self, timeout: float | None) -> BaseException | None:
        """Wait until the context is open; None, or why it is not. ``timeout`` in seconds."""
        with anyio.move_on_after(timeout):
            await self._ready.wait()
        if not self._ready.is_set():
            await self.stop()
            return TimeoutError(f"did not open within {timeout:g} s")
        return None if self.opened else self.error or RuntimeError("ended before it was open")

    async def wait_closed(self) -> None:
        """Wait until the context has been left."""
        await self._done.wait()

    async def stop(self) -> BaseException | None:
        """Leave the context: politely, then by cancellation. Returns what it raised on the way out."""
        if self._done.is_set():
            return None
        self._stop.set()
        if self.opened and await self._ends_in_time():
            return self.error
        self._scope.cancel()
        await self._ends_in_time()
        return TimeoutError(f"did not close within {self._grace:g} s and was cancelled") if self.opened else None

    async def _ends_in_time(self) -> bool:
        with anyio.move_on_after(self._grace):
            await self._done.wait()
        return self._done.is_set()
