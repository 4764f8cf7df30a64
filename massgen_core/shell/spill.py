"""Output that is too long to be shown: the whole of it, in a file of the sandbox."""

from __future__ import annotations

import posixpath
from collections.abc import AsyncGenerator, AsyncIterable

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Sandbox, upload
from massgen_core.sandbox.background import Background

_FOLDER_SECONDS = 30.0


class Spill:
    """One stream of a command; a file is made once there is more than ``above`` bytes, and holds ``most`` at most."""

    def __init__(self, sandbox: Sandbox, path: str, *, above: int, most: int, tasks: Background) -> None:
        self._sandbox = sandbox
        self._path = path
        self._above = above
        self._most = most
        self._tasks = tasks
        self._held = bytearray()
        self._taken = 0
        self._send: MemoryObjectSendStream[bytes] | None = None
        self._done = anyio.Event()
        self._failure: str | None = None

    async def add(self, piece: bytes) -> None:
        """Take what came; a file that cannot be written is told of at the end, and holds nobody up."""
        piece = piece[: self._most - self._taken]
        self._taken += len(piece)
        if self._send is None:
            self._held += piece
            if len(self._held) <= self._above:
                return
            self._send, receive = anyio.create_memory_object_stream[bytes](0)
            self._tasks.start_soon(self._write, receive)
            piece, self._held = bytes(self._held), bytearray()
        if piece and not self._done.is_set():
            try:
                await self._send.send(piece)
            except anyio.BrokenResourceError:
                return  # the writer has failed meanwhile

    async def finish(self) -> str | None:
        """The file that holds the stream, None where there is none; raises nothing."""
        if self._send is None:
            return None
        self._send.close()
        await self._done.wait()
        return self._path if self._failure is None else None

    def close(self) -> None:
        """Write no more, whatever was written."""
        if self._send is not None:
            self._send.close()

    @property
    def failure(self) -> str | None:
        """Why there is no file where there should be one."""
        return self._failure

    async def _write(self, receive: MemoryObjectReceiveStream[bytes]) -> None:
        try:
            with receive:
                await put(self._sandbox, self._path, _pieces(receive))
        except SandboxError as error:
            self._failure = str(error).partition("\n")[0]
        finally:
            self._done.set()


async def put(sandbox: Sandbox, path: str, pieces: bytes | AsyncIterable[bytes]) -> None:
    """Write a file of ours; its folder is made first, since a command may have removed all temporary files.

    Raises:
        SandboxError: It could not be written.
    """
    await sandbox.exec(["mkdir", "-p", posixpath.dirname(path)], deadline=_FOLDER_SECONDS)
    await upload(sandbox, path, pieces)


async def _pieces(receive: MemoryObjectReceiveStream[bytes]) -> AsyncGenerator[bytes]:
    async for piece in receive:
        yield piece
