"""The changes of one folder, kept for a while, so that whoever asks later misses none."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio

from massgen_workspace.spaces.watching import Changes, merged, watch

_KEPT = 1000


class Feed:
    """Batches of changes by their number, the last thousand; `wait` gives those after a number."""

    def __init__(self) -> None:
        self._batches: deque[Changes] = deque(maxlen=_KEPT)
        self._news = anyio.Event()
        self.cursor: int = 0
        """The number of the last batch."""

    async def follow(self, folder: Path, *, ignored: bool, ready: anyio.Event) -> None:
        """Watch a folder until cancelled."""
        async with aclosing(watch(folder, ignored=ignored, ready=ready)) as batches:
            async for batch in batches:
                self.put(batch)

    def put(self, batch: Changes) -> None:
        """Add a batch."""
        self._batches.append(batch)
        self.cursor += 1
        self._news.set()
        self._news = anyio.Event()

    async def wait(self, since: int, seconds: float) -> Changes:
        """What has changed after the batch ``since``, as soon as anything has; nothing when so many seconds pass."""
        with anyio.move_on_after(seconds):
            while self.cursor <= since:
                await self._news.wait()
        missed = self.cursor - since > len(self._batches) or since > self.cursor
        new = list(self._batches)[-(self.cursor - since) :] if self.cursor > since else []
        return merged([*new, Changes(rescan=True)] if missed else new)


@asynccontextmanager
async def open_feed(folder: Path, *, ignored: bool = False) -> AsyncGenerator[Feed]:
    """A feed of a folder's changes from now on."""
    feed, ready = Feed(), anyio.Event()
    async with anyio.create_task_group() as tasks:

        async def follow() -> None:
            await feed.follow(folder, ignored=ignored, ready=ready)

        tasks.start_soon(follow)
        await ready.wait()
        yield feed
        tasks.cancel_scope.cancel()
