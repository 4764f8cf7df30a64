"""One call from name to result: look up, validate, permit, go through the middlewares, run under limits."""

from __future__ import annotations

import difflib
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
from anyio import CapacityLimiter

from massgen_core.calls.permissions import Policy
from massgen_core.calls.registry import Entry, Registry
from massgen_core.errors import (
    ArgumentsInvalid,
    MassgenError,
    PermissionDenied,
    ToolCallError,
    ToolFailed,
    ToolNotFound,
    ToolTimeout,
)
from massgen_core.result import ToolResult
from massgen_core.tools import Call, Event, Middleware, Next

OnEvent = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The session that calls: who, where, and what it may do."""

    session_id: str
    agent: str | None
    workspace: Path | None
    policy: Policy


@dataclass(slots=True, kw_only=True)
class CallContext:
    """What the running tool is given; implements `massgen_core.ToolContext`."""

    tool: str
    agent: str | None
    session_id: str
    workspace: Path | None
    limiter: CapacityLimiter = field(repr=False)
    on_event: OnEvent | None = field(default=None, repr=False)
    expires: float | None = None

    @property
    def deadline(self) -> float | None:
        """Seconds left for this call."""
        return None if self.expires is None else max(0.0, self.expires - time.monotonic())

    async def report(self, event: Event) -> None:
        """Hand progress or an early part to whoever called."""
        if self.on_event is not None:
            await self.on_event(event)

    def report_from_thread(self, event: Event) -> None:
        """`report`, from a worker thread."""
        anyio.from_thread.run(self.report, event)


class Pipeline:
    """Everything between a session and a tool."""

    def __init__(self, registry: Registry, middlewares: Sequence[Middleware]) -> None:
        self._registry = registry
        ordered = sorted(middlewares, key=lambda middleware: (middleware.order, middleware.name))
        self._outer = tuple(middleware for middleware in ordered if middleware.outer)
        self._inner = tuple(middleware for middleware in ordered if not middleware.outer)

    async def call(
        self,
        caller: Caller,
        name: str,
        arguments: Mapping[str, Any],
        *,
        timeout: float | None = None,
        on_event: OnEvent | None = None,
    ) -> ToolResult:
        """Make one call; every failure of the call itself comes back as an error result.

        ``timeout`` in seconds replaces the tool's own limit when it is shorter.
        """
        entry = self._registry.find(name)
        if entry is None or not caller.policy.sees(name):
            return ToolResult.failure(self._not_found(caller, name))
        call = Call(
            id=uuid.uuid4().hex,
            tool=entry.tool,
            name=name,
            arguments=arguments,
            plugin=entry.owner.plugin,
            distribution=entry.owner.distribution,
            version=entry.owner.version,
            agent=caller.agent,
            session_id=caller.session_id,
        )
        run = partial(_run, entry, caller, on_event, _shortest(timeout, entry.tool.timeout or entry.owner.timeout))
        guarded = partial(_admit, caller.policy, _chain(self._inner, run))
        return await _answer(_chain(self._outer, guarded), call)

    def _not_found(self, caller: Caller, name: str) -> ToolNotFound:
        visible = [entry.name for entry in self._registry if caller.policy.sees(entry.name)]
        near = difflib.get_close_matches(name, visible, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else f"; there are {len(visible)} tools"
        return ToolNotFound(name, f"no tool {name!r}{hint}")


def _shortest(first: float | None, second: float) -> float:
    return second if first is None else min(first, second)


def _chain(middlewares: Sequence[Middleware], innermost: Next) -> Next:
    """The middlewares as one function, the first of them outermost."""
    following = innermost
    for middleware in reversed(middlewares):
        following = partial(_step, middleware.around, following)
    return following


async def _step(around: Callable[[Call, Next], Awaitable[ToolResult]], following: Next, call: Call) -> ToolResult:
    return await around(call, partial(_answer, following))


async def _answer(following: Next, call: Call) -> ToolResult:
    """The boundary between stages: what is raised below becomes an error result here, so every middleware sees it."""
    try:
        return await following(call)
    except ToolCallError as error:
        error.tool = error.tool or call.name
        return ToolResult.failure(error)
    except MassgenError as error:
        return ToolResult.failure(_caused(ToolFailed(call.name, str(error)), error))
    except Exception as error:  # the one boundary of stage "call"
        message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return ToolResult.failure(_caused(ToolFailed(call.name, message), error))


def _caused(failure: ToolFailed, cause: BaseException) -> ToolFailed:
    failure.__cause__ = cause
    return failure


async def _admit(policy: Policy, following: Next, call: Call) -> ToolResult:
    """Let a call through whose session may make it and whose arguments are valid."""
    if refusal := policy.refusal(call.tool):
        raise PermissionDenied(call.name, f"{call.name} is not allowed: {refusal}")
    if call.tool.validate is not None:
        try:
            call = replace(call, arguments=call.tool.validate(call.arguments))
        except ArgumentsInvalid as error:
            raise ArgumentsInvalid(call.name, str(error)) from error
    return await following(call)


async def _run(entry: Entry, caller: Caller, on_event: OnEvent | None, timeout: float, call: Call) -> ToolResult:
    context = CallContext(
        tool=entry.name,
        agent=caller.agent,
        session_id=caller.session_id,
        workspace=caller.workspace,
        limiter=entry.owner.threads,
        on_event=on_event,
        expires=time.monotonic() + timeout,
    )
    with anyio.move_on_after(timeout):
        async with _slot(entry.owner.calls), _slot(entry.slots):
            return await call.tool.invoke(call.arguments, context)
    raise ToolTimeout(call.name, f"{call.name} did not answer within {timeout:g} s and was stopped")


@asynccontextmanager
async def _slot(limiter: CapacityLimiter | None) -> AsyncGenerator[None]:
    """One place under a limit; held by the call, so that a task may hold several."""
    if limiter is None:
        yield
        return
    holder = object()
    await limiter.acquire_on_behalf_of(holder)
    try:
        yield
    finally:
        limiter.release_on_behalf_of(holder)
