"""A byte stream over a socket that came from another process."""

from __future__ import annotations

import socket
from contextlib import suppress

import anyio
import anyio.lowlevel


class BareStream:
    """A byte stream over a socket that came from another process."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    @property
    def bare(self) -> socket.socket | None:
        """The socket."""
        return self._end

    async def send(self, data: bytes) -> None:
        """Write all of it."""
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
                data = self._end.recv(65536)
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

    async def aclose(self) -> None:
        """Close it."""
        if self._end.fileno() >= 0:
            anyio.notify_closing(self._end)
            self._end.close()
        await anyio.lowlevel.checkpoint()
