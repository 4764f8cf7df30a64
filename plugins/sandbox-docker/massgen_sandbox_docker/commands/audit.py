"""`massgen-core docker audit`: the attack suite against the user's own engine, under the profile of a server."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from massgen_core.config import Settings
from massgen_core.errors import ConfigError
from massgen_core.sandbox import Progress, SandboxLimits
from massgen_sandbox_docker.audit.model import Attempt, Result
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.audit.suite import choose, run
from massgen_sandbox_docker.audit.weak import WARNING
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import choose_servers, docker_config
from massgen_sandbox_docker.images import ensure_base

HOLE = 1
"""The exit code where an attempt got through."""

INCOMPLETE = 10
"""The exit code where none got through, and some could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asks for: whose profile, which attempts, which runtime, and against what."""

    server: str | None = None
    only: Sequence[str] = ()
    runtime: str | None = None
    prove: bool = False


def listing(only: Sequence[str]) -> Outcome:
    """The attempts, without making any."""
    attempts = _chosen(only)
    rows = [(each.area, each.id, each.title, each.expected, ", ".join(each.refs)) for each in attempts]
    sheet = Sheet(title=f"{len(attempts)} attempts", headers=("area", "id", "attempt", "expected", "see"), rows=rows)
    return Outcome(ok=True, data={"attempts": [_described(each) for each in attempts]}, sheets=[sheet])


async def audit(settings: Settings, wish: Wish, progress: Progress) -> Outcome:
    """Make the attempts and judge them; the exit code is in the data.

    Raises:
        ConfigError: No such server, or no such attempt.
        SandboxUnavailable: No engine, or not with this runtime.
        ImageError: The base image cannot be built.
    """
    attempts = _chosen(wish.only)
    limits = _profile(settings, wish)
    config = docker_config(settings)
    if wish.prove:
        progress(f"WARNING: {WARNING}")
    started = time.monotonic()
    async with docker_backend(config, log=_quiet) as backend:
        image = await ensure_base(backend.engine, config, progress=progress)
        stage = Stage(backend=backend, image=image, limits=limits, weak=wish.prove)
        results = await run(stage, attempts, progress)
        engine = str(backend.engine.version.get("Version", "?"))
    facts = {
        "profile": f"server {wish.server!r} (its limits and network, with the base image)"
        if wish.server
        else "default",
        "engine": engine,
        "runtime": limits.runtime.name if limits.runtime else "the engine's default",
        "image": image,
        "seconds": f"{time.monotonic() - started:.0f}",
    }
    return proof_of(facts, results) if wish.prove else verdict_of(facts, results)


def _quiet(line: str) -> None:
    """What the backend would tell of each refused attempt is in the results."""


def _chosen(only: Sequence[str]) -> Sequence[Attempt]:
    attempts = choose(only)
    if not attempts:
        raise ConfigError(
            f"no attempt fits {' or '.join(map(repr, only))}",
            cure="`massgen-core docker audit --list` shows their names and areas.",
        )
    return attempts


def _profile(settings: Settings, wish: Wish) -> SandboxLimits:
    """The limits under audit: those of a server as its section sets them, or the defaults."""
    section: Mapping[str, Any] = {}
    if wish.server is not None:
        chosen = choose_servers(settings, [wish.server])
        if not chosen:
            raise ConfigError(
                "this server does not run in a container",
                key=f"servers.{wish.server}",
                cure="Name one that does: what is not contained cannot be audited.",
            )
        section = chosen[0][1]
    values = {name: section[name] for name in SandboxLimits.model_fields if name in section}
    if wish.runtime is not None:
        values["runtime"] = wish.runtime
    return _validated(settings, wish, values)


def _validated(settings: Settings, wish: Wish, values: Mapping[str, Any]) -> SandboxLimits:
    from pydantic import ValidationError

    from massgen_core.config import config_error

    try:
        return SandboxLimits.model_validate(values)
    except ValidationError as error:
        file = str(settings.source) if settings.source else None
        raise config_error(error, file=file, prefix=f"servers.{wish.server}", model=SandboxLimits) from None


def verdict_of(facts: Mapping[str, str], results: Sequence[Result]) -> Outcome:
    """What an audit came to: 0 where all held, else `HOLE` or `INCOMPLETE`."""
    counts = {verdict: sum(each.verdict == verdict for each in results) for verdict in ("held", "HOLE", "not run")}
    code = HOLE if counts["HOLE"] else INCOMPLETE if counts["not run"] else 0
    text = (
        f"{counts['held']} of {len(results)} attempts held, {counts['HOLE']} found a hole, {counts['not run']} not run"
    )
    return _outcome(facts, results, code=code, text=text)


def proof_of(facts: Mapping[str, str], results: Sequence[Result]) -> Outcome:
    """Against the weak profile every check must report its hole."""
    blind = [each.attempt.id for each in results if each.verdict != "HOLE"]
    text = f"{len(results) - len(blind)} of {len(results)} checks report the hole of the weak profile"
    if blind:
        text += f"; these do not: {', '.join(blind)}"
    return _outcome({**facts, "profile": "the weak one"}, results, code=HOLE if blind else 0, text=text)


def _outcome(facts: Mapping[str, str], results: Sequence[Result], *, code: int, text: str) -> Outcome:
    data = {
        **facts,
        "ok": code == 0,
        "exit_code": code,
        "attempts": [
            {**_described(each.attempt), "verdict": each.verdict, "observed": each.judgement.observed}
            for each in results
        ],
    }
    first = Sheet(title="audit", headers=("what", "found"), rows=list(facts.items()))
    return Outcome(ok=code == 0, data=data, sheets=[first, *_sheets(results)], text=text)


def _sheets(results: Sequence[Result]) -> Iterator[Sheet]:
    headers = ("", "attempt", "what is tried", "observed", "see")
    for area, group in groupby(results, key=lambda each: each.attempt.area):
        rows = [
            (each.verdict, each.attempt.id, each.attempt.title, each.judgement.observed, ", ".join(each.attempt.refs))
            for each in group
        ]
        yield Sheet(title=area, headers=headers, rows=rows)


def _described(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "area": attempt.area,
        "title": attempt.title,
        "expected": attempt.expected,
        "refs": list(attempt.refs),
    }
