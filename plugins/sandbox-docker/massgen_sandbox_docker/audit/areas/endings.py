"""Attempts to outlive one's end: of a command that ran out of time, of a main process that is killed or stopped."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.audit.judges import nothing_found
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judgement, Scene, attempt, held, hole
from massgen_sandbox_docker.audit.naive import asked_to_end, forgotten_command
from massgen_sandbox_docker.audit.scenes import aftermath, is_there
from massgen_sandbox_docker.audit.ship import command
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.container.run import DockerSandbox

_TIME = 3.0
_NOTICE = 20.0
_IS_STOPPED = "for i in 1 2 3 4 5 6 7 8; do grep -q '^State:.T' /proc/[0-9]*/status && exit 0; sleep 0.5; done; exit 1"
_FIND = (
    "import os\n"
    "for pid in os.listdir('/proc'):\n"
    "  try: line = open(f'/proc/{pid}/cmdline', 'rb').read()\n"
    "  except OSError: continue\n"
    "  words = line.split(b'\\0')\n"
    "  if b'massgen-audit-survivor' in words: print(pid)\n"
)


async def _timeout(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """Run out of time, and look for what is left."""
    words = command("endings", {})
    async with stage.sandbox() as sandbox:
        if stage.weak:
            await forgotten_command(stage, sandbox, words, _TIME)
            told = True
        else:
            result = await sandbox.exec(words, deadline=_TIME)
            if b"ready" not in result.stdout:
                said = result.stderr.decode("utf-8", "replace").strip()
                return {attempts[0].id: {"unable": f"the command was not ready within {_TIME:g} s {said[-200:]}"}}
            told = result.tree_killed
        left = (await sandbox.exec(["python3", "-c", _FIND], deadline=_NOTICE)).stdout.decode().split()
        problems = await aftermath(stage, sandbox)
    found = [f"process {pid}" for pid in left] + ([] if told else ["the result says that something may live on"])
    return {attempts[0].id: {"found": found, "aftermath": problems}}


def _with_main(script: str) -> Scene:
    """A main process that does something to itself when it gets a line; then the sandbox is left as any other."""

    async def scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
        words = ("sh", "-c", f"read line; {script}")
        facts: dict[str, Any] = {"noticed": None}
        async with stage.sandbox(*words) as sandbox:
            await sandbox.main.send(b"go\n")
            await _watch_end(sandbox, facts, _NOTICE / 10 if stage.weak else _NOTICE / 4)
            name = sandbox.id
        return {attempts[0].id: {**facts, "gone": not await is_there(stage, name)}}

    return scene


async def _stopped(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """A main process that stops itself, so that it heeds no request any more; then the sandbox is left as any other."""
    facts: dict[str, Any] = {}
    async with stage.sandbox("sh", "-c", "read line; kill -STOP $$; sleep 600", stop_timeout=1) as sandbox:
        await sandbox.main.send(b"go\n")
        if stage.weak:  # there it is process 1, which nobody can stop, and which heeds no request either
            facts["gone"] = await asked_to_end(stage, sandbox, _TIME)
        elif (await sandbox.exec(["sh", "-c", _IS_STOPPED], deadline=_NOTICE)).exit_code != 0:
            return {attempts[0].id: {"unable": "the main process did not stop"}}
        name, left = sandbox.id, time.monotonic()
    facts.setdefault("gone", not await is_there(stage, name))
    return {attempts[0].id: {"seconds": time.monotonic() - left, **facts}}


async def _watch_end(sandbox: DockerSandbox, facts: dict[str, Any], seconds: float) -> None:
    with anyio.move_on_after(seconds):
        facts["noticed"] = (await sandbox.main.wait()).reason
    try:
        result = await sandbox.exec(["true"], deadline=seconds)
        facts["exec"] = "ran" if result.exit_code == 0 else "did not run"
    except SandboxError as error:
        facts["exec"] = str(error).splitlines()[0]


def judge_killed(facts: Facts) -> Judgement:
    """Its end is told, and the container is gone."""
    if facts["noticed"] is None or not facts["gone"]:
        return hole(f"its end was {'' if facts['noticed'] else 'not '}noticed; then {facts['exec']}")
    return held(f"told as {facts['noticed']!r}; a command afterwards: {facts['exec']}")


def judge_stopped(facts: Facts) -> Judgement:
    """The container is gone, soon after it was left."""
    if not facts["gone"]:
        return hole("it is still there")
    return held(f"gone {facts['seconds']:.0f} s after it was left")


_attempt = partial(attempt, "processes")


ATTEMPTS = (
    _attempt(
        "outlive-timeout",
        "outlive a time-out: ignore signals, leave a child, a session and an orphan behind",
        "None of them is left.",
        "CIS 5.29, OWASP Docker Rule 7, ATT&CK T1496",
        _timeout,
        nothing_found("nothing is left"),
    ),
    _attempt(
        "kill-main",
        "kill the main process from inside, without a word",
        "It is told at once with the signal; a command afterwards is refused; the container goes.",
        "OWASP Docker Rule 7, ATT&CK T1499",
        _with_main("kill -KILL $$; sleep 600"),
        judge_killed,
    ),
    _attempt(
        "stop-main",
        "stop the main process from inside, so that it heeds no request to end",
        "When the sandbox is left, it is killed, and the container goes.",
        "OWASP Docker Rule 7, ATT&CK T1499",
        _stopped,
        judge_stopped,
    ),
)
