"""Our end of a gate's stream: connections from inside a sandbox, as byte streams. The gate may be hostile."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Protocol, cast

import anyio
import anyio.abc
import anyio.lowlevel
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.engine.framing import FrameReader
from massgen_sandbox_docker.network.gate import HEAD, MOST_CONNECTIONS, PIECE, WINDOW

_MOST_BODY = 64 * 1024
_MOST_QUEUED = 32
_MOST_SERVED = 2 * MOST_CONNECTIONS
_CREDIT_AT = WINDOW // 4
_CREDIT = struct.Struct(">I")
_INDEX = struct.Struct(">H")


class Carrier(Protocol):
    """What the frames travel on: a process's stdin and stdout."""

    async def send(self, data: bytes) -> None:
        """Write to stdin."""
        ...

    async def receive(self) -> bytes:
        """The next bytes of stdout; raises `anyio.EndOfStream`."""
        ...


Serve = Callable[["Connection", int], Awaitable[None]]
"""Told of each new connection, and which address (by index) it came in at; returns when it is done with it."""


class GateBroken(SandboxError):
    """The gate sent what it must not send."""


class Connection(anyio.abc.ByteStream):
    """One connection from inside the sandbox."""

    def __init__(self, mux: Mux, number: int) -> None:
        self._mux = mux
        self._number = number
        self._unread = bytearray()
        self._taken = 0
        self._ended = False
        self._over = False
        self._closed = False
        self._credit = WINDOW
        self._news = anyio.Event()
        self._room = anyio.Event()

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """The next bytes; `anyio.EndOfStream` when no more come, `anyio.BrokenResourceError` when it broke."""
        await anyio.lowlevel.checkpoint()
        while not self._unread:
            if self._closed:
                raise anyio.ClosedResourceError
            if self._ended:
                raise anyio.EndOfStream
            if self._over:
                raise anyio.BrokenResourceError
            self._news = anyio.Event()
            await self._news.wait()
        data = bytes(memoryview(self._unread)[:max_bytes])
        del self._unread[:max_bytes]
        self._give_credit(len(data))  # nothing is waited for: whoever is cancelled now would lose these bytes
        return data

    async def send(self, item: bytes) -> None:
        """Write, waiting while the other side does not read."""
        view = memoryview(item)
        at = 0
        while at < len(view):
            while not self._credit:
                self._demand_open()
                self._room = anyio.Event()
                await self._room.wait()
            self._demand_open()
            piece = bytes(view[at : at + min(PIECE, self._credit)])
            self._credit -= len(piece)
            at += len(piece)
            await self._mux.send(b"D", self._number, piece)

    async def send_eof(self) -> None:
        """Close our sending side and keep reading."""
        self._demand_open()
        await self._mux.send(b"E", self._number)

    async def aclose(self) -> None:
        """Close both sides at once."""
        if self._closed:
            return
        self._closed = True
        self._news.set()
        self._room.set()
        self._mux.forget(self._number, self)

    def take(self, kind: bytes, body: bytes) -> None:
        """What the gate says about it.

        Raises:
            GateBroken: It sent more than it was credited, or something else that it must not.
        """
        if kind == b"D" and len(self._unread) + self._taken + len(body) <= WINDOW and not self._ended:
            self._unread += body
        elif kind == b"E":
            self._ended = True
        elif kind == b"X":
            self._over = True
        elif kind == b"C" and len(body) == _CREDIT.size:
            self._credit += _CREDIT.unpack(body)[0]
            if self._credit > WINDOW:
                raise GateBroken("credit for what was never sent")
            self._room.set()
            return
        else:
            raise GateBroken(f"a frame of type {kind!r} with {len(body)} bytes that must not come now")
        self._news.set()
        if self._over:
            self._room.set()

    def _give_credit(self, count: int) -> None:
        """Tell the gate that there is room again, not for every few bytes."""
        self._taken += count
        if self._taken >= _CREDIT_AT and not self._over and not self._ended:
            taken, self._taken = self._taken, 0
            self._mux.note(b"C", self._number, taken)

    def _demand_open(self) -> None:
        if self._closed:
            raise anyio.ClosedResourceError
        if self._over:
            raise anyio.BrokenResourceError


class Mux:
    """All connections of one gate over one carrier.

    Frames wait in a short queue for the one task that writes them, so that a connection that is given up in the
    middle of a send never leaves half a frame behind. Notes (credit, and that a connection is over) wait beside it, so
    that nobody has to wait for room, and none is lost while the gate is slow.
    """

    def __init__(self, carrier: Carrier, serve: Serve) -> None:
        self._carrier = carrier
        self._serve = serve
        self._reader = FrameReader(_MOST_BODY)
        self._frames: Iterator[tuple[bytes, int, bytes]] = iter(())
        self._connections: dict[int, Connection] = {}
        self._served = 0
        self._notes: dict[tuple[bytes, int], int] = {}
        self._queue: MemoryObjectSendStream[bytes] | None = None

    async def set_up(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the gate its task, and return what it saw when it was done with it.

        Raises:
            GateBroken: It ended, or sent something else.
        """
        body = json.dumps(task).encode()
        await self._carrier.send(HEAD.pack(b"S", 0, len(body)) + body)
        try:
            kind, _, body = await self._next()
        except anyio.EndOfStream:
            raise GateBroken("it ended before it was ready") from None
        if kind != b"R":
            raise GateBroken(f"a frame of type {kind!r} before it was ready")
        try:
            seen = json.loads(body)
        except (ValueError, RecursionError):
            raise GateBroken("what it saw is no JSON") from None
        if not isinstance(seen, dict):
            raise GateBroken("what it saw is no object")
        return cast("dict[str, Any]", seen)

    async def run(self) -> str:
        """Serve connections until the gate ends, and say why it did."""
        reason = ""
        self._queue, queued = anyio.create_memory_object_stream[bytes](_MOST_QUEUED)
        with self._queue, queued:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._write, queued)
                try:
                    reason = await self._read(tasks)
                finally:
                    queued.close()
                    tasks.cancel_scope.cancel()
        return reason

    async def send(self, kind: bytes, number: int, body: bytes = b"") -> None:
        """One frame to the gate; raises `anyio.BrokenResourceError` when it is gone."""
        assert self._queue is not None  # connections come while it runs
        await self._queue.send(HEAD.pack(kind, number, len(body)) + body)

    def note(self, kind: bytes, number: int, count: int = 0) -> None:
        """Leave word for the gate behind all frames that wait by now; counts add up."""
        first = not self._notes
        self._notes[kind, number] = self._notes.get((kind, number), 0) + count
        if first and self._queue is not None:
            with contextlib.suppress(anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._queue.send_nowait(b"")  # wakes the writer, which wakes by itself while the queue is full

    def forget(self, number: int, connection: Connection) -> None:
        """A connection was closed here."""
        if self._connections.get(number) is connection:
            self._erase(number)
            self.note(b"X", number)

    def _erase(self, number: int) -> None:
        self._connections.pop(number, None)
        self._notes.pop((b"C", number), None)
        self._notes.pop((b"X", number), None)

    async def _next(self) -> tuple[bytes, int, bytes]:
        while True:
            for frame in self._frames:
                return frame
            self._frames = self._reader.feed(await self._carrier.receive())

    async def _read(self, tasks: anyio.abc.TaskGroup) -> str:
        try:
            while True:
                self._take(tasks, *await self._next())
        except anyio.EndOfStream:
            return "it ended"
        except (SandboxError, OSError, anyio.BrokenResourceError) as error:
            return str(error) or type(error).__name__

    def _take(self, tasks: anyio.abc.TaskGroup, kind: bytes, number: int, body: bytes) -> None:
        if kind == b"O":
            self._open(tasks, number, body)
        elif (connection := self._connections.get(number)) is not None:
            connection.take(kind, body)
        elif kind not in (b"D", b"E", b"X", b"C"):
            raise GateBroken(f"a frame of type {kind!r}")
        if kind == b"X":
            self._erase(number)

    async def _write(self, queued: MemoryObjectReceiveStream[bytes]) -> None:
        """Write what is queued, everything that is there at once."""
        try:
            async for frame in queued:
                frames = [frame]
                with contextlib.suppress(anyio.WouldBlock):
                    while True:
                        frames.append(queued.receive_nowait())
                await self._carrier.send(b"".join([*frames, *self._noted()]))
        except (SandboxError, OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            queued.close()  # the reader hears of it, too

    def _noted(self) -> Iterator[bytes]:
        notes, self._notes = self._notes, {}
        for (kind, number), count in notes.items():
            body = _CREDIT.pack(count) if kind == b"C" else b""
            yield HEAD.pack(kind, number, len(body)) + body

    def _open(self, tasks: anyio.abc.TaskGroup, number: int, body: bytes) -> None:
        """Serve a new connection.

        One that the gate gave up may still be served, while its host is waited for, say: then others are turned away.
        """
        known = len(self._connections) + len(self._notes)
        if number in self._connections or len(body) != _INDEX.size or known >= 2 * MOST_CONNECTIONS:
            raise GateBroken(f"connection {number} cannot be opened")
        if self._served >= _MOST_SERVED:
            self.note(b"X", number)
            return
        self._served += 1
        connection = self._connections[number] = Connection(self, number)
        tasks.start_soon(self._serve_one, connection, _INDEX.unpack(body)[0])

    async def _serve_one(self, connection: Connection, index: int) -> None:
        try:
            await self._serve(connection, index)
        finally:
            self._served -= 1
            await connection.aclose()
