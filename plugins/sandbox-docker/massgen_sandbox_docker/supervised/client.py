"""Our end of a supervisor's streams: commands, each with its own window. The supervisor may be hostile."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import anyio
import anyio.abc

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import Process
from massgen_sandbox_docker.engine.framing import FrameReader, FramingError
from massgen_sandbox_docker.supervised.command import SupervisedCommand
from massgen_sandbox_docker.supervised.inside.wire import HEAD, MOST_COMMANDS, NUMBER, PIECE

_EXIT_NOTICE = 3.0
_LINE_SECONDS = 2.0
_MOST_BODY = max(PIECE, 64 * 1024)
_AT_AN_END = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


class Way(Protocol):
    """What carries bytes to a supervisor and back."""

    async def send(self, data: bytes) -> None:
        """Write all of it; raises `SandboxError` or `anyio.BrokenResourceError` when nobody reads any more."""
        ...

    async def receive(self) -> bytes:
        """The next bytes; raises `anyio.EndOfStream` or `anyio.BrokenResourceError` at the end."""
        ...


class Supervisor:
    """All commands of one sandbox, over the streams of its main process; `run` keeps it going.

    ``after`` is the number of the last command, where somebody else has spoken to it before.
    """

    def __init__(self, process: Process, *, after: int | None = None) -> None:
        self._process = process
        self._way: Way = process
        self._tasks: anyio.abc.TaskGroup | None = None
        self._news_of_line = anyio.Event()
        self._offered: int | None = None
        self._commands: dict[int, SupervisedCommand] = {}
        self._places = anyio.Semaphore(MOST_COMMANDS)
        self._number = after or 0
        self._unsent = bytearray()
        self._news = anyio.Event()
        self._ready = anyio.Event()
        self._over: str | None = None
        self._broken = ""
        if after is not None:  # it told somebody else that it is ready
            self._ready.set()

    async def ready(self) -> bool:
        """Wait until it takes commands; false when it has ended instead."""
        await self._ready.wait()
        return self._over is None

    @property
    def number(self) -> int:
        """That of the last command."""
        return self._number

    @property
    def quiet(self) -> bool:
        """No command runs, and nothing is on its way to it."""
        return not self._commands and not self._unsent and self._over is None

    def leave(self, reason: str) -> None:
        """Neither listen nor speak any more."""
        self._over = reason
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()

    @asynccontextmanager
    async def spawn(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None, workdir: str | None, stdin: bool
    ) -> AsyncGenerator[SupervisedCommand]:
        """See `massgen_core.sandbox.Sandbox.spawn`; beyond 64 commands at once, the next one waits."""
        request = {"argv": list(argv), "env": dict(env or {}), "cwd": workdir, "stdin": stdin}
        async with self._places:
            command = self._new_command(argv[0])
            try:
                self.send(b"O", command.number, json.dumps(request).encode())
                await command.started()
                yield command
            finally:
                with anyio.CancelScope(shield=True):
                    await command.kill()
                    if not command.over:
                        await self._end_sandbox()
                    self._commands.pop(command.number, None)

    def send(self, kind: bytes, number: int, body: bytes = b"") -> None:
        """Leave a frame for the supervisor; what waits is bounded by the windows of its commands."""
        self._unsent += HEAD.pack(kind, number, len(body))
        self._unsent += body
        self._news.set()

    async def run(self) -> None:
        """Carry frames both ways until the process ends, or the sandbox is closed."""
        reason = ""
        try:
            async with anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(self._write)
                self._tasks.start_soon(self._listen, self._process)
            reason = self._over or self._broken or await self._how_it_ended()
        finally:
            self._tasks = None
            self._over = self._over or reason or "it was closed"
            self._ready.set()
            self._news_of_line.set()
            for command in list(self._commands.values()):
                command.lose(self._over)

    async def offered_line(self, word: bytes) -> int | None:
        """Ask for a socket, on which ``word`` comes first; the number of its other end inside, None without an answer.

        Only while no command runs.
        """
        self.send(b"L", 0, word)
        with anyio.move_on_after(_LINE_SECONDS):
            await self._news_of_line.wait()
        return self._offered

    def switch(self, line: Way) -> None:
        """Speak over a line from now on."""
        if self._tasks is not None:
            self._way = line
            self.send(b"S", 0)
            self._tasks.start_soon(self._listen, line)

    async def _listen(self, way: Way) -> None:
        self._broken = await self._read(way)
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()

    async def _end_sandbox(self) -> None:
        """A supervisor that does not end a command any more cannot be spoken to; somebody inside has stopped it."""
        self._over = self._over or "its supervisor does not answer any more"
        with suppress(SandboxError):
            await self._process.kill()

    async def _how_it_ended(self) -> str:
        with anyio.move_on_after(_EXIT_NOTICE):
            return (await self._process.wait()).reason
        return "its output has ended"

    def _new_command(self, name: str) -> SupervisedCommand:
        self._number += 1
        command = SupervisedCommand(self, self._number, name)
        if self._over is not None:
            raise SandboxExited(f"the sandbox does not run any more: {self._over}")
        self._commands[self._number] = command
        return command

    async def _read(self, way: Way) -> str:
        """Until its output ends or makes no sense; says why in the second case."""
        frames = FrameReader(_MOST_BODY)
        try:
            while True:
                for kind, number, body in frames.feed(await way.receive()):
                    self._take(kind, number, body)
        except _AT_AN_END:
            return ""
        except (SandboxError, FramingError, ValueError) as error:
            return f"its supervisor broke the protocol: {error}"

    def _take(self, kind: bytes, number: int, body: bytes) -> None:
        if kind == b"R":
            self._ready.set()
            return
        if kind == b"L":
            self._offered = NUMBER.unpack(body)[0] if len(body) == NUMBER.size else None
            self._news_of_line.set()
            return
        command = self._commands.get(number)
        if command is not None:  # else its context has ended before it did
            command.take(kind, body)

    async def _write(self) -> None:
        try:
            while True:
                if not self._unsent:
                    self._news = anyio.Event()
                    await self._news.wait()
                data, self._unsent = bytes(self._unsent), bytearray()
                await self._way.send(data)
        except (SandboxError, *_AT_AN_END):
            return  # the reader hears of it as well
