"""A byte stream over a Unix socket that keeps nothing to itself: what was not received yet is with the kernel.

So the socket can be handed to another process at any moment. And a receive can be cancelled at any moment: with anyio's
own stream, one that is cancelled just when something comes leaves an error in the event loop of asyncio.
"""

from __future__ import annotations

import socket
from contextlib import suppress

import anyio
import anyio.lowlevel

_FULL = 0.01
_MOST = 256 * 1024


async def connect(path: str) -> BareStream:
    """Connect to a Unix socket; raises `OSError` as the system reports it."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.setblocking(False)
    try:
        while True:
            await anyio.lowlevel.checkpoint()
            try:
                end.connect(path)
            except BlockingIOError:  # too many are waiting for the other side to accept them
                await anyio.sleep(_FULL)
            else:
                return BareStream(end)
    except BaseException:
        end.close()
        raise


class BareStream:
    """A byte stream over a connected Unix socket."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    @property
    def bare(self) -> socket.socket | None:
        """The socket."""
        return self._end

    async def send(self, data: bytes) -> None:
        """Write all of it."""
        await anyio.lowlevel.checkpoint()
        view = memoryview(data)
        while view:
            try:
                view = view[self._end.send(view) :]
            except BlockingIOError:
                await anyio.wait_writable(self._end)
            except OSError as error:
                raise anyio.BrokenResourceError from error

    async def receive(self) -> bytes:
        """The next bytes."""
        await anyio.lowlevel.checkpoint()
        while True:
            try:
                data = self._end.recv(_MOST)
            except BlockingIOError:
                await anyio.wait_readable(self._end)
                continue
            except OSError as error:
                raise anyio.BrokenResourceError from error
            if not data:
                raise anyio.EndOfStream
            return data

    async def send_eof(self) -> None:
        """Close the sending side."""
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close it at once; whoever waits for it hears of that (`anyio.ClosedResourceError`)."""
        if self._end.fileno() >= 0:
            anyio.notify_closing(self._end)
            self._end.close()

    async def aclose(self) -> None:
        """Close it."""
        self.close()
        await anyio.lowlevel.checkpoint()
