"""The warm process and those forked from it, as the program that started them sees them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxUnavailable, ToolFailed
from massgen_core.workers.framing import HEAD, length_of, packed

_PROGRAM = Path(__file__).with_name("forking.py")
_START = 60.0
"""Seconds that a warm process may take to import what it was told."""
_ENDING = 5.0
_REMEMBERED = 100
"""Processes of which it is known how they ended."""
_PIECE = 256 * 1024
_FROM_HOST = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Libraries that start threads when they are imported could not be forked."""

Told = Callable[[float, str | None], Awaitable[None]]
"""How much is done, 0 to 1, and a line for people."""
Early = Callable[[Mapping[str, Any]], Awaitable[None]]
"""What a function hands over before it has ended."""


async def nobody(*_: Any) -> None:
    """Listen to nothing."""


class WorkFailed(ToolFailed):
    """Work failed; ``reason`` is ``refused`` (by its function), ``memory``, ``error``, or ``ended`` by a signal."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__("", message)
        self.reason = reason


class Line:
    """One side of a stream socket, for the event loop; see `massgen_core.workers.framing`."""

    def __init__(self, side: socket.socket) -> None:
        side.setblocking(False)
        self._side = side
        self._buffer = bytearray()

    def close(self) -> None:
        """Close it; the other side reads its end."""
        self._side.close()

    async def send(self, value: Mapping[str, Any], files: Sequence[int] = ()) -> None:
        """Send a message and open files. Raises `OSError` where nobody is there any more."""
        data = memoryview(packed(value))
        sent = socket.send_fds(self._side, [data], list(files)) if files else 0
        while sent < len(data):
            try:
                sent += self._side.send(data[sent:])
            except BlockingIOError:
                await anyio.wait_writable(self._side)

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None at the end."""
        while (message := self._whole()) is None:
            await anyio.wait_readable(self._side)
            try:
                piece = self._side.recv(_PIECE)
            except BlockingIOError:
                continue
            except OSError:
                return None
            if not piece:
                return None
            self._buffer += piece
        return message

    def arrived(self) -> Iterator[dict[str, Any]]:
        """The messages that are there already."""
        with suppress(OSError):
            self._buffer += self._side.recv(_PIECE)
        while (message := self._whole()) is not None:
            yield message

    def _whole(self) -> dict[str, Any] | None:
        if len(self._buffer) < HEAD:
            return None
        end = HEAD + length_of(bytes(self._buffer[:HEAD]))
        if len(self._buffer) < end:
            return None
        message = json.loads(self._buffer[HEAD:end])
        del self._buffer[:end]
        return message


class Worker:
    """One process of work; ``idle`` where it has answered all that it was asked."""

    def __init__(self, warm: Warm, number: int, line: Line) -> None:
        self.number = number
        self.idle: bool = True
        self._warm = warm
        self._line = line

    async def ask(self, message: Mapping[str, Any], files: Sequence[int], told: Told, early: Early) -> dict[str, Any]:
        """Have it do something; what it says meanwhile goes to ``told`` and ``early``. Raises `WorkFailed`."""
        self.idle = False
        with suppress(OSError):  # then there is no answer, and why is asked below
            await self._line.send(message, files)
        while (answer := await self._line.receive()) is not None:
            if "progress" in answer:
                await told(answer["progress"], answer["message"])
            elif "early" in answer:
                await early(answer["early"])
            else:
                self.idle = True
                return _result(answer)
        raise WorkFailed(_in_words(await self._warm.status(self.number)), reason="ended")

    def close(self) -> None:
        """Let it go: it ends when it has nothing more to read."""
        self._line.close()


class Warm:
    """The process that others are forked from, and the folder below which they may write."""

    def __init__(self, process: subprocess.Popen[bytes], line: Line, folder: Path) -> None:
        self.folder = folder
        self._process = process
        self._line = line
        self._asking = anyio.Lock()
        self._ended: dict[int, int] = {}

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    async def ready(self) -> None:
        """Wait until it has imported what it was told. Raises `SandboxUnavailable` where it cannot."""
        with anyio.move_on_after(_START):
            if await self._line.receive() is not None:
                return
        code = self._process.poll()
        state = f"did not start within {_START:.0f} seconds" if code is None else f"ended at its start with {code}"
        raise SandboxUnavailable(f"the process for work on files {state}: {sys.executable} -P {_PROGRAM}")

    async def fork(self, number: int) -> Worker:
        """A new process."""
        ours, its = socket.socketpair()
        with its:
            async with self._asking:
                for message in self._line.arrived():
                    self._note(message)
                await self._line.send({"work": number}, [its.fileno()])
        return Worker(self, number, Line(ours))

    async def end(self, number: int) -> None:
        """Kill a process and all that it has started."""
        async with self._asking:
            with suppress(OSError):
                await self._line.send({"end": number})

    async def status(self, number: int) -> int | None:
        """How a process has ended: its exit code, or less than zero for a signal; None where nobody knows."""
        with anyio.move_on_after(_ENDING):
            async with self._asking:
                while number not in self._ended and (message := await self._line.receive()) is not None:
                    self._note(message)
        return self._ended.pop(number, None)

    def _note(self, message: Mapping[str, Any]) -> None:
        self._ended[message["ended"]] = message["status"]
        while len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def close(self) -> None:
        """End it and everything that was forked from it; blocks."""
        self._line.close()
        try:
            self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


async def started(preload: Sequence[str]) -> Warm:
    """Start a warm process. Raises `SandboxUnavailable`."""
    if not hasattr(os, "fork"):
        raise SandboxUnavailable("work on files needs a POSIX system (Linux, macOS): run massgen-core in WSL")
    warm = await anyio.to_thread.run_sync(lambda: _started(preload))
    try:
        await warm.ready()
    except BaseException:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(warm.close)
        raise
    return warm


def _started(preload: Sequence[str]) -> Warm:
    ours, its = socket.socketpair()
    folder = tempfile.mkdtemp(prefix="massgen-work-")
    with its:
        command = [sys.executable, "-P", str(_PROGRAM), str(its.fileno()), json.dumps(sys.path), json.dumps(preload)]
        environment = {name: os.environ[name] for name in _FROM_HOST if name in os.environ}
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            env=environment | _ONE_THREAD | {"TMPDIR": folder},
            cwd=folder,
        )
    return Warm(process, Line(ours), Path(folder))


def _result(answer: Mapping[str, Any]) -> dict[str, Any]:
    if "failed" in answer:
        raise WorkFailed(answer["failed"], reason=answer["kind"])
    return answer["result"]


def _in_words(status: int | None) -> str:
    if status is None or status >= 0:
        return "the process that worked on it ended without an answer"
    name = signal.Signals(-status).name
    cures = {
        "SIGXCPU": "it took more processor time than it may",
        "SIGXFSZ": "it wrote a larger file than it may",
        "SIGKILL": "its process was killed: it took too much time or memory, or was ended from outside",
        "SIGSYS": "its process did something that is not allowed",
    }
    return cures.get(name, f"its process broke down ({name}): the file is damaged, or made to do that")
