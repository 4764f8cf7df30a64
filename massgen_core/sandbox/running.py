"""A command from its start to its end or its deadline, on top of what every backend can do."""

from __future__ import annotations

import time
from contextlib import AbstractAsyncContextManager, suppress

import anyio

from massgen_core.errors import SandboxError
from massgen_core.sandbox.background import background
from massgen_core.sandbox.output import HeadAndTail
from massgen_core.sandbox.protocols import Command, OnOutput
from massgen_core.sandbox.results import CommandEnd, ExecResult

_PIECE = 64 * 1024
_DRAIN = 1.0


async def run_to_end(
    spawned: AbstractAsyncContextManager[Command],
    *,
    stdin: bytes | None = None,
    deadline: float | None = None,
    max_output: int = 1024 * 1024,
    on_output: OnOutput | None = None,
) -> ExecResult:
    """Start a command, feed it, keep what it says, and end all of it at its deadline.

    ``deadline`` is in seconds from its start, ``max_output`` in bytes per stream. Whoever is cancelled leaves nothing
    running.
    """
    kept = {"stdout": HeadAndTail(max_output), "stderr": HeadAndTail(max_output)}
    end, gone, usage = None, True, None
    async with spawned as command:
        started = time.monotonic()
        with anyio.move_on_after(deadline):
            end = await _talk(command, stdin, kept, on_output)
        if end is None:
            with anyio.CancelScope(shield=True):
                gone = await command.kill()
                with anyio.move_on_after(_DRAIN), suppress(SandboxError):
                    await _read(command, kept, None)
                    usage = (await command.wait()).usage
        duration = time.monotonic() - started
    return ExecResult(
        exit_code=end and end.exit_code,
        stdout=kept["stdout"].bytes(),
        stderr=kept["stderr"].bytes(),
        stdout_bytes=kept["stdout"].total,
        stderr_bytes=kept["stderr"].total,
        duration=duration,
        timed_out=end is None,
        tree_killed=gone,
        left_running=end.left_running if end else 0,
        usage=end.usage if end else usage,
    )


def never_ran(seconds: float) -> ExecResult:
    """What is left of a command whose time was over before it could start."""
    return ExecResult(
        exit_code=None, stdout=b"", stderr=b"", stdout_bytes=0, stderr_bytes=0, duration=seconds, timed_out=True
    )


async def _talk(
    command: Command, stdin: bytes | None, kept: dict[str, HeadAndTail], on_output: OnOutput | None
) -> CommandEnd:
    if stdin is None:
        await _read(command, kept, on_output)
        return await command.wait()
    async with background() as tasks:
        tasks.start_soon(_feed, command, stdin)
        await _read(command, kept, on_output)
        return await command.wait()


async def _read(command: Command, kept: dict[str, HeadAndTail], on_output: OnOutput | None) -> None:
    while True:
        try:
            stream, piece = await command.receive()
        except anyio.EndOfStream:
            return
        kept[stream].add(piece)
        if on_output is not None:
            await on_output(stream, piece)


async def _feed(command: Command, data: bytes) -> None:
    view = memoryview(data)
    try:
        for at in range(0, len(data), _PIECE):
            await command.send(bytes(view[at : at + _PIECE]))
    except SandboxError:
        return  # it ended, or closed its stdin: how, is said where it is read
    await command.send_eof()
