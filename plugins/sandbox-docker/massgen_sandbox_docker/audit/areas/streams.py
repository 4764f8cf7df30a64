"""Attempts on whoever reads a sandbox's output: floods, one endless line, escape sequences, a huge command."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiodocker
import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.audit.judges import nothing_found
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.naive import listener_dies
from massgen_sandbox_docker.audit.scenes import aftermath
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.terminal import printable

_MIB = 1024 * 1024
_FLOOD = 128 * _MIB
_KEEP = 1 * _MIB
_TIME = 60.0
_ESCAPES = "\x1b]52;c;bWFzc2dlbg==\x07\x1b[2J\x1b[31mred\x9b8m\x00\r"


async def _stdout(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """One line without an end, of zero bytes and bytes that are no text."""
    script = f"yes \"$(printf '\\377\\000')\" | tr '\\n' '\\0' | head -c {_FLOOD}"
    async with stage.sandbox() as sandbox:
        limit = _KEEP if not stage.weak else 2 * _FLOOD  # who has not thought of it keeps everything
        result = await sandbox.exec(["sh", "-c", script], deadline=_TIME, max_output=limit)
        problems = await aftermath(stage, sandbox)
    facts = {"kept": len(result.stdout), "counted": result.stdout_bytes, "sent": _FLOOD, "limit": _KEEP}
    return {attempts[0].id: {**facts, "aftermath": problems}}


async def _stderr(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """The main process floods stderr, and only then answers on stdout."""
    script = f'read line; head -c {_FLOOD} /dev/zero >&2; echo "answer to $line"; cat'
    everything: list[int] = []
    answer = b""
    async with stage.sandbox("sh", "-c", script, on_stderr=lambda piece: everything.append(len(piece))) as sandbox:
        await sandbox.main.send(b"question\n")
        with anyio.move_on_after(_TIME):
            while b"\n" not in answer:
                answer += await sandbox.main.receive()
        kept = sum(everything) if stage.weak else len(sandbox.main.stderr_tail())
        problems = await aftermath(stage, sandbox)
    facts = {"answered": answer == b"answer to question\n", "kept": kept, "limit": _KEEP}
    return {attempts[0].id: {**facts, "aftermath": problems}}


async def _log(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """The main process writes, and the engine is asked what it has kept of it."""
    flood = 16 * _MIB
    received = 0
    async with stage.sandbox("sh", "-c", f"head -c {flood} /dev/zero | tr '\\0' x; cat") as sandbox:
        with anyio.move_on_after(_TIME):
            while received < flood:
                received += len(await sandbox.main.receive())
        kept = await _kept_by_engine(stage, sandbox.id)
    return {attempts[0].id: {"found": kept, **({"unable": "the flood did not come"} if received < flood else {})}}


async def _kept_by_engine(stage: Stage, name: str) -> list[str]:
    try:
        async with stage.backend.engine.control("ask for the log") as docker:
            reader: Any = container(docker, name)
            lines: list[str] = await reader.log(stdout=True, tail=1)
    except (SandboxError, aiodocker.DockerError):
        return []  # there is no log to be read
    return [f"its last line of {len(lines[0]) / _MIB:.1f} MiB in the engine's log"] if lines else []


async def _command(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """A command of 700 KiB, which the engine tells every listener on one line."""
    huge = ["true", *["x" * 90_000] * 8]
    async with stage.sandbox() as sandbox:
        if stage.weak:
            died = await listener_dies(stage, sandbox, huge)
            return {attempts[0].id: {"found": [died] if died else []}}
        try:
            answer = f"ended with {(await sandbox.exec(huge, env={'AUDIT': huge[1]}, deadline=_TIME)).exit_code}"
        except SandboxError as error:
            answer = str(error).splitlines()[0][:120]
        after = await sandbox.exec(["true"], deadline=_TIME)
        problems = await aftermath(stage, sandbox)
    found = [] if after.exit_code == 0 else ["no command runs any more"]
    return {attempts[0].id: {"found": found, "answer": answer, "aftermath": problems}}


async def _terminal(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """What a command prints, as our own commands would show it."""
    async with stage.sandbox() as sandbox:
        result = await sandbox.exec(["python3", "-c", f"print({_ESCAPES!r})"], deadline=_TIME)
    text = result.stdout.decode("utf-8", "replace")
    if "red" not in text:
        return {attempts[0].id: {"unable": "the command printed nothing"}}
    shown = text if stage.weak else printable(text)
    return {attempts[0].id: {"found": [f"{char!r}" for char in shown if not char.isprintable() and char != "\n"]}}


def judge_flood(facts: Facts) -> Judgement:
    """Bounded in memory, and counted in full."""
    kept, counted, sent = int(facts["kept"]), int(facts["counted"]), int(facts["sent"])
    text = f"{_mib(kept)} kept, {_mib(counted)} counted of {_mib(sent)}"
    return (held if kept <= facts["limit"] and counted == sent else hole)(text)


def judge_answer(facts: Facts) -> Judgement:
    """The answer came, and little of the flood was kept."""
    text = f"{'answered' if facts['answered'] else 'no answer'}, {_mib(int(facts['kept']))} of stderr kept"
    return (held if facts["answered"] and facts["kept"] <= facts["limit"] else hole)(text)


def _mib(size: int) -> str:
    return f"{math.ceil(size * 10 / _MIB) / 10:g} MiB"


_attempt = partial(attempt, "protocol")


ATTEMPTS = (
    _attempt(
        "stdout-flood",
        "write 128 MiB to stdout, without a newline, as bytes that are no text",
        "A bounded part is kept; all of it is counted.",
        "OWASP MCP §5, ATT&CK T1499",
        _stdout,
        judge_flood,
    ),
    _attempt(
        "stderr-flood",
        "write 128 MiB to stderr before an answer on stdout",
        "The answer arrives, and stderr is bounded.",
        "OWASP MCP §5, ATT&CK T1499",
        _stderr,
        judge_answer,
    ),
    _attempt(
        "log-flood",
        "fill the engine's log",
        "The engine keeps none.",
        "OWASP Docker Rule 7, ATT&CK T1499.001",
        _log,
        nothing_found("the engine keeps none"),
    ),
    _attempt(
        "huge-command",
        "make the engine tell its listeners of a command of 700 KiB",
        "Commands run as before.",
        "OWASP MCP §5, ATT&CK T1499",
        _command,
        nothing_found("commands run as before"),
    ),
    _attempt(
        "terminal-escapes",
        "send escape sequences to the terminal (clear, hide, write the clipboard)",
        "None reaches it.",
        "OWASP MCP §5, ATT&CK T1499",
        _terminal,
        nothing_found("none reaches it"),
    ),
)
