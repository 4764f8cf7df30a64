"""A process on the host, spoken to as if it ran in a sandbox; only for servers with ``sandbox = "none"``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from subprocess import PIPE
from typing import TYPE_CHECKING

import anyio

from massgen_core.errors import SandboxExited, SandboxUnavailable
from massgen_core.mcp.tasks import bare_errors
from massgen_core.sandbox import ExitStatus

if TYPE_CHECKING:
    import anyio.abc

INHERITED = (
    (
        *("APPDATA", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATH", "PATHEXT", "PROCESSOR_ARCHITECTURE"),
        *("SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "USERNAME", "USERPROFILE"),
    )
    if sys.platform == "win32"
    else ("HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER")
)
"""What a host process gets of our environment: what programs need to run at all, and nothing that may be a secret."""

STDERR_KEPT = 64 * 1024
GRACE = 2.0
"""Seconds between closing stdin, asking the process to end, and ending it."""

_POLL = 0.01


class HostProcess:
    """A `Process` on the host; end it by leaving the context of `host_process`."""

    def __init__(self, process: anyio.abc.Process) -> None:
        self._process = process
        self._stderr = bytearray()

    async def send(self, data: bytes) -> None:
        """Write to stdin."""
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise SandboxExited("the process does not read its input any more") from error

    async def send_eof(self) -> None:
        """Close stdin."""
        assert self._process.stdin is not None
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            await self._process.stdin.aclose()

    async def receive(self) -> bytes:
        """The next bytes of stdout."""
        assert self._process.stdout is not None
        try:
            return await self._process.stdout.receive()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            raise anyio.EndOfStream from None

    def stderr_tail(self) -> str:
        """The last of stderr."""
        return self._stderr.decode("utf-8", "replace")

    async def wait(self) -> ExitStatus:
        """Wait for the end of the process itself, whatever its children do with its pipes."""
        # asyncio's own wait also waits for whoever inherited the pipes, so it is looked up instead
        while (code := self._process.returncode) is None:  # noqa: ASYNC110
            await anyio.sleep(_POLL)
        return ExitStatus(code=code, reason=_reason(code))

    async def kill(self) -> None:
        """End the process and all of its group."""
        self._signal("SIGKILL")

    async def drain_stderr(self, on_stderr: Callable[[bytes], None] | None) -> None:
        """Keep reading stderr, so that the process never waits for a reader."""
        assert self._process.stderr is not None
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            while True:
                data = await self._process.stderr.receive()
                self._stderr += data
                del self._stderr[:-STDERR_KEPT]
                if on_stderr is not None:
                    on_stderr(data)

    async def stop(self) -> None:
        """Close stdin, then ask, then end by force; every wait is bounded."""
        await self.send_eof()
        if not await self._ended():
            self._signal("SIGTERM")
            await self._ended()
        self._signal("SIGKILL")  # the group outlives a leader that left children behind
        await self._ended()
        with anyio.move_on_after(GRACE):
            await self._process.aclose()

    async def _ended(self) -> bool:
        with anyio.move_on_after(GRACE):
            await self.wait()
        return self._process.returncode is not None

    def _signal(self, name: str) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.Signals[name])


@asynccontextmanager
async def host_process(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    workdir: str | None = None,
    on_stderr: Callable[[bytes], None] | None = None,
) -> AsyncGenerator[HostProcess]:
    """Run a program on the host in a process group of its own, which is gone when the context is left.

    Raises:
        SandboxUnavailable: The program cannot be started.
    """
    inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
    try:
        opened = await anyio.open_process(
            list(command), stderr=PIPE, env=inherited | dict(env), cwd=workdir, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise SandboxUnavailable(f"cannot start {command[0]!r} on this host: {error}") from error
    process = HostProcess(opened)
    with bare_errors():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(process.drain_stderr, on_stderr)
            try:
                yield process
            finally:
                with anyio.CancelScope(shield=True):
                    await process.stop()
                tasks.cancel_scope.cancel()


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"
