"""The side that asks for work: one warm process, and one forked from it for each piece of work."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.workers.limits import Limits
from massgen_core.workers.processes import Early, Told, Warm, Worker, nobody, started

_KEPT = 2
"""Processes of one name that wait for more work."""


class Workers:
    """Processes that do work for one plugin; an async context manager, and nothing runs before the first work.

    ``preload`` are modules that the warm process imports once, so that what is forked from it has them already.
    """

    def __init__(self, *preload: str, limits: Limits | None = None) -> None:
        self._preload = preload
        self._limits = limits or Limits()
        self._opening = anyio.Lock()
        self._warm: Warm | None = None
        self._kept: dict[str, list[Worker]] = {}
        self._number = 0

    async def __aenter__(self) -> Workers:
        return self

    async def __aexit__(self, *_: object) -> None:
        warm, self._warm = self._warm, None
        for workers in self._kept.values():
            for worker in workers:
                worker.close()
        self._kept.clear()
        if warm is not None:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(warm.close)

    @asynccontextmanager
    async def folder(self) -> AsyncGenerator[Path]:
        """A private folder for one piece of work, in which it writes; it goes with all that is in it."""
        warm = await self._opened()
        folder = Path(await anyio.to_thread.run_sync(lambda: tempfile.mkdtemp(dir=warm.folder)))
        try:
            yield folder
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))

    async def run(
        self,
        function: str,
        options: Mapping[str, Any] | None = None,
        *,
        folder: Path,
        files: Sequence[int] = (),
        limits: Limits | None = None,
        keep: str | None = None,
        told: Told = nobody,
        early: Early = nobody,
    ) -> dict[str, Any]:
        """Call ``module:function`` with a `Work` in a process of its own, and return the JSON value that it returns.

        ``files`` are open files. A process with a ``keep`` name stays afterwards, with all that it has loaded, and
        serves the next work of that name; its first limits hold, and it writes below these workers' own folder: what it
        has written is moved to ``folder`` where that is elsewhere. When the caller is cancelled the process is killed.

        Raises:
            WorkFailed: The function raised, ran out of memory, or its process was ended.
        """
        asked = {"function": function, "options": dict(options or {}), "limits": (limits or self._limits).to_json()}
        async with self._place(folder, keep) as place:
            message = asked | {"folder": str(place), "root": str(place.parent if keep else place)}
            return await self._asked(message, files, keep, told, early)

    @asynccontextmanager
    async def _place(self, folder: Path, keep: str | None) -> AsyncGenerator[Path]:
        """Where work writes: a process that stays was confined to our own folder by its first work."""
        if keep is None or folder.parent == (await self._opened()).folder:
            yield folder
            return
        async with self.folder() as own:
            yield own
            await anyio.to_thread.run_sync(_move, own, folder)

    async def _asked(
        self, message: Mapping[str, Any], files: Sequence[int], keep: str | None, told: Told, early: Early
    ) -> dict[str, Any]:
        worker = await self._worker(keep)
        try:
            return await worker.ask(message, files, told, early)
        finally:
            if worker.idle:
                self._give_back(worker, keep)
            else:
                with anyio.CancelScope(shield=True):
                    await self._end(worker)

    async def _worker(self, keep: str | None) -> Worker:
        kept = self._kept.get(keep or "", [])
        if kept:
            return kept.pop()
        warm = await self._opened()
        self._number += 1
        return await warm.fork(self._number)

    def _give_back(self, worker: Worker, keep: str | None) -> None:
        kept = self._kept.setdefault(keep, []) if keep else None
        if kept is None or len(kept) >= _KEPT or self._warm is None:
            worker.close()
        else:
            kept.append(worker)

    async def _end(self, worker: Worker) -> None:
        worker.close()
        if self._warm is not None:
            await self._warm.end(worker.number)

    async def _opened(self) -> Warm:
        async with self._opening:
            if self._warm is not None and not self._warm.alive:
                await anyio.to_thread.run_sync(self._warm.close)
                self._warm = None
            if self._warm is None:
                self._warm = await started(self._preload)
        return self._warm


def _move(source: Path, target: Path) -> None:
    for each in source.iterdir():
        shutil.move(each, target / each.name)
