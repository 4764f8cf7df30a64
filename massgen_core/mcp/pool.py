"""Servers that are up before a session wants them: each is claimed by one session, and ends with it."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.abc
import anyio.lowlevel
from pydantic import ByteSize

from massgen_core.errors import SURVIVABLE, McpError, SandboxError, in_words
from massgen_core.mcp.demand import Demand, Lease, WarmMemory
from massgen_core.mcp.member import Care, Key, Member
from massgen_core.mcp.restarts import Restarts
from massgen_core.mcp.starting import Started, Starter

if TYPE_CHECKING:
    from massgen_core.sandbox import SandboxSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many servers wait (``least``, more where more are claimed), how long, and in which memory.

    ``size`` is what one of them counts for, in bytes; ``age`` is in seconds.
    """

    least: int
    age: float
    size: int
    memory: WarmMemory = field(repr=False)
    care: Care


HEAD_START = 0.25
"""Seconds that a session which has claimed one has for itself, before the next is started beside its first call."""


class Pool:
    """The servers that wait for sessions, all of one section of the config.

    ``plan`` describes the sandbox of one that is to be started now. One is started at a time, and none while a session
    has to wait for its own. What fails is tried again with the pauses of ``restarts``; after as many attempts as those
    allow, not before the next session has got one.
    """

    def __init__(
        self,
        starter: Starter,
        plan: Callable[[], Awaitable[SandboxSpec | None]],
        *,
        bounds: Bounds,
        restarts: Restarts,
        tasks: anyio.abc.TaskGroup,
        log: Callable[[str], None],
    ) -> None:
        self._starter = starter
        self._plan = plan
        self._bounds = bounds
        self._restarts = restarts
        self._tasks = tasks
        self._log = log
        self._salt = os.urandom(32)
        self._demand = Demand(bounds.least)
        self._members: set[Member] = set()
        self._idle: list[Member] = []
        self._key: Key | None = None
        self._starting = 0
        self._failures = 0
        self._not_before = 0.0
        self._told_full = False
        self._stirred = anyio.Event()
        bounds.memory.on_release(self._stir)

    async def begin(self) -> Started:
        """Start the first one, for the list of its tools; it goes on to wait, where any is to be kept.

        Raises:
            McpError: It does not come up.
            SandboxError: It cannot be run.
        """
        lease = self._bounds.memory.lease(self._bounds.size) if self._bounds.least else None
        member = await self._start(lease or Lease(lambda: None))
        if lease is None:
            self.retire(member)
        else:
            self._idle.append(member)
        return member.started

    async def keep(self) -> None:
        """Keep as many waiting as are wanted, for ever."""
        while True:
            self._stirred = anyio.Event()
            now = anyio.current_time()
            self._end_unfit(now)
            lease = self._lease(now)
            if lease is not None:
                await self._refill(lease)
            else:
                with anyio.move_on_after(self._pause(now)):
                    await self._stirred.wait()

    async def claim(self, spec: SandboxSpec | None) -> Member | None:
        """One that waits, in the sandbox that is described, for the caller to use and to end; None where there is none.

        Who is handed one has to end it.
        """
        now = anyio.current_time()
        self._demand.claim(now)
        self._key = key = Key.of(spec, self._salt)
        if self._not_before <= now:  # else many claims in a row would put it off for ever
            self._not_before = now + HEAD_START
        self._stir()
        while (member := self._pop(key)) is not None:
            if await self._readied(member):
                return member
        return None

    @asynccontextmanager
    async def own(self, spec: SandboxSpec | None) -> AsyncGenerator[Started]:
        """One that is started for a session which found none waiting.

        Raises:
            McpError: It does not come up.
            SandboxError: It cannot be run.
        """
        async with AsyncExitStack() as stack:
            with self._going_first():
                began = anyio.current_time()
                started = await stack.enter_async_context(self._starter.start(spec))
                self._demand.took(anyio.current_time() - began)
            self._failures = 0
            yield started

    async def close(self) -> None:
        """End all of them at once, claimed or not."""
        async with anyio.create_task_group() as tasks:
            for member in list(self._members):
                tasks.start_soon(member.end)

    def _pop(self, key: Key) -> Member | None:
        """The oldest that is as good as a new one."""
        now = anyio.current_time()
        member = next((each for each in self._idle if self._fits(each, key, now)), None)
        if member is not None:
            self._idle.remove(member)
            member.claim()
            self._failures = 0
        return member

    def _fits(self, member: Member, key: Key | None, now: float) -> bool:
        return not member.dead and member.key == key and now - member.born < self._bounds.age

    async def _readied(self, member: Member) -> bool:
        ready = False
        try:
            await member.ready()
            ready = True
        except (McpError, SandboxError) as error:
            self._log(f"one that waited was of no use: {_first_line(error)}")
        finally:
            if not ready:
                self.retire(member)
        return ready

    async def _refill(self, lease: Lease) -> None:
        try:
            self._idle.append(await self._start(lease))
        except SURVIVABLE as error:  # whatever it is, no session waits for this one
            self._failed(error)

    async def _start(self, lease: Lease) -> Member:
        try:
            spec = await self._plan()
            await anyio.lowlevel.checkpoint_if_cancelled()  # beyond this it is held, and `close` has to see it
        except BaseException:
            lease.release()
            raise
        self._key = key = Key.of(spec, self._salt)
        member = Member(key, partial(self._starter.start, spec), care=self._bounds.care, lease=lease)
        self._members.add(member)
        self._tasks.start_soon(self._hold, member)
        if error := await member.wait_up():
            raise error
        self._demand.took(anyio.current_time() - member.born)
        return member

    async def _hold(self, member: Member) -> None:
        try:
            await member.run(self._died)
        finally:
            self._members.discard(member)
            self._stir()

    def _died(self, member: Member, error: BaseException) -> None:
        if member in self._idle:
            self._idle.remove(member)
        if anyio.current_time() - member.born < self._restarts.stable:
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        self._failures += 1
        self._not_before = anyio.current_time() + self._restarts.pause(self._failures)
        if self._failures == self._restarts.attempts:
            self._log(f"none is kept ready until a session has started one: {_first_line(error)}")
        self._stir()

    def _end_unfit(self, now: float) -> None:
        """End those that nobody would be given, and those that are too many, the oldest first."""
        unfit = [member for member in self._idle if not self._fits(member, self._key, now)]
        fit = [member for member in self._idle if member not in unfit]
        for member in (*unfit, *fit[: max(0, len(fit) - self._demand.wanted(now))]):
            self._idle.remove(member)
            self.retire(member)

    def keep_none(self) -> None:
        """End all that wait, and start none ahead any more."""
        self._demand = Demand(0)
        self._stir()

    def retire(self, member: Member) -> None:
        """End one in the background."""
        self._tasks.start_soon(member.end)

    def _lease(self, now: float) -> Lease | None:
        """The memory of one more, where one is to be started now."""
        lacks = len(self._idle) < self._demand.wanted(now)
        resting = now < self._not_before or self._failures >= self._restarts.attempts
        if not lacks or resting or self._starting:
            return None
        lease = self._bounds.memory.lease(self._bounds.size)
        if lease is None and len(self._idle) < self._bounds.least and not self._told_full:
            self._told_full = True
            self._log(
                f"{len(self._idle)} of {self._bounds.least} are kept ready: more would be past "
                f"`plugins.mcp.warm_memory`, {ByteSize(self._bounds.memory.most).human_readable()}"
            )
        return lease

    def _pause(self, now: float) -> float:
        """Seconds until there may be something to do, if nothing happens meanwhile."""
        oldest = min((member.born for member in self._idle), default=math.inf)
        rest = self._not_before - now if self._not_before > now else math.inf
        return max(0.0, min(oldest + self._bounds.age - now, rest, self._demand.falls_in(now)))

    @contextmanager
    def _going_first(self) -> Generator[None]:
        """None is started ahead meanwhile."""
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1
            self._stir()

    def _stir(self) -> None:
        self._stirred.set()


def _first_line(error: BaseException) -> str:
    return in_words(error).partition("\n")[0]
