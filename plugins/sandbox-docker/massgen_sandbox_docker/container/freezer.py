"""A container that is frozen and goes on: by the kernel's freezer, or what a runtime has in its place.

Nothing in a frozen container answers, so whoever starts or ends a command must know. A command starts when the
container goes on again. To end one, which must not wait, the container runs for that moment.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from types import TracebackType

import aiodocker
import anyio

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Command, CommandEnd, Stream
from massgen_sandbox_docker.container.exits import exit_status
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine

Spawned = AbstractAsyncContextManager[Command]


class Freezer:
    """Freezes one container, and lets it go on."""

    def __init__(self, engine: Engine, container_id: str) -> None:
        self._engine = engine
        self._container_id = container_id
        self._turn = anyio.Lock(fast_acquire=True)
        self._moves = 0
        self._still = anyio.Event()
        self._running = anyio.Event()
        self._running.set()

    @property
    def frozen(self) -> bool:
        """It was frozen from here, and was neither resumed nor ended since."""
        return not self._running.is_set()

    async def pause(self) -> None:
        """Freeze it, once what is being started or ended just now is.

        Raises:
            SandboxExited: It does not run.
            SandboxUnavailable: The engine cannot, or its runtime.
        """
        async with self._turn:
            while self._moves:
                self._still = anyio.Event()
                await self._still.wait()
            if not self.frozen:
                with anyio.CancelScope(shield=True):
                    await self._freeze()
                self._running = anyio.Event()

    async def resume(self) -> None:
        """Let it go on; one that has ended is no error."""
        async with self._turn:
            if self.frozen:
                await self._thaw()
                self._running.set()

    async def melt(self, ended: Callable[[], Awaitable[object]]) -> None:
        """Let nobody wait any longer once it has ended."""
        await ended()
        self.over()

    async def let_end(self) -> None:
        """It goes on for its end, whatever else is under way: not every runtime ends what is frozen."""
        if self.frozen:
            self.over()
            with suppress(SandboxError):
                await self._thaw()

    def over(self) -> None:
        """It has ended, or is about to."""
        self._running.set()

    async def goes_on(self, *, within: float | None) -> bool:
        """Wait until it is not frozen any more, or has ended; false when that takes longer."""
        if self.frozen:
            with anyio.move_on_after(within):
                await self._running.wait()
        return not self.frozen

    def around(self, spawn: Callable[[], Spawned]) -> Spawned:
        """A command that heeds all this."""
        return _Around(self, spawn)

    @asynccontextmanager
    async def standstill(self) -> AsyncGenerator[bool]:
        """Nothing is started, ended, frozen or let go on while the body runs; false where something of it is."""
        async with self._turn:
            yield not self._moves and not self.frozen

    @asynccontextmanager
    async def starting(self) -> AsyncGenerator[None]:
        """Wait until it is not frozen, which it will not be while the body runs."""
        while True:
            await self.goes_on(within=None)
            async with self._turn:
                if not self.frozen:
                    self._moves += 1
                    break
        try:
            yield
        finally:
            self._moved()

    @asynccontextmanager
    async def ending(self) -> AsyncGenerator[None]:
        """It goes on while the body runs, which does not wait for that, and then is as it was."""
        with anyio.CancelScope(shield=True):
            await self._turn.acquire()
        if self.frozen:
            try:
                with anyio.CancelScope(shield=True), suppress(SandboxError):
                    await self._thaw()
                yield
            finally:
                with anyio.CancelScope(shield=True):
                    await self._freeze_again()
                self._turn.release()
            return
        self._moves += 1
        self._turn.release()
        try:
            yield
        finally:
            self._moved()

    async def _freeze_again(self) -> None:
        """Unless it has ended meanwhile; where that fails it goes on, and nobody is told otherwise."""
        if self.frozen:
            try:
                await self._freeze()
            except SandboxError:
                self.over()

    def _moved(self) -> None:
        self._moves -= 1
        if not self._moves:
            self._still.set()

    async def _freeze(self) -> None:
        async with self._engine.control("freeze the container") as docker:
            try:
                await container(docker, self._container_id).pause()
            except aiodocker.DockerError as error:
                if error.status == 409 and "already paused" in error.message:
                    return
                if error.status in (404, 409):
                    raise await self._gone() from None
                raise SandboxUnavailable(f"the engine cannot freeze the container: {error.message}") from error

    async def _thaw(self) -> None:
        async with self._engine.control("let the container go on") as docker:
            try:
                await container(docker, self._container_id).unpause()
            except aiodocker.DockerError as error:
                if "not paused" in error.message:
                    await self._thaw_all_the_same(docker)
                elif error.status not in (404, 409):
                    raise

    async def _thaw_all_the_same(self, docker: aiodocker.Docker) -> None:
        """The engine may have heard of an earlier thaw only after it froze it again, and take it for running."""
        with suppress(aiodocker.DockerError):  # it has ended, or runs indeed
            await container(docker, self._container_id).pause()
            await container(docker, self._container_id).unpause()

    async def _gone(self) -> SandboxExited:
        try:
            status = await exit_status(self._engine, self._container_id)
        except SandboxError:
            return SandboxExited("the sandbox is not there any more")
        return SandboxExited(f"the sandbox does not run any more: {status.reason}", exit_code=status.code)


class _Around(AbstractAsyncContextManager[Command]):
    """A command from its start to its end, in a sandbox that may be frozen."""

    def __init__(self, freezer: Freezer, spawn: Callable[[], Spawned]) -> None:
        self._freezer = freezer
        self._spawn = spawn

    async def __aenter__(self) -> Command:
        async with self._freezer.starting():
            self._spawned = self._spawn()  # only now: who runs commands may have changed meanwhile
            self._command = _Thawing(self._freezer, await self._spawned.__aenter__())
            return self._command

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        async with nullcontext() if self._command.over else self._freezer.ending():
            return await self._spawned.__aexit__(kind, error, trace)


class _Thawing:
    """`massgen_core.sandbox.Command` in a sandbox that may be frozen."""

    def __init__(self, freezer: Freezer, command: Command) -> None:
        self._freezer = freezer
        self._command = command
        self.over = False
        """Its end is known, so that there is nothing to be ended."""

    @property
    def pid(self) -> int | None:
        return self._command.pid

    async def send(self, data: bytes) -> None:
        await self._command.send(data)

    async def send_eof(self) -> None:
        await self._command.send_eof()

    async def receive(self) -> tuple[Stream, bytes]:
        return await self._command.receive()

    async def wait(self) -> CommandEnd:
        end = await self._command.wait()
        self.over = True
        return end

    async def signal(self, name: str) -> None:
        async with self._freezer.ending():
            await self._command.signal(name)

    async def kill(self) -> bool:
        async with self._freezer.ending():
            return await self._command.kill()
