"""Whether what a plugin describes opens and closes as often as it must, and survives cancellation and failure."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any, get_args

import anyio
import anyio.lowlevel

from massgen_core.calls.registry import Entry
from massgen_core.errors import MassgenError, PluginError, in_words, root_cause
from massgen_core.formats import Format, tool_schemas
from massgen_core.hookspecs import hookimpl
from massgen_core.loading.hooks import Declared
from massgen_core.schema import check_schema
from massgen_core.testing.problem import Problem
from massgen_core.testing.runtime import open_test_runtime
from massgen_core.tools import ProviderContext, ServiceProvider, ToolProvider

Modules = Sequence[ModuleType | tuple[str, ModuleType]]
Open = Callable[[ProviderContext], AbstractAsyncContextManager[Any]]
Probe = Callable[[Open, ProviderContext], AbstractAsyncContextManager[Any]]

PASSES = (0, 1, 2, 5)
"""After how many turns of the event loop an opening is cancelled."""


async def check_lifecycle(
    module: ModuleType, declared: Declared, section: Mapping[str, Any], beside: Modules
) -> list[Problem]:
    """Open and close the plugin twice, judge its tools, then disturb each of its providers."""
    name = declared.info.name
    config = {"plugins": {name: {**section, "required": False}}}
    first, problems = await _open_and_close((name, module), config, beside)
    if problems:
        return problems
    second, problems = await _open_and_close((name, module), config, beside)
    if not problems and [entry.name for entry in first] != [entry.name for entry in second]:
        cure = "Bring the same tools whenever the settings are the same."
        problems.append(Problem(check="open", problem="it brings other tools the second time", cure=cure))
    problems += [problem for entry in first for problem in _tool_problems(entry)]
    for what, probe in _probes():
        _, found = await _open_and_close(_stand_in(declared, probe), {}, beside)
        cure = f"Let `async with` or `finally` do the cleaning up when a provider is {what}; swallow nothing."
        problems += [replace(problem, check=what, cure=cure) for problem in found]
    return problems


async def _open_and_close(
    plugin: tuple[str, ModuleType], config: Mapping[str, Any], beside: Modules
) -> tuple[tuple[Entry, ...], list[Problem]]:
    try:
        async with open_test_runtime(plugin, *beside, config=config, strict=False) as runtime:
            tools = tuple(entry for entry in runtime.tools if entry.owner.plugin == plugin[0])
    except MassgenError as error:
        return (), [Problem(check="open", problem=str(error), cure="Make it open with this config.")]
    return tools, [_failure(error) for error in runtime.failures if error.plugin == plugin[0]]


def _failure(error: PluginError) -> Problem:
    if isinstance(error.cause, LookupError):
        cure = "Give the plugin that brings the service with `beside`."
    else:
        cure = "Make it open and close without an error."
    return Problem(check="close" if error.stage == "run" else "open", problem=str(error), cure=cure)


def _tool_problems(entry: Entry) -> Iterator[Problem]:
    tool = entry.tool
    if not tool.description.strip():
        cure = "Write a docstring: it is all that a model knows of the tool."
        yield Problem(check="tools", problem=f"{entry.name} has no description", cure=cure)
    for kind, schema in {"input": tool.input_schema, "output": tool.output_schema}.items():
        if schema is not None and (reason := check_schema(schema)):
            cure = "Declare a JSON schema of an object (draft 2020-12)."
            yield Problem(check="tools", problem=f"the {kind} schema of {entry.name} is wrong: {reason}", cure=cure)
    for format in get_args(Format):
        try:
            json.dumps(tool_schemas([(entry.name, tool)], format), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            cure = "Use JSON values only in schemas, annotations and meta."
            yield Problem(check="tools", problem=f"{entry.name} is no JSON for {format}: {error}", cure=cure)


def _stand_in(declared: Declared, probe: Probe) -> tuple[str, ModuleType]:
    """A plugin that brings the same, each part opened by the probe; its services are opened too."""
    module = ModuleType("conformance_stand_in")
    services = [replace(offer, open=partial(probe, offer.open)) for offer in declared.services]
    providers = [replace(provider, open=partial(probe, provider.open)) for provider in declared.providers]
    needs = [service.service for service in services]
    everything = replace(ToolProvider.of("conformance", ()), requires=needs)

    def massgen_providers() -> list[ToolProvider]:
        return [*providers, everything]

    def massgen_media_engines() -> list[ServiceProvider]:
        return services

    vars(module).update(
        massgen_providers=hookimpl(massgen_providers), massgen_media_engines=hookimpl(massgen_media_engines)
    )
    return declared.info.name, module


def _probes() -> Iterator[tuple[str, Probe]]:
    for passes in PASSES:
        yield "cancelled while it opens", partial(_cancelled_opening, passes)
    yield "cancelled while it is open", _cancelled_open
    yield "ended by an error", _ended_by_error


@asynccontextmanager
async def _cancelled_opening(passes: int, open_it: Open, context: ProviderContext) -> AsyncGenerator[Any]:
    async def cancel_soon() -> None:
        for _ in range(passes):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cancel_soon)
        async with open_it(context):
            pass
        tasks.cancel_scope.cancel()
    async with open_it(context) as value:  # and it opens again
        yield value


@asynccontextmanager
async def _cancelled_open(open_it: Open, context: ProviderContext) -> AsyncGenerator[Any]:
    with anyio.CancelScope() as scope:
        async with open_it(context):
            scope.cancel()
            await anyio.sleep_forever()
    if not scope.cancelled_caught:
        raise RuntimeError("it swallows the cancellation")
    async with open_it(context) as value:
        yield value


@asynccontextmanager
async def _ended_by_error(open_it: Open, context: ProviderContext) -> AsyncGenerator[Any]:
    probe = RuntimeError("an error from the body")
    try:
        async with open_it(context):
            raise probe
    except Exception as error:
        if root_cause(error) is not probe:
            raise RuntimeError(f"it raises another error instead: {in_words(error)}") from error
    else:
        raise RuntimeError("it swallows the error")
    async with open_it(context) as value:
        yield value
