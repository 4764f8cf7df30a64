"""Which engine does it, and whether it can: the argument decides, then the config, then who is able."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from massgen_core.errors import ToolFailed
from massgen_core.media.capabilities import Ability
from massgen_core.media.engine import MediaEngine, MediaRequest

Why = Literal["argument", "config", "first able"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The engine that was taken, how it does the operation, and why it was taken."""

    engine: MediaEngine
    ability: Ability
    why: Why


def select(
    engines: Mapping[str, MediaEngine], request: MediaRequest, *, argument: str | None = None, config: str | None = None
) -> Selection:
    """The engine for a request; one that was named is taken or refused, never replaced.

    Raises:
        ToolFailed: No engine can do it; the message says of each what it lacks.
    """
    named = argument or config
    if named is not None:
        why: Why = "argument" if argument else "config"
        return _named(engines, request, named, why)
    lacks: list[str] = []
    for engine in sorted(engines.values(), key=lambda engine: (engine.capabilities.network, engine.name)):
        ability = engine.capabilities.ability(request.operation)
        if ability is None:
            continue
        if not (problems := list(problems_of(engine, ability, request))):
            return Selection(engine=engine, ability=ability, why="first able")
        lacks.append(f"{engine.name}: {'; '.join(problems)}")
    raise ToolFailed("", _nobody(engines, request, lacks))


def problems_of(engine: MediaEngine, ability: Ability, request: MediaRequest) -> Iterator[str]:
    """Everything in a request that an engine does not have, in words."""
    for name, value in request.options.items():
        option = ability.options.get(name)
        if option is None:
            has = ", ".join(sorted(ability.options)) or "none"
            yield f"it has no option {name!r} for {ability.operation} (it has: {has})"
        elif problem := option.problem(value):
            yield f"{name}: {problem}"
    if request.format is not None and request.format not in ability.formats:
        yield f"it makes no {request.format} (it makes: {', '.join(ability.formats) or 'no files'})"
    if request.seed is not None and not ability.seeded:
        yield "it takes no seed"
    if request.count > ability.most:
        yield f"it makes at most {ability.most} at once"
    yield from _wrong_words(engine, ability, request)
    yield from _wrong_inputs(ability, request)


def _wrong_words(engine: MediaEngine, ability: Ability, request: MediaRequest) -> Iterator[str]:
    longest = ability.longest_prompt
    if longest is not None and len(request.prompt) > longest:
        yield f"the text has {len(request.prompt)} characters, it takes {longest}"
    if request.model is None:
        return
    if instead := engine.capabilities.retired.get(request.model):
        yield f"the model {request.model!r} is retired: use {instead}"
    elif ability.models and request.model not in ability.models:
        yield f"it has no model {request.model!r} (it has: {', '.join(ability.models)})"


def _wrong_inputs(ability: Ability, request: MediaRequest) -> Iterator[str]:
    for role in dict.fromkeys(each.role for each in request.inputs):
        count = sum(each.role == role for each in request.inputs)
        most = ability.inputs.get(role, 0)
        if count > most:
            yield f"it takes no {role}" if not most else f"it takes at most {most} files as {role}"


def _named(engines: Mapping[str, MediaEngine], request: MediaRequest, name: str, why: Why) -> Selection:
    engine = engines.get(name)
    if engine is None:
        raise ToolFailed("", f"there is no engine {name!r}; there are: {', '.join(engines) or 'none'}")
    ability = engine.capabilities.ability(request.operation)
    if ability is None:
        can = ", ".join(each.operation for each in engine.capabilities.abilities)
        raise ToolFailed("", f"the engine {name!r} does not do {request.operation}; it does: {can}")
    if problems := list(problems_of(engine, ability, request)):
        raise ToolFailed("", f"the engine {name!r} cannot do this: {'; '.join(problems)}")
    return Selection(engine=engine, ability=ability, why=why)


def _nobody(engines: Mapping[str, MediaEngine], request: MediaRequest, lacks: list[str]) -> str:
    if lacks:
        return f"no engine can do this. {' | '.join(lacks)}"
    medium = request.operation.partition(".")[0]
    return (
        f"no engine does {request.operation}; there are: {', '.join(engines) or 'none'}. "
        f"`pip install massgen-{medium}` brings one that needs no key."
    )
