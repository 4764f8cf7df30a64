"""One command under a supervisor."""

from __future__ import annotations

import json
import signal
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol, cast

import anyio
import anyio.lowlevel

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import CommandEnd, Stream, Usage
from massgen_sandbox_docker.supervised.inside.wire import NUMBER, PIECE, WINDOW

_STREAMS: Mapping[bytes, Stream] = {b"1": "stdout", b"2": "stderr"}
_CREDIT_AT = WINDOW // 4
_START_SECONDS = 10.0
_END_SECONDS = 10.0
_MOST_REASON = 500


class Line(Protocol):
    """Where frames for the supervisor are left."""

    def send(self, kind: bytes, number: int, body: bytes = b"") -> None:
        """Leave one frame."""
        ...


class SupervisedCommand:
    """`massgen_core.sandbox.Command` over a supervisor's frames."""

    def __init__(self, line: Line, number: int, name: str) -> None:
        self.number = number
        self._line = line
        self._name = name
        self._pid: int | None = None
        self._unread: deque[tuple[Stream, bytearray]] = deque()
        self._held = 0
        self._taken = 0
        self._credit = WINDOW
        self._eof_sent = False
        self._dropping = False
        self._end: CommandEnd | None = None
        self._gone = True
        self._failed: str | None = None
        self._lost: str | None = None
        self._news = anyio.Event()

    @property
    def pid(self) -> int | None:
        """Its process id inside the sandbox."""
        return self._pid

    @property
    def over(self) -> bool:
        """Nothing of it goes on that could be waited for."""
        return self._end is not None or self._failed is not None or self._lost is not None

    async def started(self) -> None:
        """Wait until it runs; raises `SandboxError` when it cannot."""
        with anyio.move_on_after(_START_SECONDS):
            while self._pid is None and not self.over:
                await self._change()
        if self._failed is not None:
            raise SandboxError(f"could not run {self._failed}")
        self._demand_sandbox()
        if self._pid is None and self._end is None:
            raise SandboxError(f"could not run {self._name!r}: the sandbox's supervisor does not answer")

    async def send(self, data: bytes) -> None:
        """Write to stdin, waiting while the command does not read."""
        view = memoryview(data)
        at = 0
        while at < len(view):
            self._demand_running()
            if not self._credit:
                await self._change()
                continue
            piece = bytes(view[at : at + min(PIECE, self._credit)])
            self._credit -= len(piece)
            at += len(piece)
            self._line.send(b"D", self.number, piece)
            await anyio.lowlevel.checkpoint()

    async def send_eof(self) -> None:
        """Close stdin and keep reading."""
        if not self._eof_sent and self._end is None:
            self._eof_sent = True
            self._line.send(b"E", self.number)

    async def receive(self) -> tuple[Stream, bytes]:
        """The next bytes of stdout or stderr."""
        while not self._unread:
            if self._end is not None:
                raise anyio.EndOfStream
            self._demand_sandbox()
            await self._change()
        stream, gathered = self._unread.popleft()
        piece = bytes(gathered)
        self._held -= len(piece)
        self._taken += len(piece)
        self._settle()
        return stream, piece

    async def wait(self) -> CommandEnd:
        """Wait for its end."""
        while self._end is None:
            self._demand_sandbox()
            await self._change()
        return self._end

    async def signal(self, name: str) -> None:
        """Send a signal to it and to what shares its process group."""
        if self._end is None:
            self._line.send(b"K", self.number, bytes([signal.Signals[name]]))

    async def kill(self) -> bool:
        """Kill everything that it started."""
        if not self.over:
            self._line.send(b"K", self.number, b"\0")
            with anyio.move_on_after(_END_SECONDS):
                while not self.over:
                    self._make_room()
                    await self._change()
        return self._lost is not None or (self._end is not None and self._gone)

    def _keep(self, stream: Stream, body: bytes) -> None:
        """Together with what waits already: many small pieces must not hold more memory than their bytes."""
        self._held += len(body)
        if self._unread and self._unread[-1][0] == stream:
            self._unread[-1][1].extend(body)
        else:
            self._unread.append((stream, bytearray(body)))

    def _settle(self) -> None:
        """Tell the supervisor that there is room again, not for every few bytes."""
        if self._taken >= _CREDIT_AT and self._end is None:
            self._give_credit(self._taken)

    def _make_room(self) -> None:
        """Drop what still comes once the window is full: its end comes behind it."""
        if self._held + self._taken >= WINDOW:
            self._dropping = True
            self._give_credit(self._held + self._taken)

    def _give_credit(self, count: int) -> None:
        self._taken -= count
        self._line.send(b"C", self.number, NUMBER.pack(count))

    def lose(self, reason: str) -> None:
        """The sandbox has ended."""
        self._lost = reason
        self._news.set()

    def take(self, kind: bytes, body: bytes) -> None:
        """What the supervisor says about it.

        Raises:
            ValueError: It must not say that, or not now.
        """
        if (stream := _STREAMS.get(kind)) and self._end is None and body:
            if self._held + self._taken + len(body) > WINDOW:
                raise ValueError("more output than there was room for")
            if self._dropping:
                self._taken += len(body)
                self._settle()
            else:
                self._keep(stream, body)
        elif kind == b"C":
            self._credit = min(WINDOW, self._credit + _word(body))
        elif kind == b"P":
            self._pid = _word(body)
        elif kind == b"F" and self._pid is None:
            self._failed = body[:_MOST_REASON].decode("utf-8", "replace")
        elif kind == b"Z" and self._end is None:
            self._end, self._gone = _ended(body)
        else:
            raise ValueError(f"a frame of type {kind!r} with {len(body)} bytes that must not come now")
        self._news.set()

    async def _change(self) -> None:
        if self._news.is_set():
            self._news = anyio.Event()
        await self._news.wait()

    def _demand_sandbox(self) -> None:
        if self._lost is not None:
            raise SandboxExited(f"the sandbox does not run any more: {self._lost}")

    def _demand_running(self) -> None:
        self._demand_sandbox()
        if self._end is not None:
            raise SandboxExited(f"the command has ended with code {self._end.exit_code}", exit_code=self._end.exit_code)
        if self._eof_sent:
            raise anyio.ClosedResourceError


def _ended(body: bytes) -> tuple[CommandEnd, bool]:
    """Raises `ValueError` on anything but what a supervisor says."""
    try:
        said = cast("object", json.loads(body))
    except RecursionError:
        said = None
    if not isinstance(said, dict):
        raise ValueError("an end that is no object")
    fields = cast("dict[str, Any]", said)
    usage = Usage(
        cpu_seconds=_number(fields, "cpu"),
        memory_peak=int(_number(fields, "memory")),
        read_bytes=int(_number(fields, "read")),
        written_bytes=int(_number(fields, "written")),
    )
    end = CommandEnd(exit_code=int(_number(fields, "code")), usage=usage, left_running=int(_number(fields, "left")))
    return end, fields.get("gone") is True


def _word(body: bytes) -> int:
    if len(body) != NUMBER.size:
        raise ValueError(f"a number of {len(body)} bytes")
    return int(NUMBER.unpack(body)[0])


def _number(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name, 0)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e18:
        raise ValueError(f"an end whose {name} is {str(value)[:40]!r}")
    return value
