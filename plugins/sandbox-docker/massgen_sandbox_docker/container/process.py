"""A container's main process over its hijacked stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import ExitStatus
from massgen_core.sandbox.output import ByteRing
from massgen_sandbox_docker.engine.buffers import BytePipe
from massgen_sandbox_docker.engine.frames import STDOUT, FrameParser
from massgen_sandbox_docker.engine.hijack import HijackedStream

_UNREAD_STDOUT = 1024 * 1024
_KEPT_STDERR = 64 * 1024
_PIECE = 64 * 1024
_EXIT_NOTICE = 3.0

OnStderr = Callable[[bytes], None]


class AttachedProcess:
    """`massgen_core.sandbox.Process` for an attached container.

    Two tasks of its owner keep it going: `pump` always reads, so that neither stream can block the other, and `watch`
    waits for the end. Stdout is buffered up to 1 MiB, and then the process waits; of stderr the last 64 KiB are kept.
    """

    def __init__(
        self,
        stream: HijackedStream,
        *,
        wait_for_exit: Callable[[], Awaitable[ExitStatus]],
        kill: Callable[[], Awaitable[None]],
        on_stderr: OnStderr | None = None,
        max_output: int | None = None,
    ) -> None:
        self._stream = stream
        self._wait_for_exit = wait_for_exit
        self._kill = kill
        self._on_stderr = on_stderr
        self._max_output = max_output
        self._written = 0
        self.overflowed = anyio.Event()
        """It wrote more than ``max_output``; what came after that is dropped."""
        self._stdout = BytePipe(_UNREAD_STDOUT)
        self._stderr = ByteRing(_KEPT_STDERR)
        self._sending = anyio.Lock()
        self._writing: anyio.CancelScope | None = None
        self._eof_sent = False
        self._status: ExitStatus | None = None
        self._ended = anyio.Event()
        self._parser = FrameParser()
        self._reading: anyio.CancelScope | None = None
        self._going_on = anyio.Event()
        self._going_on.set()
        self.let_go: Callable[[], None] = lambda: None
        """Ends the tasks that keep it going."""
        self.given = False
        """Another process has it now; it was not ended."""
        self._failure: str | None = None
        self._verdict: str | None = None

    async def send(self, data: bytes) -> None:
        """Write to stdin in pieces of at most 64 KiB, one caller at a time."""
        async with self._sending:
            view = memoryview(data)
            for at in range(0, len(data), _PIECE):
                if self._ended.is_set():
                    raise await self._exited()
                await self._send_piece(bytes(view[at : at + _PIECE]))

    async def send_eof(self) -> None:
        """Close stdin and keep reading; does nothing the second time, or when the process is gone."""
        async with self._sending:
            if self._eof_sent:
                return
            self._eof_sent = True
            try:
                await self._stream.send_eof()
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
                return

    async def receive(self) -> bytes:
        """The next bytes of stdout; `SandboxError` when the stream itself broke."""
        try:
            return await self._stdout.get()
        except anyio.EndOfStream:
            if self._failure is not None:
                raise SandboxError(f"the sandbox's output broke off: {self._failure}") from None
            raise

    def stderr_tail(self) -> str:
        """The last 64 KiB of stderr, undecodable bytes replaced."""
        return self._stderr.bytes().decode("utf-8", "replace")

    async def wait(self) -> ExitStatus:
        """Wait for the end and say how it came; a process with more than 1 MiB of unread stdout does not end."""
        await self._ended.wait()
        assert self._status is not None
        return self._status

    async def kill(self) -> None:
        """Kill the container's processes, all of them; of its unread output only what is buffered is kept."""
        self.discard_output()  # first: the engine waits for its output to be taken
        await self._kill()

    async def end(self, reason: str) -> None:
        """Kill it because of something that it did or that befell it; the exit status gives this reason."""
        self._verdict = self._verdict or reason
        await self.kill()

    @property
    def verdict(self) -> str | None:
        """Why it was ended from here, if it was."""
        return self._verdict

    @property
    def ended(self) -> bool:
        """The process is known to be gone."""
        return self._ended.is_set()

    def discard_output(self) -> None:
        """Read on without keeping more, so that a process blocked on a full pipe can end."""
        self._stdout.close()

    async def pump(self) -> None:
        """Take the stream apart until it ends; this is where everything that can go wrong with it is caught."""
        try:
            while True:
                for number, piece in self._parser.feed(await self._more()):
                    await self._deliver(number, piece)
        except anyio.EndOfStream:
            if not self._parser.between_frames:
                self._failure = "it ended in the middle of a frame"
        except Exception as error:
            self._failure = f"{type(error).__name__}: {error}"
        finally:
            self._stdout.close()

    async def _more(self) -> bytes:
        while True:
            await self._going_on.wait()
            with anyio.CancelScope() as self._reading:
                return await self._stream.receive()

    def hold(self) -> HijackedStream | None:
        """Stop reading; its stream, or None where it is in the middle of something (then `go_on`)."""
        self._going_on = anyio.Event()
        if self._reading is not None:
            self._reading.cancel()
        quiet = self._parser.between_frames and self._stdout.empty and not self._ended.is_set()
        return self._stream if quiet else None

    def go_on(self) -> None:
        """Read again."""
        self._going_on.set()

    def give_up(self, reason: str) -> None:
        """Somebody else has it; for whoever waits here it has ended."""
        self.given = True
        self._status = ExitStatus(code=None, reason=reason)
        self._ended.set()
        self._stdout.close()
        self.let_go()

    async def watch(self) -> None:
        """Wait for the container's end and remember how it came."""
        try:
            status = await self._wait_for_exit()
            if self.given:
                return
            self._status = status if self._verdict is None else replace(status, reason=self._verdict)
        except SandboxError as error:
            self._status = ExitStatus(code=None, reason=f"lost sight of it: {error}")
        self._ended.set()
        if self._writing is not None:  # the engine may leave a writer waiting for a process that is gone
            self._writing.cancel()

    async def _deliver(self, number: int, piece: bytes) -> None:
        self._written += len(piece)
        if self._max_output is not None and self._written > self._max_output:
            self.overflowed.set()  # somebody else ends it: the engine does not answer while its output is not read
            return
        if number == STDOUT:
            await self._stdout.put(piece)
            return
        self._stderr.add(piece)
        if self._on_stderr is not None:
            self._on_stderr(piece)

    async def _send_piece(self, piece: bytes) -> None:
        with anyio.CancelScope() as self._writing:
            try:
                await self._stream.send(piece)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
                raise await self._exited() from None
            finally:
                self._writing = None
            return
        raise await self._exited()

    async def _exited(self) -> SandboxExited:
        with anyio.move_on_after(_EXIT_NOTICE):
            await self._ended.wait()
        status = self._status or ExitStatus(code=None, reason="its connection was closed")
        return SandboxExited(
            f"the process in the sandbox is gone: {status.reason}",
            exit_code=status.code,
            out_of_memory=status.out_of_memory,
        )
