"""Attempts of a hostile MCP server, in a real container, on the program that speaks with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import anyio

from massgen_core import Runtime, open_runtime
from massgen_sandbox_docker import plugin
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.naive import TrustingClient
from massgen_sandbox_docker.audit.ship import command
from massgen_sandbox_docker.audit.stage import Stage

_NAME = "sandbox-docker"
_TIME = 30.0
_SHORT = 2.0
_AGAIN = "still here"
_LEAST_MEMORY = 128 * 1024 * 1024


async def _scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """All of them beside each other in one program, as servers are."""
    ways = [attempt.id for attempt in attempts]
    if stage.weak:
        return await _together(ways, partial(_naively, stage))
    config = {
        "servers": {way: _server(stage, way) for way in ways},
        "plugins": {_NAME: stage.backend.config.model_dump(mode="json", exclude_unset=True)},
    }
    async with open_runtime(config, plugins=[(_NAME, plugin)], installed=False) as runtime:
        failed = {str(failure.provider): str(failure) for failure in runtime.failures}
        found = await _together([way for way in ways if way not in failed], partial(_attack, runtime))
    return {**{way: {"unable": failed[way]} for way in failed}, **found}


async def _together(ways: Sequence[str], attack: Callable[[str], Awaitable[Facts]]) -> Mapping[str, Facts]:
    found: dict[str, Facts] = {}

    async def one(way: str) -> None:
        found[way] = await attack(way)

    async with anyio.create_task_group() as tasks:
        for way in ways:
            tasks.start_soon(one, way)
    return found


def _server(stage: Stage, way: str) -> dict[str, Any]:
    words = command("rogue", {"way": way})
    limits = stage.limits.model_dump(mode="json", exclude_unset=True)
    memory = max(int(stage.limits.memory), _LEAST_MEMORY)
    own: dict[str, Any] = {"image": stage.image, "command": words[0], "args": list(words[1:]), "required": False}
    return {**limits, "network": "none", "memory": memory, "max_message": "16MiB", "stop_timeout": 1, **own}


async def _attack(runtime: Runtime, way: str) -> Facts:
    """Let it attack once; then the same server, restarted where need be, must answer as if nothing had been."""
    tool = f"{way.replace('-', '_')}_echo"
    async with runtime.session() as session:
        said = (await session.call(tool, {"text": "attack"}, timeout=_SHORT if way == "no-answer" else _TIME)).text
        again = (await session.call(tool, {"text": _AGAIN}, timeout=_TIME)).text
    return {"said": said, "again": again}


async def _naively(stage: Stage, way: str) -> Facts:
    async with stage.sandbox(*command("rogue", {"way": way})) as sandbox:
        client = TrustingClient(sandbox)
        said, again = await client.outcome("attack"), await client.outcome(_AGAIN)
    return {"said": said, "again": again}


def says(*outcomes: str) -> Judge:
    """The call's outcome has the words of one of these in it, and the next call is answered."""

    def judge(facts: Facts) -> Judgement:
        said, again = str(facts["said"]), str(facts["again"])
        text = f"{' '.join(said.split())[:160]!r}, then {again[:60]!r}"
        return (held if any(words in said for words in outcomes) and again == _AGAIN else hole)(text)

    return judge


def _attempt(name: str, title: str, expected: str, *outcomes: str) -> Attempt:
    refs = "OWASP MCP §5, OWASP MCP §7, ATT&CK T1499"
    return attempt("protocol", name, f"as an MCP server, {title}", expected, refs, _scene, says(*outcomes))


_RIGHT = "The right answer counts; the next call is answered."

ATTEMPTS = (
    _attempt("garbage", "write banners, broken JSON and bytes that are no text before the answer", _RIGHT, "right"),
    _attempt(
        "endless-line",
        "send a message of 80 MiB where 16 are allowed",
        "It is cut off and named; the next call is answered.",
        "longer than",
    ),
    _attempt(
        "nested-json",
        "send JSON that is nested 100,000 deep",
        "The error names it; the next call is answered.",
        "MCP server 'nested-json'",
    ),
    _attempt("notification-flood", "send 100,000 notifications before the answer", _RIGHT, "right"),
    _attempt("other-ids", "answer with ids that nobody has asked with", _RIGHT, "right"),
    _attempt("answers-twice", "answer one question three times", _RIGHT, "right"),
    _attempt("answers-ahead", "answer questions that have not been asked yet", _RIGHT, "right"),
    _attempt(
        "question-flood",
        "ask 5,000 questions and read no answer",
        "The right answer counts, or the server is ended for it; the next call is answered.",
        "right",
        "requests without reading the answers",
    ),
    _attempt(
        "exit-in-message",
        "end in the middle of a message",
        "The error gives the exit code; the next call is answered.",
        "exit code 4",
    ),
    _attempt(
        "no-answer",
        "never answer",
        "The call ends at its time-out; the next one is answered.",
        "did not answer within",
    ),
)
