"""The mounting process beside an open backend: started when it is first needed, asked one thing at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable

_ANSWER = 10.0
_LONGEST = 64 * 1024


class Untouched(SandboxUnavailable):
    """Nothing was mounted, and the sandbox is as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be mounted where: ``pid`` is the container's first process, ``known`` the folder's disk and number."""

    container: str
    pid: int
    source: str
    known: tuple[int, int]
    target: str
    write: bool

    def line(self) -> bytes:
        """How it is said to the process."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields).encode() + b"\n"


class Mounter:
    """Starts the process when it is asked for; made by `mounter`, which ends it."""

    def __init__(self) -> None:
        self._process: anyio.abc.Process | None = None
        self._one = anyio.Lock()

    async def ready(self) -> None:
        """Start it where it does not run, so that nobody waits for that later.

        Raises:
            Untouched: It cannot be started.
        """
        async with self._one:
            await self._running()

    async def put(self, request: Request) -> None:
        """Mount a folder.

        Raises:
            Untouched: It was refused, or the process cannot be started.
            SandboxExited: The container has ended.
            SandboxError: It is not known whether it was mounted.
        """
        answer: Mapping[str, Any] = {}
        async with self._one:
            process = await self._running()
            with anyio.CancelScope(shield=True):
                answer = await self._ask(process, request)
        if answer.get("gone"):
            raise SandboxExited(f"cannot mount {request.source} at {request.target}: the sandbox has ended")
        if refused := answer.get("refused"):
            raise Untouched(f"cannot mount {request.source} at {request.target}: {refused}")

    async def aclose(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.aclose()

    async def _ask(self, process: anyio.abc.Process, request: Request) -> Mapping[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with anyio.fail_after(_ANSWER):
                await process.stdin.send(request.line())
                line = await BufferedByteReceiveStream(process.stdout).receive_until(b"\n", _LONGEST)
        except (TimeoutError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.IncompleteRead) as error:
            await self.aclose()
            raise SandboxError(
                f"the process that mounts folders gave no answer for {request.source} ({type(error).__name__})"
            ) from error
        return json.loads(line)

    async def _running(self) -> anyio.abc.Process:
        if self._process is None or self._process.returncode is not None:
            await self.aclose()
            self._process = await _start()
        return self._process


@asynccontextmanager
async def mounter() -> AsyncGenerator[Mounter]:
    """One that starts its process when it is needed; leaving the context ends the process."""
    made = Mounter()
    try:
        yield made
    finally:
        with anyio.CancelScope(shield=True):
            await made.aclose()


async def _start() -> anyio.abc.Process:
    """In a session of its own: what interrupts this program does not keep it from cleaning up after itself."""
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("mounter.py"))]
    try:
        return await anyio.open_process(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, env={}, start_new_session=True
        )
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Untouched(f"cannot start the process that mounts folders: {reason}") from error
