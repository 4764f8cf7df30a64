"""Jobs that go on after the call that began them: how far they are, what came of them, and their end.

They belong to the session: its end ends them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.from_thread
from anyio.abc import TaskGroup

from massgen_core.errors import SURVIVABLE, ToolFailed, in_words
from massgen_core.media.job import Job
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Event, Progress, ToolContext

T = TypeVar("T")

_KEY = "core.media.jobs"
_MOST = 50
"""Jobs that one session may have at once, and ended ones that are remembered."""

Work = Callable[[ToolContext], Awaitable[ToolResult]]


class Jobs:
    """The background jobs of one session, the newest last."""

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._tickets: dict[str, Ticket] = {}

    @classmethod
    async def of(cls, context: ToolContext) -> Jobs:
        """Those of the session that calls."""
        return await context.resource(_KEY, _opened)

    def start(self, context: ToolContext, work: Work) -> Ticket:
        """Begin a job that may outlive the call that asks for it.

        Raises:
            ToolFailed: There are too many already.
        """
        if sum(ticket.job.ended is None for ticket in self._tickets.values()) >= _MOST:
            raise ToolFailed("", f"there are {_MOST} jobs at work already: wait for one, or end it with `media_cancel`")
        ticket = Ticket(context.tool)
        self._tickets[ticket.job.id] = ticket
        self._tasks.start_soon(ticket.run, Detached(context, ticket.job), work)
        for old in [ticket.job.id for ticket in self._tickets.values() if ticket.job.ended is not None][:-_MOST]:
            del self._tickets[old]
        return ticket

    def __iter__(self) -> Iterator[Ticket]:
        return iter(self._tickets.values())

    def find(self, id: str) -> Ticket:
        """A job by its id. Raises `ToolFailed` where there is none."""
        if id not in self._tickets:
            raise ToolFailed("", f"there is no job {id!r}; there are: {', '.join(self._tickets) or 'none'}")
        return self._tickets[id]


class Ticket:
    """A job, the tool that began it, and its result once there is one."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self.job: Job = Job(Path())
        self.result: ToolResult | None = None
        self._ended = anyio.Event()

    async def run(self, context: ToolContext, work: Work) -> None:
        """Do the work; whatever comes of it is the result."""
        try:
            self.result = await self.job.run(lambda: work(context))
        except ToolFailed as error:
            self.result = ToolResult.failure(error)
        except SURVIVABLE as error:
            self.result = ToolResult.failure(ToolFailed(self.tool, in_words(error)))
        finally:
            self._ended.set()

    async def wait(self, seconds: float) -> None:
        """Wait for its end, so long at most."""
        with anyio.move_on_after(seconds):
            await self._ended.wait()

    def begun(self) -> ToolResult:
        """What the call that began it answers."""
        text = f"Job {self.job.id} has begun. `media_job` says how far it is, and gives its result when it has ended."
        return ToolResult(content=(Text(text=text),), structured={"job": self.to_json()})

    def to_json(self) -> dict[str, Any]:
        """Its state as plain values."""
        return {"tool": self.tool} | self.job.to_json()


@dataclass(slots=True)
class Detached:
    """A call's context without the call: what is reported goes to the job."""

    _context: ToolContext
    _job: Job

    @property
    def tool(self) -> str:
        """The tool that began it."""
        return self._context.tool

    @property
    def agent(self) -> str | None:
        """The session's agent."""
        return self._context.agent

    @property
    def session_id(self) -> str:
        """The session's identifier."""
        return self._context.session_id

    @property
    def workspace(self) -> Path | None:
        """The session's workspace."""
        return self._context.workspace

    @property
    def deadline(self) -> float | None:
        """None: it ends with the session at the latest."""
        return None

    async def report(self, event: Event) -> None:
        """Note progress; parts that come early are in the result anyway."""
        if isinstance(event, Progress):
            await self._job.tell(event.done / (event.total or 1.0), event.message)

    def report_from_thread(self, event: Event) -> None:
        """The same, from a worker thread."""
        anyio.from_thread.run(self.report, event)

    async def resource(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What belongs to the session."""
        return await self._context.resource(key, open_context)


@asynccontextmanager
async def _opened() -> AsyncGenerator[Jobs]:
    async with anyio.create_task_group() as tasks:
        try:
            yield Jobs(tasks)
        finally:
            tasks.cancel_scope.cancel()
