"""One tree of processes from its start to the proof of its end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import Stream, Usage
from massgen_core.sandbox.background import background
from massgen_core.sandbox.inside.trees import descendants, send_all, stop_tree
from massgen_sandbox_local.launch import Started, Starter, start
from massgen_sandbox_local.pipes import read_any, read_one, write_all

_KILL_SECONDS = 20.0


@asynccontextmanager
async def tree(starter: Starter, command: Sequence[str], *, stdin: bool) -> AsyncGenerator[Tree]:
    """Run a command; leaving the context ends all that it started.

    Raises:
        SandboxError: It could not be started.
    """
    started = await start(starter, command, stdin=stdin)
    running = Tree(started, command[0])
    try:
        async with background() as tasks:
            tasks.start_soon(running.watch)
            try:
                yield running
            finally:
                await running.kill()
    finally:
        started.close()


class Tree:
    """The streams of a tree, its signals and its end; `watch` notices that, and must be kept running."""

    def __init__(self, started: Started, name: str) -> None:
        self._started = started
        self._name = name
        self._starter = started.starter
        self._unread = {
            stream.fileno(): name
            for stream, name in ((self._starter.stdout, "stdout"), (self._starter.stderr, "stderr"))
            if stream is not None
        }
        self._sending = anyio.Lock()
        self._stderr = b""
        self._exit: int | None = None
        self._stopped: set[int] = set()
        self._gone = False
        self._over = anyio.Event()

    @property
    def over(self) -> bool:
        """It has ended."""
        return self._over.is_set()

    @property
    def root(self) -> int:
        """The process below which all of it is."""
        return self._started.root

    @property
    def usage(self) -> Usage | None:
        """What it used, as its keeper counted; bubblewrap does not count."""
        said = self._started.said
        if "cpu" not in said:
            return None
        return Usage(
            cpu_seconds=said["cpu"],
            memory_peak=said["memory"],
            read_bytes=said["read"],
            written_bytes=said["written"],
        )

    @property
    def left_running(self) -> int:
        """How many processes were ended with the command, as far as its keeper tells."""
        return int(self._started.said.get("left", 0))

    async def watch(self) -> None:
        """Wait for the end of everything: of the first process of its namespace, or as its keeper says."""
        while await self._started.hear():
            pass
        self._exit = await _exit_of(self._starter)
        if self._started.first is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._started.first, signal.SIGKILL)
            await anyio.wait_readable(self._started.first)
            self._gone = True
        else:
            self._gone = self._started.said.get("gone") is True
        self._over.set()

    async def exit_code(self) -> int:
        """Wait for the end.

        Raises:
            SandboxError: It never ran.
        """
        await self._over.wait()
        code = self._started.said.get("exit-code", self._exit)
        if "exit-code" not in self._started.said and code != 128 + signal.SIGKILL and code != -signal.SIGKILL:
            said = self._stderr.decode("utf-8", "replace").strip().removeprefix("bwrap: ")
            raise SandboxError(f"could not run {self._name!r}: {said or 'it did not start'}")
        return int(code) if code >= 0 else 128 - int(code)

    def signal(self, number: int) -> None:
        """To the command and what shares its process group; the first process of a namespace does not mind."""
        if not self.over:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._started.first_pid, number)

    async def stop(self) -> bool:
        """Freeze all of it; false when some of it goes on, and then all of it does."""
        stopped = set[int]() if self.over else await anyio.to_thread.run_sync(stop_tree, self._started.root)
        if stopped is None:
            await self.go_on()
            return False
        self._stopped = stopped
        return True

    async def go_on(self) -> None:
        """Let it go on."""
        if not self.over:
            there = await anyio.to_thread.run_sync(descendants, self._started.root)
            send_all(there & self._stopped if self._stopped else there, signal.SIGCONT)
        self._stopped = set()

    async def kill(self) -> bool:
        """End everything, not to be interrupted; whether it is gone."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(_KILL_SECONDS):
            if not self.over:
                with suppress(ProcessLookupError):
                    if self._started.first is not None:
                        signal.pidfd_send_signal(self._started.first, signal.SIGKILL)
                    else:
                        self._starter.terminate()
            await self._over.wait()
        return self._gone

    async def send(self, data: bytes) -> None:
        """Write to its stdin."""
        async with self._sending:
            stdin = self._starter.stdin
            if self.over or stdin is None or stdin.closed:
                raise SandboxExited(f"{self._name!r} has ended, or its stdin is closed")
            try:
                await write_all(stdin.fileno(), data)
            except (BrokenPipeError, anyio.ClosedResourceError):
                raise SandboxExited(f"{self._name!r} has ended, or has closed its stdin") from None

    async def send_eof(self) -> None:
        """Close its stdin."""
        async with self._sending:
            stdin = self._starter.stdin
            if stdin is not None and not stdin.closed:
                stdin.close()

    async def receive(self) -> tuple[Stream, bytes]:
        """The next bytes of either stream."""
        while self._unread:
            descriptor, piece = await read_any(tuple(self._unread))
            if not piece:
                del self._unread[descriptor]
                continue
            if self._unread[descriptor] == "stdout":
                return "stdout", piece
            self._stderr = (self._stderr + piece)[-4096:]
            return "stderr", piece
        raise anyio.EndOfStream

    async def receive_stdout(self) -> bytes:
        """The next bytes of stdout alone."""
        return await self._receive_from("stdout")

    async def receive_stderr(self) -> bytes:
        """The next bytes of stderr alone."""
        return await self._receive_from("stderr")

    async def _receive_from(self, stream: Stream) -> bytes:
        for descriptor in [each for each, name in self._unread.items() if name == stream]:
            if piece := await read_one(descriptor):
                if stream == "stderr":
                    self._stderr = (self._stderr + piece)[-4096:]
                return piece
            self._unread.pop(descriptor, None)
        raise anyio.EndOfStream


async def _exit_of(starter: subprocess.Popen[bytes]) -> int:
    descriptor = os.pidfd_open(starter.pid)
    try:
        await anyio.wait_readable(descriptor)
    finally:
        anyio.notify_closing(descriptor)
        os.close(descriptor)
    return starter.wait()
