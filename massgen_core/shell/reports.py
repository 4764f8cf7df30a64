"""What the tools answer: the same as structured data and as text that a model reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from massgen_core.result import Text, ToolResult
from massgen_core.sandbox import Isolation
from massgen_core.shell.processes import BackgroundProcess
from massgen_core.shell.shell import Ran, Shell

WELL_HELD = 80
"""Percent of an isolation's findings; a sandbox that holds fewer says so in the text of every result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReport:
    """How a command ended, and what it said; long output is shown by its head and tail, and in full in a file."""

    exit_code: int | None = field(metadata={"description": "None when it ran out of time."})
    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    stdout_file: str | None
    stderr_file: str | None
    timed_out: bool
    seconds: float
    left_running: int
    all_ended: bool
    isolation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """A background process: whether it runs, and what it has said since the cursor that was asked about."""

    id: str
    command: str
    running: bool
    exit_code: int | None
    seconds: float
    problem: str | None
    stdout: str
    stderr: str
    cursor: int
    missed: int
    isolation: str


def isolation_line(isolation: Isolation) -> str:
    """One line: who runs the sandbox, and how much of what should hold it does."""
    held = sum(finding.ok for finding in isolation.findings)
    runtime = isolation.limits.get("runtime")
    named = f"{isolation.backend} ({runtime})" if runtime else isolation.backend
    return f"{named}: {held} of {len(isolation.findings)} protections hold"


def command_result(shell: Shell, ran: Ran) -> ToolResult:
    """The answer to a command that was waited for; an error where it ran out of time."""
    result = ran.result
    report = CommandReport(
        exit_code=result.exit_code,
        stdout=_text(result.stdout),
        stderr=_text(result.stderr),
        stdout_bytes=result.stdout_bytes,
        stderr_bytes=result.stderr_bytes,
        stdout_file=ran.files.get("stdout"),
        stderr_file=ran.files.get("stderr"),
        timed_out=result.timed_out,
        seconds=round(result.duration, 3),
        left_running=result.left_running,
        all_ended=result.tree_killed,
        isolation=isolation_line(shell.isolation),
    )
    said = [*_said(report.stdout, report.stderr), *_command_notes(report, ran.problems), *_sandbox_notes(shell)]
    return ToolResult(content=(Text(text="\n".join(said)),), structured=asdict(report), is_error=report.timed_out)


def process_result(shell: Shell, process: BackgroundProcess, *, cursor: int, limit: int) -> ToolResult:
    """The answer about one background process."""
    report = process_report(shell, process, cursor=cursor, limit=limit)
    said = [*_said(report.stdout, report.stderr), *_process_notes(report), *_sandbox_notes(shell)]
    return ToolResult(content=(Text(text="\n".join(said)),), structured=asdict(report))


def process_report(shell: Shell, process: BackgroundProcess, *, cursor: int, limit: int) -> ProcessReport:
    """What is known of one background process."""
    piece = process.log.read(cursor, limit)
    return ProcessReport(
        id=process.id,
        command=process.line,
        running=not process.over,
        exit_code=process.end.exit_code if process.end else None,
        seconds=round(process.age, 3),
        problem=str(process.failure).partition("\n")[0] if process.failure else None,
        stdout=_text(piece.stdout),
        stderr=_text(piece.stderr),
        cursor=piece.cursor,
        missed=piece.missed,
        isolation=isolation_line(shell.isolation),
    )


def process_line(process: BackgroundProcess) -> str:
    """One background process on one line."""
    line = process.line if len(process.line) <= 60 else f"{process.line[:59]}…"
    return f"{process.id}: {_state(process)} after {process.age:.1f} s: {line}"


def _state(process: BackgroundProcess) -> str:
    if not process.over:
        return "running"
    return f"exit code {process.end.exit_code}" if process.end else "lost"


def _said(stdout: str, stderr: str) -> Iterator[str]:
    if stdout:
        yield stdout.removesuffix("\n")
    if stderr:
        yield f"[stderr]\n{stderr.removesuffix(chr(10))}"


def _command_notes(report: CommandReport, problems: Sequence[str]) -> Iterator[str]:
    for stream, path in (("stdout", report.stdout_file), ("stderr", report.stderr_file)):
        if path:
            yield f"[all of {stream} is in {path}]"
    for problem in problems:
        yield f"[the whole output could not be kept: {problem}]"
    if report.timed_out:
        yield f"[ended after {report.seconds:g} s: out of time]"
    else:
        yield f"[exit code {report.exit_code}]"
    if report.left_running:
        yield f"[{report.left_running} processes that it had left running were ended; use process_start for those]"
    if not report.all_ended:
        yield "[something that it had started may still run]"


def _process_notes(report: ProcessReport) -> Iterator[str]:
    if report.missed:
        yield f"[{report.missed} bytes before this are not kept any more]"
    if report.running:
        yield f"[process {report.id} runs; go on at cursor {report.cursor}]"
    elif report.problem:
        yield f"[process {report.id} was lost: {report.problem}]"
    else:
        yield f"[process {report.id} ended, exit code {report.exit_code}; go on at cursor {report.cursor}]"


def _sandbox_notes(shell: Shell) -> Iterator[str]:
    if news := shell.news():
        yield f"[{news}]"
    if shell.isolation.score < WELL_HELD:
        yield f"[isolation is low: {isolation_line(shell.isolation)}]"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
