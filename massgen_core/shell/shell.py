"""One session's sandbox: commands that are waited for, Python programs, processes in the background."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count

from anyio.abc import TaskGroup

from massgen_core.errors import SandboxError
from massgen_core.sandbox import ExecResult, Isolation, OnOutput, Sandbox, Stream
from massgen_core.sandbox.background import Background, background
from massgen_core.shell.processes import BackgroundProcess, Processes
from massgen_core.shell.settings import ShellSettings
from massgen_core.shell.spill import Spill, put

_FILES_KEPT = 16
"""Files with whole output, or with a program, that are kept; older ones make room."""

_LOOK = 'mkdir -p "$1"; command -v bash >/dev/null 2>&1 && echo bash || echo sh'
_LOOK_SECONDS = 30.0
_STREAMS: Sequence[Stream] = ("stdout", "stderr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command left behind, the files that hold its whole output, and why one is missing."""

    result: ExecResult
    files: Mapping[Stream, str]
    problems: Sequence[str] = ()


class Shell:
    """The sandbox and what runs in it; made by `open_shell`."""

    def __init__(
        self,
        sandbox: Sandbox,
        settings: ShellSettings,
        tasks: TaskGroup,
        *,
        isolation: Isolation,
        program: str,
        folder: str,
        workdir: str,
        news: str | None,
    ) -> None:
        self.sandbox = sandbox
        self.isolation = isolation
        self.processes: Processes = Processes(tasks, most=settings.processes)
        self._settings = settings
        self._program = program
        self._folder = folder
        self._workdir = workdir
        self._news = news
        self._numbers = count(1)
        self._files: deque[str] = deque()

    def news(self) -> str | None:
        """What the agent has to know about the sandbox, once."""
        news, self._news = self._news, None
        return news

    async def run(
        self,
        line: str,
        *,
        timeout: float,
        workdir: str | None = None,
        stdin: str = "",
        on_output: OnOutput | None = None,
    ) -> Ran:
        """Run a command line to its end, or for ``timeout`` seconds."""
        return await self._run(self._argv(line), timeout, workdir, stdin, on_output)

    async def run_python(
        self,
        code: str,
        *,
        timeout: float,
        workdir: str | None = None,
        stdin: str = "",
        on_output: OnOutput | None = None,
    ) -> Ran:
        """Run a Python program; it is put into a file, so that a traceback shows its lines."""
        path = self._new_file("py")
        await put(self.sandbox, path, code.encode())
        await self._make_room([path])
        return await self._run(["python3", "-u", path], timeout, workdir, stdin, on_output)

    async def start(self, line: str, *, workdir: str | None = None) -> BackgroundProcess:
        """Start a command line in the background."""
        spawned = self.sandbox.spawn(self._argv(line), workdir=workdir or self._workdir, stdin=True)
        return await self.processes.start(line, spawned)

    async def _run(
        self, argv: Sequence[str], timeout: float, workdir: str | None, stdin: str, on_output: OnOutput | None
    ) -> Ran:
        async with background() as tasks, self._spills(tasks) as spills:

            async def take(stream: Stream, piece: bytes) -> None:
                await spills[stream].add(piece)
                if on_output is not None:
                    await on_output(stream, piece)

            result = await self.sandbox.exec(
                argv,
                stdin=stdin.encode() or None,
                workdir=workdir or self._workdir,
                deadline=timeout,
                max_output=int(self._settings.shown),
                on_output=take,
            )
            ends: list[tuple[Stream, str | None]] = [(each, await spill.finish()) for each, spill in spills.items()]
        files: dict[Stream, str] = {stream: path for stream, path in ends if path is not None}
        await self._make_room(files.values())
        problems = [spill.failure for spill in spills.values() if spill.failure]
        return Ran(result=result, files=files, problems=problems)

    @asynccontextmanager
    async def _spills(self, tasks: Background) -> AsyncGenerator[Mapping[Stream, Spill]]:
        above, most = int(self._settings.shown), int(self._settings.kept)
        spills: dict[Stream, Spill] = {
            stream: Spill(self.sandbox, self._new_file(stream), above=above, most=most, tasks=tasks)
            for stream in _STREAMS
        }
        try:
            yield spills
        finally:
            for spill in spills.values():
                spill.close()

    def _argv(self, line: str) -> Sequence[str]:
        return [self._program, "-c", line]

    def _new_file(self, ending: str) -> str:
        return f"{self._folder}/{next(self._numbers)}.{ending}"

    async def _make_room(self, written: Iterable[str]) -> None:
        """Note files that were written; the oldest go, many at a time."""
        self._files.extend(written)
        if len(self._files) > 2 * _FILES_KEPT:
            old = [self._files.popleft() for _ in range(_FILES_KEPT)]
            with suppress(SandboxError):
                await self.sandbox.exec(["rm", "-f", *old], deadline=_LOOK_SECONDS)


async def look_around(sandbox: Sandbox, folder: str) -> str:
    """Make the folder for files of ours, and see which shell there is: its name.

    Raises:
        SandboxError: There is none.
    """
    seen = await sandbox.exec(["sh", "-c", _LOOK, "sh", folder], deadline=_LOOK_SECONDS)
    return "bash" if seen.stdout.strip() == b"bash" else "sh"
