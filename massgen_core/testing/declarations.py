"""Whether a plugin's hooks describe what it brings as the contract wants it."""

from __future__ import annotations

import inspect
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, cast

from pydantic import BaseModel

from massgen_core.config import PluginOptions
from massgen_core.errors import PluginError
from massgen_core.loading.discovery import LEGAL_NAME, PluginInfo
from massgen_core.loading.hooks import Declared, PluginHost
from massgen_core.testing.problem import Problem

QUICK = 1.0
"""Seconds within which all hooks of a plugin must have returned."""

_CURES = {
    "load": "Implement documented hooks only, as plain functions marked with @hookimpl.",
    "configure": "Give the plugin's section as `config` if it needs one.",
    "declare": "Return what the hook's documentation names.",
}


def check_declarations(
    name: str, module: ModuleType, section: Mapping[str, Any]
) -> tuple[Declared | None, list[Problem]]:
    """Call all hooks twice; what they declared, if they did, and what is wrong with it."""
    if not LEGAL_NAME.fullmatch(name):
        cure = "Pass `name`, the entry point's: lower-case letters, digits and dashes, at most 32."
        return None, [Problem(check="name", problem=f"a plugin cannot be named {name!r}", cure=cure)]
    started = time.monotonic()
    first = _declare(name, module, section)
    seconds = time.monotonic() - started
    if isinstance(first, PluginError):
        return None, [Problem(check=first.stage, problem=first.reason, cure=_CURES[first.stage])]
    second = _declare(name, module, section)
    problems = [*_settings(module), *_names(first), *_middlewares(first)]
    if seconds > QUICK:
        cure = "Hooks return descriptions; do the work in what they open."
        problems.append(Problem(check="hooks", problem=f"they took {seconds:.1f} s", cure=cure))
    if isinstance(second, PluginError) or _described(first) != _described(second):
        cure = "Hooks must not change anything: every runtime calls them again."
        problems.append(Problem(check="hooks", problem="they return something else when called again", cure=cure))
    return first, problems


def _declare(name: str, module: ModuleType, section: Mapping[str, Any]) -> Declared | PluginError:
    return PluginHost().declare(PluginInfo(name=name, module=module.__name__), section, module=module, file=None)


def _described(declared: Declared) -> list[list[Any]]:
    return [
        [provider.name for provider in declared.providers],
        [offer.service for offer in declared.services],
        [middleware.name for middleware in declared.middlewares],
    ]


def _settings(module: ModuleType) -> Iterator[Problem]:
    if (hook := getattr(module, "massgen_config", None)) is None:
        return
    model = cast("type[BaseModel]", hook())
    if any(_is_open(schema) for schema in _objects(model.model_json_schema())):
        yield _setting("it accepts unknown keys, so a misspelt one goes unnoticed")
    if not model.model_config.get("hide_input_in_errors"):
        yield _setting("its errors show values, secrets too")
    if taken := sorted(set(model.model_fields) & set(PluginOptions.model_fields)):
        cure = "Rename them."
        problem = f"these keys mean something to massgen-core and never reach the plugin: {', '.join(taken)}"
        yield Problem(check="config model", problem=problem, cure=cure)


def _setting(problem: str) -> Problem:
    cure = "Set `model_config = massgen_core.STRICT` in the model, and in the models inside it."
    return Problem(check="config model", problem=problem, cure=cure)


def _objects(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of the model and of the models in it."""
    return [schema, *schema.get("$defs", {}).values()]


def _is_open(schema: dict[str, Any]) -> bool:
    return "properties" in schema and schema.get("additionalProperties", True) is not False


def _names(declared: Declared) -> Iterator[Problem]:
    counted = Counter(provider.name for provider in declared.providers)
    for name, count in counted.items():
        if count > 1:
            cure = "Give each provider a name of its own."
            yield Problem(check="names", problem=f"{count} providers are named {name!r}", cure=cure)
        if not LEGAL_NAME.fullmatch(name):
            cure = "Use lower-case letters, digits and dashes, at most 32."
            yield Problem(check="names", problem=f"a provider is named {name!r}", cure=cure)


def _middlewares(declared: Declared) -> Iterator[Problem]:
    for middleware in declared.middlewares:
        around: Any = middleware.around
        if not (inspect.iscoroutinefunction(around) or inspect.iscoroutinefunction(type(around).__call__)):
            cure = "Write `async def around(call, next)` and await `next(call)`."
            yield Problem(check="middlewares", problem=f"{middleware.name!r} is not async", cure=cure)
