"""`massgen-core docker logs`: what a container writes to stderr from now on, and how it stands.

The engine keeps no output of ours (its log driver is ``none``): what was written before is with the program that owns
the container. A second connection to the running container gets copies of what is written while it is there; it is
opened without stdin, which stays the owner's.

The engine holds a container's output for a reader that is slow, and then the container itself waits. So what comes is
always taken, and dropped where it is not printed fast enough. The engine notices that a reader left when it next writes
to it, and keeps a connection's place until the container ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.config import Settings
from massgen_core.errors import SandboxError
from massgen_core.sandbox import ExitStatus, Progress
from massgen_core.sandbox.background import background
from massgen_core.sandbox.output import ByteRing
from massgen_sandbox_docker.commands.containers import Ours, choose
from massgen_sandbox_docker.commands.outcome import Outcome
from massgen_sandbox_docker.commands.servers import docker_config
from massgen_sandbox_docker.container.exits import exit_status
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.engine.frames import FrameError, FrameParser
from massgen_sandbox_docker.engine.hijack import HijackedStream

_KEPT = 1024 * 1024
_STREAMS = "stream=1&stderr=1&stdin=0&stdout=0&logs=0"

Write = Callable[[bytes], None]
"""Prints a piece; may block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """How long to listen: until the container ends, or some seconds at most."""

    seconds: float | None = None


async def logs(settings: Settings, name: str, listen: Listen | None, write: Write, progress: Progress) -> Outcome:
    """Print a container's stderr as it comes where ``listen`` says so, and tell how the container stands.

    Raises:
        UsageError: The name means none of ours, or several.
        SandboxError: The connection to the container breaks.
        SandboxUnavailable: No engine.
    """
    async with connect(docker_config(settings)) as engine:
        [chosen] = await choose(engine, [name])
        if listen is None or chosen.listed.state != "running":
            return await _standing(engine, chosen)
        progress(f"{chosen}: what it writes to stderr from now on")
        ended = await _copy(engine, chosen, listen, write, progress)
        return await _standing(engine, chosen, ended=ended)


async def _standing(engine: Engine, chosen: Ours, *, ended: bool | None = None) -> Outcome:
    status = None
    if chosen.listed.ended or ended:
        try:
            status = await exit_status(engine, chosen.id)
        except SandboxError:
            status = ExitStatus(code=None, reason="ended and was removed")
    data: dict[str, Any] = {**chosen.data(), "status": chosen.listed.status, "kept": False}
    data["ended"] = status and {"exit_code": status.code, "reason": status.reason}
    return Outcome(ok=True, data=data, text="" if ended is not None and status is None else _words(chosen, status))


def _words(chosen: Ours, status: ExitStatus | None) -> str:
    if status is not None:
        return f"{chosen}: {status.reason}"
    return (
        f"{chosen}: {chosen.listed.status}\n"
        "The engine keeps no output of massgen's containers. `--follow` prints stderr from now on; "
        "what was written before is with the program that owns the container."
    )


async def _copy(engine: Engine, chosen: Ours, listen: Listen, write: Write, progress: Progress) -> bool:
    """Whether the container's output has ended."""
    stream = await engine.hijack("attach to the container", f"/containers/{chosen.id}/attach?{_STREAMS}")
    unprinted = _Unprinted()
    try:
        async with background() as tasks:
            tasks.start_soon(_take, stream, unprinted)
            with anyio.move_on_after(listen.seconds):
                while (piece := await unprinted.next()) is not None:
                    await anyio.to_thread.run_sync(write, piece, abandon_on_cancel=True)
    finally:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
    if unprinted.dropped:
        progress(f"{unprinted.dropped} bytes were dropped: they were not printed fast enough")
    if unprinted.failure:
        raise SandboxError(f"{chosen}: its output broke off: {unprinted.failure}")
    return unprinted.ended


async def _take(stream: HijackedStream, unprinted: _Unprinted) -> None:
    """Take what comes until it ends; nothing here waits for whoever prints."""
    parser = FrameParser()
    try:
        while True:
            for _, piece in parser.feed(await stream.receive()):
                unprinted.add(piece)
    except anyio.EndOfStream:
        pass
    except (anyio.BrokenResourceError, FrameError, OSError) as error:
        unprinted.failure = f"{type(error).__name__}: {error}"
    unprinted.end()


class _Unprinted:
    """What was taken and not printed yet: the last 1 MiB of it."""

    def __init__(self) -> None:
        self._ring = ByteRing(_KEPT)
        self._taken = 0
        self._ready = anyio.Event()
        self.ended = False
        self.failure = ""
        self.dropped = 0

    def add(self, piece: bytes) -> None:
        self._ring.add(piece)
        self._taken += len(piece)
        self._ready.set()

    def end(self) -> None:
        self.ended = True
        self._ready.set()

    async def next(self) -> bytes | None:
        """All that is there, waited for; None at the end."""
        while not self._taken:
            if self.ended:
                return None
            await self._ready.wait()
            self._ready = anyio.Event()
        piece = self._ring.bytes()
        self.dropped += self._taken - len(piece)
        self._ring, self._taken = ByteRing(_KEPT), 0
        return piece
