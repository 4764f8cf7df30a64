"""One command beside the main process: separate streams, a deadline, and an end of everything it started."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import aiodocker
import anyio

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import ExecResult
from massgen_sandbox_docker.container.exits import exit_status
from massgen_sandbox_docker.container.killer import MARK, Killer
from massgen_sandbox_docker.container.meter import Meter
from massgen_sandbox_docker.container.process import AttachedProcess
from massgen_sandbox_docker.container.profile import checked_workdir
from massgen_sandbox_docker.container.survivors import ATTACHED
from massgen_sandbox_docker.engine import failures
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.background import background
from massgen_sandbox_docker.engine.buffers import HeadAndTail
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.frames import STDOUT, FrameError, FrameParser
from massgen_sandbox_docker.engine.hijack import HijackedStream

_PIECE = 64 * 1024
_DRAIN = 1.0
_POLL_FIRST = 0.005
_POLL_LONGEST = 0.25

OnOutput = Callable[[Literal["stdout", "stderr"], bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecRequest:
    """What to run, and how much to keep of what it says."""

    command: Sequence[str]
    user: str
    stdin: bytes | None = field(default=None, repr=False)
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    workdir: str | None = None
    deadline: float | None = None
    max_output: int = 1024 * 1024
    on_output: OnOutput | None = None
    measure: bool = False


async def run_exec(
    engine: Engine,
    container_id: str,
    request: ExecRequest,
    killer: Killer,
    meter: Meter,
    main: AttachedProcess,
) -> ExecResult:
    """Run it to its end, or to its deadline; cancellation kills what it started as well.

    When ``main`` ends, the container's first process, so does the command, and says why that one did.

    Raises:
        SandboxExited: The container is not running.
        SandboxError: The command is not there, or its output broke off.
    """
    run = _Run(engine, container_id, request, main)
    exit_code, gone, timed_out = None, True, True
    reading = await meter.begin(ask_engine=request.measure)
    started = time.monotonic()
    try:
        with anyio.move_on_after(float("inf") if request.deadline is None else request.deadline):
            exit_code = await run.to_the_end()
            timed_out = False
        usage = await meter.end(reading)
        if timed_out:
            gone = await run.kill(killer, started)
    except BaseException:  # cancelled, broken, or the caller's on_output failed
        with contextlib.suppress(SandboxError):
            await run.kill(killer, started)
        raise
    finally:
        meter.forget(reading)
        await run.aclose()
    return ExecResult(
        exit_code=exit_code,
        stdout=run.stdout.bytes(),
        stderr=run.stderr.bytes(),
        stdout_bytes=run.stdout.total,
        stderr_bytes=run.stderr.total,
        duration=time.monotonic() - started,
        timed_out=timed_out,
        tree_killed=gone,
        usage=usage,
    )


class _Run:
    """The state of one command: its exec instance, its stream, and what has come out of it."""

    def __init__(self, engine: Engine, container_id: str, request: ExecRequest, main: AttachedProcess) -> None:
        self._engine = engine
        self._container_id = container_id
        self._request = request
        self._main = main
        self._mark = uuid.uuid4().hex
        self._exec_id: str | None = None
        self._stream: HijackedStream | None = None
        self._parser = FrameParser()
        self._unread: Iterator[tuple[int, bytes]] = iter(())
        self.stdout = HeadAndTail(request.max_output)
        self.stderr = HeadAndTail(request.max_output)

    async def to_the_end(self) -> int | None:
        """Start the command, talk to it until its streams end, and return its exit code."""
        exec_id = await self._create()
        self._exec_id = exec_id
        stream = self._stream = await self._start(exec_id)
        async with background() as tasks:
            if self._request.stdin is not None:
                tasks.start_soon(_send, stream, self._request.stdin)
            reading = anyio.CancelScope()
            tasks.start_soon(self._give_up, reading)
            broken = None
            with reading:
                broken = await self._read(stream, self._request.on_output)
            if reading.cancelled_caught:
                raise await self._gone()
        exit_code = await self._exit_code(exec_id)
        if self._main.verdict is not None:
            raise await self._gone()
        if broken is not None:
            raise SandboxError(f"the command's output broke off: {broken}")
        return exit_code

    async def _give_up(self, reading: anyio.CancelScope) -> None:
        """Stop reading a while after the container's end: not every runtime ends the streams of its commands then."""
        await self._main.wait()
        await anyio.sleep(_DRAIN)
        reading.cancel()

    async def kill(self, killer: Killer, started: float) -> bool:
        """Kill all that the command started, not to be interrupted, and take what it still says."""
        if self._exec_id is None:
            return True
        gone = False
        with anyio.CancelScope(shield=True):
            gone = await killer.kill(self._exec_id, self._mark, started=started)
            if self._stream is not None:
                with anyio.move_on_after(_DRAIN):
                    await self._read(self._stream, None)
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
                    stdin=request.stdin is not None,
                    user=request.user,
                    environment=env,
                    workdir=None if request.workdir is None else checked_workdir(request.workdir),
                )
            except aiodocker.DockerError as error:
                raise await self._gone_or(error) from None
        return made.id

    async def _start(self, exec_id: str) -> HijackedStream:
        try:
            return await self._engine.hijack("start the command", f"/exec/{exec_id}/start", ATTACHED)
        except SandboxError as error:
            self._exec_id = None  # it did not start: there is nothing to be killed
            if "is not running" in str(error):
                raise await self._gone() from None
            raise

    async def _read(self, stream: HijackedStream, on_output: OnOutput | None) -> str | None:
        """Read until the stream ends; says in words how it broke, if it did. It can be interrupted and called again."""
        try:
            while True:
                for number, piece in self._unread:
                    await self._keep(number, piece, on_output)
                self._unread = self._parser.feed(await stream.receive())
        except anyio.EndOfStream:
            return None if self._parser.between_frames else "it ended in the middle of a frame"
        except (anyio.BrokenResourceError, FrameError, OSError) as error:
            return str(error) or type(error).__name__

    async def _keep(self, number: int, piece: bytes, on_output: OnOutput | None) -> None:
        (self.stdout if number == STDOUT else self.stderr).add(piece)
        if on_output is not None:
            await on_output("stdout" if number == STDOUT else "stderr", piece)

    async def _exit_code(self, exec_id: str) -> int | None:
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
                return shown["ExitCode"]
            await anyio.sleep(pause)
            pause = min(pause * 2, _POLL_LONGEST)

    async def _check_started(self, shown: dict[str, Any]) -> None:
        """The engine reports a command that it could not start as output of the command, with code 126 or 127.

        With code 128 a gVisor's runtime reports that its kernel has ended.
        """
        code, started = shown["ExitCode"], shown.get("Pid")
        if code not in (126, 127, 128) or (started and code != 128):
            return
        async with self._engine.control("look at the container") as docker:
            state = (await container(docker, self._container_id).show())["State"]
        if not state["Running"]:
            raise await self._gone()
        if started:
            return
        text = (self.stdout.bytes() + self.stderr.bytes()).decode("utf-8", "replace").strip()
        raise failures.from_status(400, text, what=f"run {self._request.command[0]!r}")

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


async def _send(stream: HijackedStream, data: bytes) -> None:
    view = memoryview(data)
    with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        for at in range(0, len(data), _PIECE):
            await stream.send(bytes(view[at : at + _PIECE]))
        await stream.send_eof()
