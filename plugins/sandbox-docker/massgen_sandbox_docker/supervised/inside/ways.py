"""How a supervisor's frames come and go: over its stdin and stdout, or over a socket whose other end was taken."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import socket

from massgen_sandbox_docker.supervised.inside.wire import HEAD, NUMBER, PIECE, WINDOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Take = Callable[[bytes, int, bytes], None]

_MOST = 256 * 1024
_SET_PIPE_SIZE = 1031


class Ways:
    """Both ways of the frames; ``take`` is given those that are for somebody else. It ends with stdin."""

    def __init__(self, selector: selectors.BaseSelector, take: Take) -> None:
        self.selector = selector
        self.take = take
        self.sink = 1
        self.line: socket.socket | None = None
        self.offered: socket.socket | None = None
        self.unsent = bytearray()
        self.writing = False
        self.lingering = False
        with contextlib.suppress(OSError):  # fewer turns for the same bytes, where it is a pipe
            fcntl.fcntl(1, _SET_PIPE_SIZE, WINDOW)
        for descriptor in (0, 1):
            os.set_blocking(descriptor, False)
        self.listen(0)
        self.send(b"R", 0)
        self.flush()

    def listen(self, descriptor: int) -> None:
        incoming = bytearray()
        self.selector.register(descriptor, selectors.EVENT_READ, lambda: self.read_frames(descriptor, incoming))

    def read_frames(self, descriptor: int, incoming: bytearray) -> None:
        try:
            data = os.read(descriptor, _MOST)
        except BlockingIOError:
            return
        except ConnectionResetError:  # its other end was closed with something unread
            data = b""
        if not data and descriptor == 0:
            raise SystemExit
        if not data:
            self.close_line()
        incoming += data
        while len(incoming) >= HEAD.size:
            kind, number, length = HEAD.unpack_from(incoming)
            if len(incoming) < HEAD.size + length:
                return
            body = bytes(incoming[HEAD.size : HEAD.size + length])
            del incoming[: HEAD.size + length]
            if kind == b"S":
                self.switch()
            elif kind == b"L":
                self.offer_line(body)
            else:
                self.take(kind, number, body)

    def offer_line(self, word: bytes) -> None:
        if self.line is None:
            self.line, self.offered = socket.socketpair()
            self.line.setblocking(False)
            self.line.send(word[:PIECE])
            self.listen(self.line.fileno())
            self.send(b"L", 0, NUMBER.pack(self.offered.fileno()))

    def switch(self) -> None:
        """Write to the line from now on, whose other end has been taken; half a frame stays where it began."""
        if self.line is not None and self.offered is not None and not self.unsent:
            self.offered.close()
            self.offered = None
            self.sink = os.dup(self.line.fileno())
            self.send(b"R", 0)

    def close_line(self) -> None:
        """Its other end is gone: back to stdout."""
        if self.line is None:
            return
        self.selector.unregister(self.line)
        self.line.close()
        self.line = None
        if self.sink != 1:
            if self.writing:
                self.selector.unregister(self.sink)
            os.close(self.sink)
            self.sink, self.writing = 1, False
            self.unsent.clear()

    def send(self, kind: bytes, number: int, body: bytes = b"", *, lingers: bool = False) -> None:
        self.lingering = lingers and (self.lingering or not self.unsent)
        self.unsent += HEAD.pack(kind, number, len(body))
        self.unsent += body

    def flush(self) -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            while self.unsent:
                del self.unsent[: os.write(self.sink, self.unsent)]
        if bool(self.unsent) != self.writing:
            self.writing = not self.writing
            if self.writing:
                self.selector.register(self.sink, selectors.EVENT_WRITE, self.flush)
            else:
                self.selector.unregister(self.sink)
