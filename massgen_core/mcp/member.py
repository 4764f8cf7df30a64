"""One server that waits for its session."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

import anyio

from massgen_core.errors import McpConnectionClosed, SandboxError
from massgen_core.loading.supervisor import Held
from massgen_core.mcp.demand import Lease
from massgen_core.mcp.server import lives
from massgen_core.mcp.starting import Started

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from massgen_core.sandbox import Mount, Sandbox, SandboxSpec

GRACE = 15.0
"""Seconds that a member may take to close before it is cancelled."""

QUIET = 0.5
"""Seconds after the list of its tools that a server may go on with what it does at its start, before it is frozen."""

THAW_PATIENCE = 2.0
"""Seconds within which a server that was thawed gives a sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """All that makes one member as good as another: its sandbox, and a fingerprint of its secrets."""

    spec: SandboxSpec | None
    secrets: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, spec: SandboxSpec | None, salt: bytes) -> Key:
        """The key of a sandbox that is to be started; ``salt`` (64 bytes at most) is a secret of this process."""
        if spec is None:
            return cls(spec=None)
        digest = blake2b(key=salt)
        for secret in spec.secrets:
            digest.update(repr((secret.name, secret.value, secret.use, secret.hosts, secret.headers)).encode())
        return cls(spec=replace(spec, secrets=(), turn=""), secrets=digest.digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """How members are kept: whether they are frozen, and how often those that are not are asked for a sign of life."""

    frozen: bool = False
    health_interval: float | None = None
    patience: float = 10.0


class Member:
    """A server that is up, or on its way; held by a task of its own until it is ended."""

    def __init__(
        self,
        key: Key,
        start: Callable[[], AbstractAsyncContextManager[Started]],
        *,
        care: Care,
        lease: Lease,
    ) -> None:
        self.key = key
        self.born: float = anyio.current_time()
        self._start = start
        self._care = care
        self._lease = lease
        self._held = Held(self._open, grace=GRACE)
        self._claimed = False
        self._leaving = False
        self._frozen = False
        self._turning = anyio.Lock()

    @property
    def started(self) -> Started:
        """What was started, once it is up."""
        return self._held.value

    @property
    def dead(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._leaving or not self._held.opened or self.started.connection.closed.is_set()

    async def run(self, on_died: Callable[[Member, BaseException], None]) -> None:
        """Hold it open; ``on_died`` is told when it ends by itself while nobody has claimed it."""
        try:
            await self._held.run(partial(self._died, on_died))
        finally:
            self._lease.release()

    async def wait_up(self) -> BaseException | None:
        """Wait until it is up; returns why it is not."""
        return await self._held.wait_open(None)

    def claim(self) -> None:
        """From now on it belongs to a session, and does not count among those that wait."""
        self._claimed = True
        self._lease.release()

    async def ready(self) -> None:
        """Make it go on, where it was frozen.

        Raises:
            SandboxError: It cannot be thawed.
            McpConnectionClosed: It gives no sign of life.
        """
        async with self._turning:
            if not self._frozen:
                return
            await self._sandbox.resume()
            self._frozen = False
        if not await lives(self.started.connection, THAW_PATIENCE):
            raise self._silent(THAW_PATIENCE)

    async def mount(self, workspace: Mount) -> None:
        """Show its session's workspace to it. Raises `SandboxError` where it is refused."""
        await self._sandbox.mount(workspace)

    async def end(self) -> None:
        """End it, with its sandbox; whoever is cancelled meanwhile stays until it is done."""
        with anyio.CancelScope(shield=True):
            await self._held.stop()
            self._lease.release()

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[Started]:
        async with self._start() as started, anyio.create_task_group() as tasks:
            tasks.start_soon(self._end_with, started)
            if self._care.frozen and started.sandbox is not None:
                tasks.start_soon(self._freeze, started)
            elif self._care.health_interval is not None:
                tasks.start_soon(self._check_health, started, self._care.health_interval)
            yield started
            tasks.cancel_scope.cancel()

    async def _end_with(self, started: Started) -> None:
        await started.connection.closed.wait()
        if not self._claimed:  # a session sees the end itself, and asks for the reason
            self._leaving = True
            raise await started.connection.farewell()

    async def _freeze(self, started: Started) -> None:
        """Freeze it when it has had a moment for what its answers set off, and answers again."""
        await anyio.sleep(QUIET)
        await self._check_life(started)
        async with self._turning:
            if not self._claimed:
                with suppress(SandboxError):  # its end is told elsewhere
                    await self._sandbox.pause()
                    self._frozen = True

    async def _check_health(self, started: Started, interval: float) -> None:
        while not self._claimed:
            await anyio.sleep(interval)
            await self._check_life(started)

    async def _check_life(self, started: Started) -> None:
        """End one that gives no sign of life, as long as it is nobody's."""
        if not self._claimed and not await lives(started.connection, self._care.patience) and not self._claimed:
            self._leaving = True
            raise self._silent(self._care.patience)

    async def _died(self, on_died: Callable[[Member, BaseException], None], error: BaseException) -> None:
        if not self._claimed:
            on_died(self, error)

    @property
    def _sandbox(self) -> Sandbox:
        sandbox = self.started.sandbox
        assert sandbox is not None
        return sandbox

    def _silent(self, patience: float) -> McpConnectionClosed:
        connection = self.started.connection
        reason = f"no sign of life within {patience:g} s while it waited for a session"
        return McpConnectionClosed(connection.server, reason, stderr=connection.evidence())
