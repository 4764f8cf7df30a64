"""One agent's view of a runtime: its tools, its workspace, its permissions."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import TaskGroup

from massgen_core.calls.permissions import Policy
from massgen_core.calls.pipeline import Caller, OnEvent, Pipeline
from massgen_core.calls.registry import Entry, Registry
from massgen_core.errors import ToolFailed
from massgen_core.formats import Format, tool_schemas
from massgen_core.resources import Resources
from massgen_core.result import ToolResult
from massgen_core.tools import Event


class Session:
    """An agent's tools and how it calls them; made by `Runtime.session`."""

    def __init__(
        self,
        registry: Registry,
        pipeline: Pipeline,
        *,
        agent: str | None,
        workspace: Path | None,
        policy: Policy,
        resources: Resources,
    ) -> None:
        self.id: str = uuid.uuid4().hex[:12]
        self.agent = agent
        self.workspace = workspace
        self._registry = registry
        self._pipeline = pipeline
        self._resources = resources
        self._caller = Caller(session_id=self.id, agent=agent, workspace=workspace, policy=policy, resources=resources)
        self._running: set[anyio.CancelScope] = set()
        self._closed = False

    @property
    def tools(self) -> tuple[Entry, ...]:
        """The visible tools, sorted by exposed name."""
        return tuple(entry for entry in self._registry if self._caller.policy.sees(entry.name))

    def tool_schemas(self, format: Format = "mcp") -> list[dict[str, Any]]:
        """The visible tools as one model API wants them; see `massgen_core.formats.tool_schemas`."""
        return tool_schemas(((entry.name, entry.tool) for entry in self.tools), format)

    async def call(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = None,
        on_event: OnEvent | None = None,
    ) -> ToolResult:
        """Call a tool by its exposed name.

        Whatever goes wrong with the call comes back as a result with ``is_error`` set, in words a model can act on;
        `ToolResult.raise_for_error` turns it into an exception. ``timeout`` is in seconds and can only shorten the
        configured one. ``on_event`` is awaited with each `Progress` and each part that the tool reports early.
        """
        if self._closed:
            return ToolResult.failure(ToolFailed(name, "the session is closed"))
        with anyio.CancelScope() as scope:
            self._running.add(scope)
            try:
                return await self._pipeline.call(
                    self._caller, name, arguments or {}, timeout=timeout, on_event=on_event
                )
            finally:
                self._running.discard(scope)
        return ToolResult.failure(ToolFailed(name, "the session was closed during the call"))

    @asynccontextmanager
    async def stream(
        self, name: str, arguments: Mapping[str, Any] | None = None, /, *, timeout: float | None = None
    ) -> AsyncGenerator[AsyncIterable[Event | ToolResult]]:
        """Call a tool and iterate over what it reports; the last item is the `ToolResult`.

        Leaving the context early cancels the call.
        """
        send, receive = anyio.create_memory_object_stream[Event | ToolResult](0)
        body_error: BaseException | None = None

        async def run() -> None:
            await send.send(await self.call(name, arguments, timeout=timeout, on_event=send.send))
            send.close()

        with send, receive:
            async with anyio.create_task_group() as group:
                group.start_soon(run)
                try:
                    yield receive
                except anyio.get_cancelled_exc_class():
                    raise
                except BaseException as error:  # kept, so that it leaves bare instead of wrapped in a group
                    body_error = error
                group.cancel_scope.cancel()
        if body_error is not None:
            raise body_error

    async def close(self) -> None:
        """Cancel the calls that are still running, refuse new ones, and close what the session's tools have opened."""
        self._closed = True
        for scope in self._running:
            scope.cancel()
        await self._resources.close()


class Sessions:
    """The open sessions of one runtime; ``grace`` is how many seconds one of their resources may take to close."""

    def __init__(self, tasks: TaskGroup, *, grace: float, report: Callable[[str], None]) -> None:
        self._tasks = tasks
        self._grace = grace
        self._report = report
        self._open: set[Session] = set()

    def new_resources(self) -> Resources:
        """A place for what one session opens."""
        return Resources(self._tasks, grace=self._grace, report=self._report)

    @asynccontextmanager
    async def closing(self, session: Session) -> AsyncGenerator[None]:
        """Close a session at the end of the body, whatever it comes to."""
        self._open.add(session)
        try:
            yield
        finally:
            self._open.discard(session)
            with anyio.CancelScope(shield=True):
                await session.close()

    async def close(self) -> None:
        """Close those that are still open, before the providers go."""
        for session in list(self._open):
            await session.close()
