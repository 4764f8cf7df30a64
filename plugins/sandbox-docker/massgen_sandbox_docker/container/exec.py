"""One command beside the main process, by the engine's exec: separate streams, and an end of everything it started."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiodocker
import anyio

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import CommandEnd, Stream
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.container.exits import exit_status
from massgen_sandbox_docker.container.killer import MARK, Killer
from massgen_sandbox_docker.container.meter import Meter, Reading
from massgen_sandbox_docker.container.process import AttachedProcess
from massgen_sandbox_docker.container.profile import checked_workdir
from massgen_sandbox_docker.container.survivors import ATTACHED
from massgen_sandbox_docker.engine import failures
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.frames import STDOUT, FrameError, FrameParser
from massgen_sandbox_docker.engine.hijack import HijackedStream

_PIECE = 64 * 1024
_DRAIN = 1.0
_POLL_FIRST = 0.005
_POLL_LONGEST = 0.25
_END_SECONDS = 5.0
_MOST_EXPLANATION = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecRequest:
    """What to run."""

    command: Sequence[str]
    user: str
    stdin: bool = False
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    workdir: str | None = None
    measure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The container in which commands run, and what belongs to it."""

    engine: Engine
    container_id: str
    killer: Killer
    meter: Meter
    main: AttachedProcess


@asynccontextmanager
async def engine_command(place: Place, request: ExecRequest) -> AsyncGenerator[EngineCommand]:
    """Start it; leaving the context kills what it started, unless it has ended.

    When the container's first process ends, so does the command, and says why that one did.

    Raises:
        SandboxExited: The container is not running.
        SandboxError: The command is not there.
    """
    command = EngineCommand(place, request)
    reading = await place.meter.begin(ask_engine=request.measure)
    try:
        await command.start(reading)
        async with background() as tasks:
            tasks.start_soon(command.watch_main)
            yield command
    finally:
        with anyio.CancelScope(shield=True):
            if not command.ended:
                with contextlib.suppress(SandboxError):
                    await command.kill()
            await command.aclose()
        place.meter.forget(reading)


class EngineCommand:
    """`massgen_core.sandbox.Command` for an exec instance of the engine."""

    def __init__(self, place: Place, request: ExecRequest) -> None:
        self._engine = place.engine
        self._container_id = place.container_id
        self._place = place
        self._request = request
        self._main = place.main
        self._mark = uuid.uuid4().hex
        self._exec_id: str | None = None
        self._stream: HijackedStream | None = None
        self._parser = FrameParser()
        self._unread: Iterator[tuple[int, bytes]] = iter(())
        self._said = b""
        self._reading: Reading | None = None
        self._started = time.monotonic()
        self._receiving: anyio.CancelScope | None = None
        self._sending: anyio.CancelScope | None = None
        self._main_gone = False
        self._eof_sent = False
        self._over = False
        self._end: CommandEnd | None = None

    @property
    def pid(self) -> int | None:
        """The engine tells only the host's."""
        return None

    @property
    def ended(self) -> bool:
        """Its end is known."""
        return self._end is not None

    async def start(self, reading: Reading | None) -> None:
        """Start it; ``reading`` is what its usage is counted from."""
        self._reading = reading
        self._started = time.monotonic()
        exec_id = await self._create()
        self._exec_id = exec_id
        self._stream = await self._begin(exec_id)

    async def watch_main(self) -> None:
        """Stop reading a while after the container's end: not every runtime ends the streams of its commands then."""
        await self._main.wait()
        await anyio.sleep(_DRAIN)
        self._main_gone = True
        if self._receiving is not None:
            self._receiving.cancel()

    async def send(self, data: bytes) -> None:
        """Write to stdin."""
        assert self._stream is not None
        view = memoryview(data)
        with anyio.CancelScope() as self._sending:
            try:
                for at in range(0, len(data), _PIECE):
                    if self._over or self._end is not None:
                        break
                    await self._stream.send(bytes(view[at : at + _PIECE]))
                else:
                    return
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
                raise SandboxExited("the command has ended, or closed its stdin") from error
            finally:
                self._sending = None
        raise SandboxExited("the command has ended")

    async def send_eof(self) -> None:
        """Close stdin and keep reading."""
        if self._stream is not None and not self._eof_sent:
            self._eof_sent = True
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
                await self._stream.send_eof()

    async def receive(self) -> tuple[Stream, bytes]:
        """The next bytes of stdout or stderr."""
        assert self._stream is not None
        try:
            while not self._over:
                for number, piece in self._unread:
                    self._said += piece[: _MOST_EXPLANATION - len(self._said)]
                    return ("stdout" if number == STDOUT else "stderr"), piece
                self._unread = self._parser.feed(await self._more(self._stream))
        except anyio.EndOfStream:
            self._finish()
            if not self._parser.between_frames:
                await self._broken("it ended in the middle of a frame")
        except (anyio.BrokenResourceError, FrameError, OSError) as error:
            self._finish()
            await self._broken(str(error) or type(error).__name__)
        raise anyio.EndOfStream

    async def _more(self, stream: HijackedStream) -> bytes:
        if not self._main_gone:
            with anyio.CancelScope() as self._receiving:
                try:
                    return await stream.receive()
                finally:
                    self._receiving = None
        self._finish()
        raise await self._gone()

    def _finish(self) -> None:
        """Nothing more comes out of it."""
        self._over = True
        self._release_writer()

    def _release_writer(self) -> None:
        """Who still writes would wait for ever, since the engine does not close its side."""
        if self._sending is not None:
            self._sending.cancel()

    async def _broken(self, how: str) -> None:
        """The stream broke off: perhaps because the container has ended, which then is the better reason."""
        await self.wait()
        raise SandboxError(f"the command's output broke off: {how}")

    async def wait(self) -> CommandEnd:
        """Wait for its end, which the engine notices a moment after its streams'."""
        if self._end is None:
            assert self._exec_id is not None
            exit_code = await self._exit_code(self._exec_id)
            if self._main.verdict is not None:
                raise await self._gone()
            self._end = CommandEnd(exit_code=exit_code, usage=await self._place.meter.end(self._reading))
            self._release_writer()
        return self._end

    async def signal(self, name: str) -> None:
        """Send a signal to what carries this command's mark; by a shell in the container, where there is one."""
        if not self.ended:
            await self._place.killer.signal(self._mark, name)

    async def kill(self) -> bool:
        """Kill all that the command started, not to be interrupted."""
        if self._exec_id is None or self.ended:
            return True
        gone = False
        with anyio.CancelScope(shield=True):
            gone = await self._place.killer.kill(self._exec_id, self._mark, started=self._started)
        return gone

    async def aclose(self) -> None:
        """Close the stream."""
        if self._stream is not None:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()

    async def _create(self) -> str:
        request = self._request
        env = [*(f"{name}={value}" for name, value in request.env.items()), f"{MARK}={self._mark}"]
        async with self._engine.control("prepare the command") as docker:
            try:
                made = await container(docker, self._container_id).exec(
                    list(request.command),
                    stdin=request.stdin,
                    user=request.user,
                    environment=env,
                    workdir=None if request.workdir is None else checked_workdir(request.workdir),
                )
            except aiodocker.DockerError as error:
                raise await self._gone_or(error) from None
        return made.id

    async def _begin(self, exec_id: str) -> HijackedStream:
        try:
            return await self._engine.hijack("start the command", f"/exec/{exec_id}/start", ATTACHED)
        except SandboxError as error:
            if not failures.unknown(error):
                self._exec_id = None  # it did not start: there is nothing to be killed
            if "is not running" in str(error):
                raise await self._gone() from None
            raise

    async def _exit_code(self, exec_id: str) -> int:
        """Poll until the engine has noticed the end: the stream may end a moment earlier."""
        pause = _POLL_FIRST
        while True:
            async with self._engine.control("ask how the command ended") as docker:
                try:
                    shown = await docker.containers.exec(exec_id).inspect()
                except aiodocker.DockerError as error:
                    raise await self._gone_or(error) from None
            if not shown["Running"] and shown["ExitCode"] is not None:
                await self._check_started(shown)
                return int(shown["ExitCode"])
            await anyio.sleep(pause)
            pause = min(pause * 2, _POLL_LONGEST)

    async def _check_started(self, shown: dict[str, Any]) -> None:
        """The engine reports a command that it could not start as output of the command, with code 126 or 127.

        With code 128 a gVisor's runtime reports that its kernel has ended.
        """
        code, started = shown["ExitCode"], shown.get("Pid")
        if code not in (126, 127, 128) or (started and code != 128):
            return
        text = self._said.decode("utf-8", "replace").strip()
        # A runtime knows of a container's end before the engine does.
        if await self._has_ended(patience=_END_SECONDS if not started and "in a stopped state" in text else 0):
            raise await self._gone()
        if started:
            return
        raise failures.from_status(400, text, what=f"run {self._request.command[0]!r}")

    async def _has_ended(self, *, patience: float) -> bool:
        """Whether the container does not run, or will not within so many seconds."""
        until = anyio.current_time() + patience
        while await self._runs():
            if anyio.current_time() >= until:
                return False
            await anyio.sleep(_POLL_LONGEST)
        return True

    async def _runs(self) -> bool:
        async with self._engine.control("look at the container") as docker:
            return bool((await container(docker, self._container_id).show())["State"]["Running"])

    async def _gone_or(self, error: aiodocker.DockerError) -> Exception:
        """`SandboxExited` when the container does not run or is not there, else the error itself."""
        missing = error.status == 404 and ("container" in error.message.lower() or "exec" in error.message.lower())
        return await self._gone() if error.status == 409 or missing else error

    async def _gone(self) -> SandboxExited:
        try:
            status = await exit_status(self._engine, self._container_id)
        except SandboxError:
            return SandboxExited("the sandbox is not there any more")
        return SandboxExited(
            f"the sandbox does not run any more: {self._main.verdict or status.reason}",
            exit_code=status.code,
            out_of_memory=status.out_of_memory,
        )
