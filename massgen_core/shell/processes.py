"""Processes that run in the background of a session's sandbox, until they end or it does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from itertools import count

import anyio
from anyio.abc import TaskGroup, TaskStatus

from massgen_core.errors import SandboxError, ToolFailed
from massgen_core.sandbox import Command, CommandEnd
from massgen_core.shell.log import Log

KEPT = 1024 * 1024
"""Bytes of output that are kept of each process."""

ENDED_KEPT = 32
"""Processes that have ended and can still be asked about."""

_RATE = 16 * 1024 * 1024
"""Bytes per second that are taken from one process: more would only keep this program busy with forgetting."""

_OVERLAP = 4096
_PIECE = 64 * 1024


class BackgroundProcess:
    """One process: how it was started, what it says, how it ended."""

    def __init__(self, id: str, line: str) -> None:
        self.id = id
        self.line = line
        self._began = time.monotonic()
        self._seconds: float | None = None
        self.log: Log = Log(KEPT)
        self.command: Command | None = None
        self.end: CommandEnd | None = None
        self.failure: SandboxError | None = None
        self.over: bool = False
        self._news = anyio.Event()

    @property
    def age(self) -> float:
        """Seconds that it has run, until now or its end."""
        return time.monotonic() - self._began if self._seconds is None else self._seconds

    async def keep(self, spawned: AbstractAsyncContextManager[Command], *, task_status: TaskStatus[None]) -> None:
        """Listen to it until its end; raises only what goes wrong before it has started."""
        try:
            async with spawned as self.command:
                task_status.started()
                await self._listen(self.command)
                self.end = await self.command.wait()
        except SandboxError as error:
            self.failure = error
            if self.command is None:
                raise
        finally:
            self.over, self._seconds = True, time.monotonic() - self._began
            self._tell()

    async def wait(self, seconds: float, *, until: str | None, cursor: int) -> bool:
        """Wait for its end, or for a text in what it says after ``cursor``; whether that came in time."""
        with anyio.move_on_after(seconds):
            while not self.over:
                if until is not None and self._said(until.encode(), cursor):
                    return True
                cursor = max(cursor, self.log.end - _OVERLAP - len((until or "").encode()))
                await self._news.wait()
        return self.over

    async def write(self, data: bytes, *, end: bool, seconds: float) -> str:
        """Write to its stdin, for some seconds at most; says in words how far that came.

        Raises:
            ToolFailed: It has ended.
        """
        command, sent = self._running(), 0
        try:
            with anyio.move_on_after(seconds):
                for at in range(0, len(data), _PIECE):
                    await command.send(data[at : at + _PIECE])
                    sent = min(len(data), at + _PIECE)
                if end:
                    await command.send_eof()
                return f"{sent} bytes were written{' and its input closed' if end else ''}"
        except SandboxError as error:
            raise ToolFailed("", f"process {self.id} reads no more: {error}") from error
        return f"it does not read: {sent} of {len(data)} bytes were written, perhaps a few more"

    async def signal(self, name: str) -> str:
        """Send it a signal; SIGKILL ends everything that it has started.

        Raises:
            ToolFailed: It has ended.
        """
        command = self._running()
        if name != "SIGKILL":
            await command.signal(name)
            return f"{name} was sent to process {self.id}"
        gone = await command.kill()
        return f"process {self.id} was killed" + ("" if gone else "; something that it had started may still run")

    def _running(self) -> Command:
        if self.over or self.command is None:
            raise ToolFailed("", f"process {self.id} does not run any more")
        return self.command

    def _said(self, text: bytes, cursor: int) -> bool:
        piece = self.log.read(cursor, KEPT)
        return text in piece.stdout or text in piece.stderr

    async def _listen(self, command: Command) -> None:
        while True:
            try:
                self.log.add(*await command.receive())
            except anyio.EndOfStream:
                return
            self._tell()
            ahead = self.log.end / _RATE - (time.monotonic() - self._began)
            if ahead > 0:
                await anyio.sleep(ahead)

    def _tell(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()


class Processes:
    """All background processes of one sandbox; ``most`` may run at once."""

    def __init__(self, tasks: TaskGroup, *, most: int) -> None:
        self._tasks = tasks
        self._most = most
        self._numbers = count(1)
        self._known: dict[str, BackgroundProcess] = {}

    @property
    def all(self) -> Sequence[BackgroundProcess]:
        """Those that run, and the last ones that have ended; the oldest first."""
        return tuple(self._known.values())

    async def start(self, line: str, spawned: AbstractAsyncContextManager[Command]) -> BackgroundProcess:
        """Start one.

        Raises:
            ToolFailed: Too many run.
            SandboxError: It could not be started.
        """
        running = [each.id for each in self.all if not each.over]
        if len(running) >= self._most:
            raise ToolFailed("", f"{len(running)} processes run already; end one first: {', '.join(running)}")
        process = BackgroundProcess(str(next(self._numbers)), line)
        self._known[process.id] = process
        try:
            await self._tasks.start(process.keep, spawned)
        except BaseException:
            del self._known[process.id]
            raise
        self._forget_old()
        return process

    def find(self, id: str) -> BackgroundProcess:
        """One by its id.

        Raises:
            ToolFailed: There is none.
        """
        if id not in self._known:
            raise ToolFailed("", f"there is no process {id!r}; there are: {', '.join(self._known) or 'none'}")
        return self._known[id]

    def _forget_old(self) -> None:
        ended = [each.id for each in self.all if each.over]
        for id in ended[:-ENDED_KEPT]:
            del self._known[id]
