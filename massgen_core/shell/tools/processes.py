"""Processes in the background: start, list, read, wait, write, signal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import Field

from massgen_core.result import Text, ToolResult
from massgen_core.shell.place import Place
from massgen_core.shell.reports import ProcessReport, process_line, process_report, process_result
from massgen_core.shell.settings import ShellSettings
from massgen_core.shell.tools.common import Line, Workdir, answering, within
from massgen_core.tools import Tool, ToolContext, tool

_LONGEST_WAIT = 600.0
_WRITE_SECONDS = 30.0

Id = Annotated[str, Field(description="The process, as process_start named it.")]
Cursor = Annotated[int, Field(description="Where to go on, from the last answer; negative counts from the end.")]
Limit = Annotated[int, Field(gt=0, le=1024 * 1024, description="Bytes of output at most.")]
SignalName = Literal["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "SIGKILL"]


def process_tools(place: Place, settings: ShellSettings) -> Iterator[Tool]:
    """Everything about background processes."""
    yield from _starting(place, settings)
    yield from _listening(place)
    yield from _speaking(place)


def _starting(place: Place, settings: ShellSettings) -> Iterator[Tool]:
    @tool(access=settings.access)
    async def process_start(
        command: Line,
        context: ToolContext,
        workdir: Workdir = None,
        wait: Annotated[float, Field(ge=0, le=60, description="Seconds to wait for what it says first.")] = 0.5,
    ) -> ToolResult:
        """Start a server or another long command in the background of this session's sandbox."""
        shell = await place.shell(context)
        process = await shell.start(command, workdir=workdir)
        await process.wait(wait, until=None, cursor=0)
        return process_result(shell, process, cursor=0, limit=int(settings.shown))

    yield answering(process_start, ProcessReport)


def _listening(place: Place) -> Iterator[Tool]:
    @tool(access=[])
    async def process_list(context: ToolContext) -> ToolResult:
        """List this session's background processes."""
        shell = await place.shell(context)
        processes = shell.processes.all
        found = [process_report(shell, each, cursor=each.log.end, limit=1) for each in processes]
        lines = [process_line(each) for each in processes] or ["There are no background processes."]
        return ToolResult(
            content=(Text(text="\n".join(lines)),), structured={"processes": [asdict(report) for report in found]}
        )

    @tool(access=[])
    async def process_output(id: Id, context: ToolContext, cursor: Cursor = 0, limit: Limit = 32768) -> ToolResult:
        """Read what a background process has said since a cursor."""
        shell = await place.shell(context)
        return process_result(shell, shell.processes.find(id), cursor=cursor, limit=limit)

    @tool(access=[])
    async def process_wait(
        id: Id,
        context: ToolContext,
        timeout: Annotated[float, Field(gt=0, le=_LONGEST_WAIT, description="Seconds to wait at most.")] = 30.0,
        until: Annotated[str | None, Field(min_length=1, description="Wait only until it has said this.")] = None,
        cursor: Cursor = 0,
        limit: Limit = 32768,
    ) -> ToolResult:
        """Wait until a background process ends, or has said something; then read what it has said since a cursor."""
        shell = await place.shell(context)
        process = shell.processes.find(id)
        await process.wait(within(timeout, context), until=until, cursor=cursor)
        return process_result(shell, process, cursor=cursor, limit=limit)

    yield process_list
    yield answering(process_output, ProcessReport)
    yield answering(process_wait, ProcessReport)


def _speaking(place: Place) -> Iterator[Tool]:
    @tool(access=["execute"])
    async def process_input(
        id: Id,
        context: ToolContext,
        text: Annotated[str, Field(description="What it reads; end a line with a newline.")] = "",
        end: Annotated[bool, Field(description="Nothing comes after this: close its standard input.")] = False,
    ) -> str:
        """Write to the standard input of a background process."""
        shell = await place.shell(context)
        return await shell.processes.find(id).write(text.encode(), end=end, seconds=within(_WRITE_SECONDS, context))

    @tool(access=["execute"])
    async def process_signal(id: Id, context: ToolContext, signal: SignalName = "SIGTERM") -> str:
        """Send a signal to a background process; SIGKILL ends everything that it has started, too."""
        shell = await place.shell(context)
        return await shell.processes.find(id).signal(signal)

    yield process_input
    yield process_signal
