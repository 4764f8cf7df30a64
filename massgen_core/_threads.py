"""Sync functions in worker threads, so that a cancelled call returns and its slot stays taken.

A thread cannot be killed. When a call is cancelled or runs out of time the caller gets its answer at once, while the
limiter's slot stays taken until the thread has really ended: a function that hangs cannot pile up threads.
(`anyio.to_thread.run_sync` frees the slot when it abandons a thread on asyncio, and keeps it on trio.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
from anyio import CapacityLimiter

ResultT = TypeVar("ResultT")


async def run_in_thread(function: Callable[[], ResultT], limiter: CapacityLimiter | None = None) -> ResultT:
    """Run a function in a worker thread and return what it returns; cancellation leaves the thread behind.

    Inside, `anyio.from_thread.check_cancelled` raises once the call was cancelled: a long loop that calls it ends
    early. ``limiter`` defaults to anyio's own for worker threads.
    """
    limiter = limiter or anyio.to_thread.current_default_thread_limiter()
    slot = _Slot(limiter)
    await limiter.acquire_on_behalf_of(slot)
    try:
        # the slot was taken above, and this one only keeps the call out of the default limiter
        return await anyio.to_thread.run_sync(
            partial(slot.run, function), abandon_on_cancel=True, limiter=CapacityLimiter(1)
        )
    finally:
        slot.release_unless_started()


async def run_in_daemon_thread(function: Callable[[], ResultT]) -> ResultT:
    """Run a function in a thread of its own that neither a cancelled caller nor the program's end waits for.

    For code that may hang for ever, an import for one. Inside, `anyio.from_thread` cannot be used.
    """
    outcome = Future[ResultT]()
    done = anyio.Event()
    post = _poster()

    def run() -> None:
        try:
            outcome.set_result(function())
        except BaseException as error:  # raised where the result is awaited
            outcome.set_exception(error)
        post(done.set)

    threading.Thread(target=run, name="massgen_core", daemon=True).start()
    await done.wait()
    return outcome.result()


class _Slot:
    """One place of a limiter, given back by whoever gets to it first: the thread at its end, or a call without one."""

    def __init__(self, limiter: CapacityLimiter) -> None:
        self._release = partial(limiter.release_on_behalf_of, self)
        self._post = _poster()
        self._claim = threading.Lock()

    def run(self, function: Callable[[], ResultT]) -> ResultT:
        if not self._claim.acquire(blocking=False):
            raise RuntimeError("the call was cancelled before its thread began")  # nobody is left to see this
        try:
            return function()
        finally:
            self._post(self._release)

    def release_unless_started(self) -> None:
        if self._claim.acquire(blocking=False):
            self._release()


def _poster() -> Callable[[Callable[[], object]], None]:
    """How a thread hands a function to this event loop without waiting for it; a loop that is gone needs none."""
    loop = cast("Any", anyio.lowlevel.current_token().native_token)
    send = loop.run_sync_soon if hasattr(loop, "run_sync_soon") else loop.call_soon_threadsafe

    def post(function: Callable[[], object]) -> None:
        try:
            send(function)
        except RuntimeError:  # asyncio's closed loop; trio's RunFinishedError is one too
            return

    return post
