"""Commands and programs that are waited for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from massgen_core.result import ToolResult
from massgen_core.shell.place import Place
from massgen_core.shell.progress import Telling
from massgen_core.shell.reports import CommandReport, command_result
from massgen_core.shell.settings import ShellSettings
from massgen_core.shell.tools.common import Line, Workdir, answering, within
from massgen_core.tools import Tool, ToolContext, tool

Timeout = Annotated[float | None, Field(gt=0, description="Seconds after which it is ended, with all that it started.")]
Stdin = Annotated[str, Field(description="What it reads from its standard input.")]


def command_tools(place: Place, settings: ShellSettings) -> Iterator[Tool]:
    """Run a command line, run a Python program."""

    @tool(access=settings.access)
    async def execute_command(
        command: Line,
        context: ToolContext,
        timeout: Timeout = None,
        workdir: Workdir = None,
        stdin: Stdin = "",
    ) -> ToolResult:
        """Run a shell command in this session's sandbox and wait for its end.

        Files and installed programs stay for the next command; variables and the current folder do not.
        """
        shell = await place.shell(context)
        ran = await shell.run(
            command,
            timeout=_seconds(timeout, settings, context),
            workdir=workdir,
            stdin=stdin,
            on_output=Telling(context.report).take,
        )
        return command_result(shell, ran)

    @tool(access=settings.access)
    async def run_python(
        code: Annotated[str, Field(description="A Python program; print what you want to see.")],
        context: ToolContext,
        timeout: Timeout = None,
        workdir: Workdir = None,
        stdin: Stdin = "",
    ) -> ToolResult:
        """Run a Python program in this session's sandbox, in an interpreter of its own."""
        shell = await place.shell(context)
        ran = await shell.run_python(
            code,
            timeout=_seconds(timeout, settings, context),
            workdir=workdir,
            stdin=stdin,
            on_output=Telling(context.report).take,
        )
        return command_result(shell, ran)

    yield answering(execute_command, CommandReport)
    yield answering(run_python, CommandReport)


def _seconds(timeout: float | None, settings: ShellSettings, context: ToolContext) -> float:
    return within(settings.timeout if timeout is None else timeout, context)
