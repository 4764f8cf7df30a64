"""What belongs to one session: opened by the first call that needs it, closed at the session's end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import anyio
from anyio.abc import TaskGroup

from massgen_core.errors import SandboxUnavailable, in_words
from massgen_core.loading.supervisor import Held

T = TypeVar("T")


class Resources:
    """The open contexts of one session, each held by a task of its own; ``grace`` is how many seconds one may close."""

    def __init__(self, tasks: TaskGroup, *, grace: float, report: Callable[[str], None]) -> None:
        self._tasks = tasks
        self._grace = grace
        self._report = report
        self._held: dict[str, Held] = {}
        self._closed = False

    async def get(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What stands under a key, opened where it is not; callers that come meanwhile wait for the same one.

        A caller that is cancelled leaves the opening to go on for the next. What ended by itself is opened anew.

        Raises:
            Exception: It could not be opened; the next caller tries again.
        """
        held = self._held.get(key)
        while held is not None and held.leaving:
            await held.wait_closed()
            self._forget(key, held)
            held = self._held.get(key)
        if held is None:
            held = self._open(key, open_context)
        if error := await held.wait_open(None):
            self._forget(key, held)
            raise error
        return held.value

    def _open(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[Any]]) -> Held:
        if self._closed:
            raise SandboxUnavailable("the session is closed")
        held = self._held[key] = Held(open_context, grace=self._grace)

        async def died(error: BaseException) -> None:
            self._forget(key, held)
            self._report(f"{key} ended: {in_words(error)}")

        self._tasks.start_soon(held.run, died)
        return held

    def _forget(self, key: str, held: Held) -> None:
        if self._held.get(key) is held:
            del self._held[key]

    async def close(self) -> None:
        """Close everything at once; what goes wrong is reported."""
        self._closed = True
        async with anyio.create_task_group() as tasks:
            for key, held in self._held.items():
                tasks.start_soon(self._close, key, held)
        self._held.clear()

    async def _close(self, key: str, held: Held) -> None:
        if error := await held.stop():
            self._report(f"{key} did not close cleanly: {in_words(error)}")
