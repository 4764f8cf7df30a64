"""The tools themselves: what an agent calls, each on its own session's sandbox."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from massgen_core.errors import ToolFailed
from massgen_core.result import FileReference, Image, Text, ToolResult
from massgen_core.sandbox import Sandbox, download, upload
from massgen_core.schema.generate import schema_of
from massgen_core.shell.place import Place
from massgen_core.shell.progress import Telling
from massgen_core.shell.reports import (
    CommandReport,
    ProcessReport,
    command_result,
    process_line,
    process_report,
    process_result,
)
from massgen_core.shell.settings import ShellSettings
from massgen_core.tools import ProviderContext, Tool, ToolContext, tool

_MARGIN = 2.0
"""Seconds that are left of a call's own time for answering once a command has run out of its."""

_LONGEST_WAIT = 600.0

Timeout = Annotated[float | None, Field(gt=0, description="Seconds after which it is ended, with all that it started.")]
Workdir = Annotated[str | None, Field(description="Folder to run in; the workspace when there is one.")]
Stdin = Annotated[str, Field(description="What it reads from its standard input.")]
Id = Annotated[str, Field(description="The process, as process_start named it.")]
Cursor = Annotated[int, Field(description="Where to go on, from the last answer; negative counts from the end.")]
Limit = Annotated[int, Field(gt=0, le=1024 * 1024, description="Bytes of output at most.")]
SignalName = Literal["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "SIGKILL"]


@asynccontextmanager
async def serve(settings: ShellSettings, context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    """The tools of one runtime; sandboxes belong to its sessions."""
    place = Place(settings, context)
    await place.prepare()
    yield [*_commands(place, settings), *_processes(place, settings), *_files(place)]


def _commands(place: Place, settings: ShellSettings) -> Iterator[Tool]:
    """Commands that are waited for."""

    @tool(access=settings.access)
    async def execute_command(
        command: Annotated[str, Field(description="A command line for bash, or sh where there is none.")],
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

    yield _answering(execute_command, CommandReport)
    yield _answering(run_python, CommandReport)


def _processes(place: Place, settings: ShellSettings) -> Iterator[Tool]:
    """Processes in the background."""

    @tool(access=settings.access)
    async def process_start(
        command: Annotated[str, Field(description="A command line for bash, or sh where there is none.")],
        context: ToolContext,
        workdir: Workdir = None,
        wait: Annotated[float, Field(ge=0, le=60, description="Seconds to wait for what it says first.")] = 0.5,
    ) -> ToolResult:
        """Start a server or another long command in the background of this session's sandbox."""
        shell = await place.shell(context)
        process = await shell.start(command, workdir=workdir)
        await process.wait(wait, until=None, cursor=0)
        return process_result(shell, process, cursor=0, limit=int(settings.shown))

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
        await process.wait(_within(timeout, context), until=until, cursor=cursor)
        return process_result(shell, process, cursor=cursor, limit=limit)

    @tool(access=["execute"])
    async def process_input(
        id: Id,
        context: ToolContext,
        text: Annotated[str, Field(description="What it reads; end a line with a newline.")] = "",
        end: Annotated[bool, Field(description="Nothing comes after this: close its standard input.")] = False,
    ) -> str:
        """Write to the standard input of a background process."""
        shell = await place.shell(context)
        return await shell.processes.find(id).write(text.encode(), end=end, seconds=_within(30.0, context))

    @tool(access=["execute"])
    async def process_signal(id: Id, context: ToolContext, signal: SignalName = "SIGTERM") -> str:
        """Send a signal to a background process; SIGKILL ends everything that it has started, too."""
        shell = await place.shell(context)
        return await shell.processes.find(id).signal(signal)

    yield _answering(process_start, ProcessReport)
    yield process_list
    yield _answering(process_output, ProcessReport)
    yield _answering(process_wait, ProcessReport)
    yield process_input
    yield process_signal


def _files(place: Place) -> Iterator[Tool]:
    """Files, in and out."""

    @tool(access=["write"])
    async def upload_file(
        path: Annotated[str, Field(min_length=1, description="Where it goes in the sandbox.")],
        content: str,
        context: ToolContext,
        encoding: Annotated[Literal["utf-8", "base64"], Field(description="How `content` is written.")] = "utf-8",
        mode: Annotated[str | None, Field(pattern="^[0-7]{3,4}$", description="Permissions, 755 say.")] = None,
    ) -> str:
        """Put a file into this session's sandbox; it is there as a whole or not at all."""
        data = _decoded(content, encoding)
        shell = await place.shell(context)
        await upload(shell.sandbox, path, data, mode=None if mode is None else int(mode, 8))
        return f"{len(data)} bytes are in {path}"

    @tool(access=["read"])
    async def download_file(
        path: Annotated[str, Field(min_length=1, description="The file in the sandbox.")],
        context: ToolContext,
        offset: Annotated[int, Field(ge=0, description="Bytes to leave out at its beginning.")] = 0,
        limit: Annotated[int, Field(gt=0, le=32 * 1024 * 1024, description="Bytes at most.")] = 1024 * 1024,
    ) -> ToolResult:
        """Get a file, or a part of it, out of this session's sandbox."""
        shell = await place.shell(context)
        data, more = await _part(shell.sandbox, path, offset, limit)
        note = (Text(text=f"[there is more; go on at offset {offset + len(data)}]"),) if more else ()
        return ToolResult(content=(_as_content(path, data), *note))

    yield upload_file
    yield download_file


def _answering(made: Tool, report: type) -> Tool:
    """A tool whose structured answers are of this kind."""
    return replace(made, output_schema=schema_of(TypeAdapter(report), mode="serialization", name="result"))


def _seconds(timeout: float | None, settings: ShellSettings, context: ToolContext) -> float:
    return _within(settings.timeout if timeout is None else timeout, context)


def _within(seconds: float, context: ToolContext) -> float:
    """A time that leaves the call enough of its own for an answer."""
    left = context.deadline
    return seconds if left is None else max(0.1, min(seconds, left - _MARGIN))


def _decoded(content: str, encoding: str) -> bytes:
    if encoding == "utf-8":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ToolFailed("", f"`content` is not base64: {error}") from None


async def _part(sandbox: Sandbox, path: str, offset: int, limit: int) -> tuple[bytes, bool]:
    """Bytes of a file, and whether more follow."""
    found, left = bytearray(), offset
    async with download(sandbox, path) as pieces:
        async for piece in pieces:
            skipped = min(left, len(piece))
            left -= skipped
            found += piece[skipped:]
            if len(found) > limit:
                break
    return bytes(found[:limit]), len(found) > limit


def _as_content(path: str, data: bytes) -> Text | Image | FileReference:
    kind = mimetypes.guess_type(path)[0] or ""
    if kind.startswith("image/"):
        return Image(data=data, mime_type=kind)
    try:
        return Text(text=data.decode())
    except UnicodeDecodeError:
        return FileReference(
            uri=f"sandbox:{path}", mime_type=kind or "application/octet-stream", size=len(data), data=data
        )
