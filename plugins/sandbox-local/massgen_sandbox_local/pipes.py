"""Reading and writing the ends of pipes without blocking, on any event loop."""

from __future__ import annotations

import os
from collections.abc import Sequence

import anyio
import anyio.lowlevel

_PIECE = 64 * 1024


async def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it; `BrokenPipeError` when nobody reads any more."""
    view = memoryview(data)
    while view:
        await anyio.lowlevel.checkpoint()
        try:
            view = view[os.write(descriptor, view[:_PIECE]) :]
        except BlockingIOError:
            await anyio.wait_writable(descriptor)


async def read_one(descriptor: int) -> bytes:
    """The next bytes, empty at the end."""
    await anyio.lowlevel.checkpoint()
    while True:
        try:
            return os.read(descriptor, _PIECE)
        except BlockingIOError:
            await anyio.wait_readable(descriptor)


async def read_any(descriptors: Sequence[int]) -> tuple[int, bytes]:
    """The next bytes of the first that has some, empty at its end."""
    await anyio.lowlevel.checkpoint()
    while True:
        for each in descriptors:
            try:
                return each, os.read(each, _PIECE)
            except BlockingIOError:
                continue
        await _any_readable(descriptors)


async def _any_readable(descriptors: Sequence[int]) -> None:
    if len(descriptors) == 1:
        await anyio.wait_readable(descriptors[0])
        return

    async def wait(descriptor: int) -> None:
        await anyio.wait_readable(descriptor)
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for each in descriptors:
            tasks.start_soon(wait, each)
