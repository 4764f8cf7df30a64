"""One call from name to result: look up, validate, permit, go through the middlewares, run under limits."""

from __future__ import annotations

import difflib
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
from anyio import CapacityLimiter

from massgen_core.calls.permissions import Policy
from massgen_core.calls.registry import Entry, Registry
from massgen_core.errors import (
    SURVIVABLE,
    ArgumentsInvalid,
    PermissionDenied,
    ToolCallError,
    ToolFailed,
    ToolNotFound,
    ToolTimeout,
    in_words,
    root_cause,
)
from massgen_core.result import ToolResult
from massgen_core.tools import Call, Event, Middleware, Next, Tool

LONGEST_NAME = 128
"""Characters of a tool's name that are kept, where no such tool exists: the name comes from a model."""

OnEvent = Callable[[Event], Awaitable[None]]
T = TypeVar("T")


class SessionResources(Protocol):
    """What belongs to a session; see `massgen_core.resources.Resources`."""

    async def get(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What stands under a key, opened where it is not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The session that calls: who, where, and what it may do."""

    session_id: str
    agent: str | None
    workspace: Path | None
    policy: Policy
    resources: SessionResources = field(repr=False)


@dataclass(slots=True, kw_only=True)
class CallContext:
    """What the running tool is given; implements `massgen_core.ToolContext`."""

    tool: str
    agent: str | None
    session_id: str
    workspace: Path | None
    limiter: CapacityLimiter = field(repr=False)
    resources: SessionResources = field(repr=False)
    on_event: OnEvent | None = field(default=None, repr=False)
    expires: float | None = None
    over: bool = False

    @property
    def deadline(self) -> float | None:
        """Seconds left for this call."""
        return None if self.expires is None else max(0.0, self.expires - time.monotonic())

    async def report(self, event: Event) -> None:
        """Hand progress or an early part to whoever called; a tool that only reports can still be cancelled here.

        Once the call is over nobody listens any more: a thread that could not be stopped reports to no one.
        """
        await anyio.lowlevel.checkpoint()
        if self.on_event is not None and not self.over:
            await self.on_event(event)

    def report_from_thread(self, event: Event) -> None:
        """`report`, from a worker thread."""
        anyio.from_thread.run(self.report, event)

    async def resource(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What belongs to the session under a key."""
        return await self.resources.get(key, open_context)


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
            last = partial(_refuse, self._not_found(caller, name))
        else:
            run = partial(_run, entry, caller, on_event, _shortest(timeout, entry.timeout))
            last = partial(_admit, caller.policy, _chain(self._inner, run))
        return await _answer(_chain(self._outer, last), _call(caller, name, arguments, entry))

    def _not_found(self, caller: Caller, name: str) -> ToolNotFound:
        visible = [entry.name for entry in self._registry if caller.policy.sees(entry.name)]
        near = difflib.get_close_matches(name[:LONGEST_NAME], visible, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else f"; there are {len(visible)} tools"
        return ToolNotFound(name[:LONGEST_NAME], f"no tool {name[:LONGEST_NAME]!r}{hint}")


def _call(caller: Caller, name: str, arguments: Mapping[str, Any], entry: Entry | None) -> Call:
    owner = entry.owner if entry else None
    return Call(
        id=uuid.uuid4().hex,
        tool=entry.tool if entry else Tool(name=name[:LONGEST_NAME], description="", input_schema={}, invoke=_nobody),
        name=name[:LONGEST_NAME],
        arguments=arguments,
        plugin=owner.plugin if owner else "",
        distribution=owner.distribution if owner else None,
        version=owner.version if owner else None,
        agent=caller.agent,
        session_id=caller.session_id,
    )


async def _nobody(arguments: Mapping[str, Any], context: object) -> ToolResult:
    """What stands behind a tool that does not exist; middlewares see the attempt, and it is never reached."""
    raise LookupError("no such tool")


def _shortest(first: float | None, second: float) -> float:
    return second if first is None else min(first, second)


def _chain(middlewares: Sequence[Middleware], innermost: Next) -> Next:
    """The middlewares as one function, the first of them outermost."""
    following = innermost
    for middleware in reversed(middlewares):
        following = partial(_step, middleware, following)
    return following


async def _step(middleware: Middleware, following: Next, call: Call) -> ToolResult:
    """Go through one middleware; what goes wrong in it is told from what goes wrong in the tool."""
    try:
        return _result(await middleware.around(call, partial(_answer, following)))
    except ToolCallError:
        raise
    except SURVIVABLE as error:
        raise ToolFailed(call.name, f"middleware {middleware.name!r} failed: {in_words(root_cause(error))}") from error


async def _answer(following: Next, call: Call) -> ToolResult:
    """The boundary between stages: what is raised below becomes an error result here, so every middleware sees it."""
    try:
        return await following(call)
    except SURVIVABLE as error:
        return _failure(call, root_cause(error))
    except BaseExceptionGroup as group:  # a tool's own task group, in which something called `sys.exit`
        if group.split(SURVIVABLE)[1] is not None:
            raise
        return _failure(call, root_cause(group))


def _failure(call: Call, error: BaseException) -> ToolResult:
    if isinstance(error, ToolCallError):
        error.tool = error.tool or call.name
        return ToolResult.failure(error)
    failed = ToolFailed(call.name, in_words(error))
    failed.__cause__ = error
    return ToolResult.failure(failed)


def _result(value: object) -> ToolResult:
    if not isinstance(value, ToolResult):
        raise TypeError(f"it returned {type(value).__name__}, not a ToolResult")
    return value


async def _refuse(error: ToolCallError, call: Call) -> ToolResult:
    raise error


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
        resources=caller.resources,
        on_event=on_event,
        expires=time.monotonic() + timeout,
    )
    try:
        with anyio.move_on_after(timeout):
            async with _slot(entry.owner.calls), _slot(entry.slots):
                return _result(await call.tool.invoke(call.arguments, context))
    finally:
        context.over = True
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
