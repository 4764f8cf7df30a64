"""A sandbox: private folders, a main process, and commands beside it, each a tree of its own."""

from __future__ import annotations

import signal
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol

import anyio

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import (
    Command,
    CommandEnd,
    ExecResult,
    ExitStatus,
    Isolation,
    Mount,
    OnOutput,
    SandboxSpec,
    Snapshot,
    Stream,
)
from massgen_core.sandbox.background import background
from massgen_core.sandbox.output import ByteRing
from massgen_core.sandbox.running import never_ran, run_to_end
from massgen_sandbox_local.tree import Tree

OnStderr = Callable[[bytes], None]

_KEPT_STDERR = 64 * 1024


class Way(Protocol):
    """How trees are started: in bubblewrap, or plainly."""

    def run(
        self, command: Sequence[str], *, env: Mapping[str, str], workdir: str | None, stdin: bool
    ) -> AbstractAsyncContextManager[Tree]:
        """Start one."""
        ...

    async def inspect(self) -> Isolation:
        """What holds them."""
        ...


class Main:
    """`massgen_core.sandbox.Process` for the main process; `drain` and `watch` keep it going."""

    def __init__(self, tree: Tree, output: int | None, on_stderr: OnStderr | None) -> None:
        self._tree = tree
        self._left = output
        self._on_stderr = on_stderr
        self._stderr = ByteRing(_KEPT_STDERR)
        self._drained = anyio.Event()
        self._verdict: str | None = None
        self.status: ExitStatus | None = None
        self._ended = anyio.Event()

    @property
    def tree(self) -> Tree:
        """Its processes."""
        return self._tree

    async def send(self, data: bytes) -> None:
        """Write to stdin."""
        try:
            await self._tree.send(data)
        except SandboxExited as error:
            code = self.status and self.status.code
            raise SandboxExited(str(error), exit_code=code) from None

    async def send_eof(self) -> None:
        """Close stdin and keep reading."""
        await self._tree.send_eof()

    async def receive(self) -> bytes:
        """The next bytes of stdout."""
        piece = await self._tree.receive_stdout()
        await self._count(piece)
        return piece

    def stderr_tail(self) -> str:
        """The last 64 KiB of stderr."""
        return self._stderr.bytes().decode("utf-8", "replace")

    async def wait(self) -> ExitStatus:
        """Wait for the end."""
        await self._ended.wait()
        assert self.status is not None
        return self.status

    async def kill(self) -> None:
        """End it now."""
        await self._tree.kill()

    async def end(self, reason: str) -> None:
        """Kill it, and say why."""
        self._verdict = self._verdict or reason
        await self._tree.kill()

    async def drain(self) -> None:
        """Take stderr until it ends."""
        while True:
            try:
                piece = await self._tree.receive_stderr()
            except anyio.EndOfStream:
                self._drained.set()
                return
            self._stderr.add(piece)
            if self._on_stderr is not None:
                self._on_stderr(piece)
            await self._count(piece)

    async def watch(self) -> None:
        """Wait for its end and remember how it came."""
        try:
            code: int | None = await self._tree.exit_code()
            reason = self._verdict or f"ended with exit code {code}"
        except SandboxError as error:
            code, reason = None, str(error)
        await self._drained.wait()
        self.status = ExitStatus(code=code, reason=reason)
        self._ended.set()

    async def _count(self, piece: bytes) -> None:
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0:
                await self.end("wrote more than `output` allows")


class LocalCommand:
    """`massgen_core.sandbox.Command` for a tree."""

    def __init__(self, tree: Tree, sandbox: LocalSandbox) -> None:
        self._tree = tree
        self._sandbox = sandbox

    @property
    def pid(self) -> int | None:
        """Its number in a namespace of its own says nothing."""
        return None

    async def send(self, data: bytes) -> None:
        """Write to stdin."""
        await self._tree.send(data)

    async def send_eof(self) -> None:
        """Close stdin and keep reading."""
        await self._tree.send_eof()

    async def receive(self) -> tuple[Stream, bytes]:
        """The next bytes of stdout or stderr."""
        return await self._tree.receive()

    async def wait(self) -> CommandEnd:
        """Wait for its end."""
        code = await self._tree.exit_code()
        if self._tree in self._sandbox.swept:
            raise self._sandbox.exited()
        return CommandEnd(exit_code=code, usage=self._tree.usage, left_running=self._tree.left_running)

    async def signal(self, name: str) -> None:
        """Send a signal to it and to what shares its process group."""
        self._tree.signal(signal.Signals[name])

    async def kill(self) -> bool:
        """Kill everything that it started."""
        return await self._tree.kill()


class LocalSandbox:
    """`massgen_core.sandbox.Sandbox` on this machine."""

    def __init__(self, spec: SandboxSpec, way: Way, main: Main) -> None:
        self._spec = spec
        self._way = way
        self._main = main
        self._id = uuid.uuid4().hex
        self._trees: set[Tree] = set()
        self._closed = False
        self._turn = anyio.Lock()
        self._goes_on = anyio.Event()
        self._goes_on.set()
        self._starting = 0
        self._none_starts = anyio.Event()
        self.swept: set[Tree] = set()
        """Trees that were ended because the sandbox was."""

    @property
    def id(self) -> str:
        """A number of its own."""
        return self._id

    @property
    def name(self) -> str:
        """The word from its spec."""
        return self._spec.name

    @property
    def main(self) -> Main:
        """The main process."""
        return self._main

    @asynccontextmanager
    async def spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        stdin: bool = False,
    ) -> AsyncGenerator[Command]:
        """Start a command beside the main process, when the sandbox is not frozen."""
        run = self._way.run(command, env=env or {}, workdir=workdir, stdin=stdin)
        async with AsyncExitStack() as stack:
            async with self._moving():
                tree = await stack.enter_async_context(run)
                self._trees.add(tree)
            try:
                if self._closed:
                    raise self.exited()
                yield LocalCommand(tree, self)
            finally:
                self._trees.discard(tree)
                self.swept.discard(tree)

    @asynccontextmanager
    async def _moving(self) -> AsyncGenerator[None]:
        """Wait until it is not frozen; it will not be while the body runs."""
        while not self._goes_on.is_set():
            await self._goes_on.wait()
        if self._closed:
            raise self.exited()
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1
            if not self._starting:
                self._none_starts.set()

    async def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        deadline: float | None = None,
        max_output: int = 1024 * 1024,
        on_output: OnOutput | None = None,
        measure: bool = False,
    ) -> ExecResult:
        """Run a command beside the main process."""
        with anyio.move_on_after(deadline):
            await self._goes_on.wait()
        if not self._goes_on.is_set():
            return never_ran(deadline or 0)
        spawned = self.spawn(command, env=env, workdir=workdir, stdin=stdin is not None)
        return await run_to_end(spawned, stdin=stdin, deadline=deadline, max_output=max_output, on_output=on_output)

    async def inspect(self) -> Isolation:
        """What holds it."""
        return await self._way.inspect()

    async def pause(self) -> None:
        """Stop every process in it (SIGSTOP); what means to go on can set itself a timer that sends SIGCONT."""
        async with self._turn:
            if self._closed:
                raise self.exited()
            if self._goes_on.is_set():
                self._goes_on = anyio.Event()
                try:
                    await self._stop_all()
                except BaseException:
                    with anyio.CancelScope(shield=True):
                        await self._let_go_on()
                    raise

    async def _stop_all(self) -> None:
        while self._starting:
            self._none_starts = anyio.Event()
            await self._none_starts.wait()
        for tree in (self._main.tree, *self._trees):
            if not await tree.stop():
                raise SandboxUnavailable(f"{self.name}: some of its processes could not be stopped")

    async def resume(self) -> None:
        """Let it go on."""
        async with self._turn:
            await self._let_go_on()

    async def _let_go_on(self) -> None:
        if not self._goes_on.is_set():
            for tree in (self._main.tree, *self._trees):
                await tree.go_on()
            self._goes_on.set()

    async def mount(self, mount: Mount) -> None:
        """Not here: what runs already would not see it."""
        raise SandboxUnavailable(
            f"{self.name}: the local backend cannot mount {mount.source} into a running sandbox\n"
            "  Name the folder in `mounts`, or use the Docker backend."
        )

    async def snapshot(self) -> Snapshot:
        """Not here."""
        raise SandboxUnavailable(
            f"{self.name}: the local backend does not keep a sandbox's files\n  Use the Docker backend."
        )

    async def end_with_main(self) -> None:
        """When the main process ends, so does everything else."""
        await self._main.wait()
        await self.sweep()

    async def sweep(self) -> None:
        """End all commands, and take no more."""
        self._closed = True
        await self._let_go_on()
        for tree in tuple(self._trees):
            if not tree.over:
                self.swept.add(tree)
            await tree.kill()

    def exited(self) -> SandboxExited:
        """The error of whoever comes too late."""
        status = self._main.status or ExitStatus(code=None, reason="it was ended")
        return SandboxExited(f"the sandbox does not run any more: {status.reason}", exit_code=status.code)


@asynccontextmanager
async def run_sandbox(
    spec: SandboxSpec, way: Way, *, on_stderr: OnStderr | None = None
) -> AsyncGenerator[LocalSandbox]:
    """Start the main process, and what it is when a sandbox is idle: a program that waits."""
    command = ("cat",) if spec.idle else tuple(spec.command)
    output = None if spec.limits.output is None else int(spec.limits.output)
    async with way.run(command, env={}, workdir=spec.workdir, stdin=True) as tree, background() as tasks:
        main = Main(tree, output, on_stderr)
        sandbox = LocalSandbox(spec, way, main)
        tasks.start_soon(main.drain)
        tasks.start_soon(main.watch)
        tasks.start_soon(sandbox.end_with_main)
        if spec.limits.lifetime is not None:
            tasks.start_soon(_end_after, main, spec.limits.lifetime)
        try:
            yield sandbox
        finally:
            with anyio.CancelScope(shield=True):
                await sandbox.sweep()
                await _stop(main, tree, spec.limits.stop_timeout)


async def _end_after(main: Main, seconds: float) -> None:
    await anyio.sleep(seconds)
    await main.end(f"its lifetime of {seconds:g} seconds is over")


async def _stop(main: Main, tree: Tree, seconds: float) -> None:
    """Close stdin, wait half the time, ask with SIGTERM, wait the other half, kill."""
    await main.send_eof()
    for number in (None, signal.SIGTERM):
        if number is not None:
            tree.signal(number)
        with anyio.move_on_after(seconds / 2):
            await main.wait()
            return
    await tree.kill()
