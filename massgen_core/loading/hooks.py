"""Importing a plugin's module and calling its hooks: the only code that touches pluggy.

Every function here may meet a plugin that raises or calls `sys.exit`; each gives back a `PluginError` then.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import pluggy
from pydantic import BaseModel, ValidationError

from massgen_core import hookspecs
from massgen_core.config import STRICT, PluginOptions, config_error
from massgen_core.errors import SURVIVABLE, PluginError, Stage
from massgen_core.loading.discovery import PluginInfo
from massgen_core.tools import Middleware, ServiceProvider, ToolProvider

KNOWN_HOOKS = tuple(sorted(name for name in vars(hookspecs) if name.startswith("massgen_")))

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What one plugin brings, as its hooks described it."""

    info: PluginInfo
    options: PluginOptions
    named: bool
    providers: tuple[ToolProvider, ...]
    services: tuple[ServiceProvider, ...]
    middlewares: tuple[Middleware, ...]


class PluginHost:
    """One runtime's plugins: modules registered under their names, and their hooks."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)

    def declare(
        self, info: PluginInfo, section: Mapping[str, Any] | None, *, module: ModuleType | None = None, file: str | None
    ) -> Declared | PluginError:
        """Load, configure and question one plugin; an error names the stage that failed.

        ``module`` is given for a plugin that need not be imported; ``file`` is the config file, for error texts.
        """
        try:
            loaded = _at("load", info, lambda: module or _import(info))
            _at("load", info, lambda: self._register(info, loaded))
        except PluginError as error:
            return error
        try:
            options, config = _at("configure", info, lambda: self._configure(info, section or {}, file))
            return _at("declare", info, lambda: self._question(info, options, config, section is not None))
        except PluginError as error:
            self._forget(info.name)
            return error

    def _register(self, info: PluginInfo, module: ModuleType) -> None:
        self._manager.register(module, name=info.name)
        try:
            _check_hooks(module, self._manager.get_hookcallers(module) or [])
        except TypeError:
            self._forget(info.name)
            raise

    def _forget(self, name: str) -> None:
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)

    def _configure(self, info: PluginInfo, section: Mapping[str, Any], file: str | None) -> tuple[PluginOptions, Any]:
        prefix = "" if info.built_in else f"plugins.{info.name}"
        reserved = {key: value for key, value in section.items() if key in PluginOptions.model_fields}
        own = {key: value for key, value in section.items() if key not in reserved}
        model = self._model(info)
        try:
            return PluginOptions.model_validate(reserved), model.model_validate(own)
        except ValidationError as error:
            also = PluginOptions.model_fields
            raise config_error(error, file=file, prefix=prefix, model=model, also=also) from None

    def _model(self, info: PluginInfo) -> type[BaseModel]:
        models = [model for model in self._call(info, "massgen_config") if model is not None]
        if not models:
            return _NoSettings
        if not (isinstance(models[0], type) and issubclass(models[0], BaseModel)):
            raise TypeError(f"massgen_config must return a pydantic model class, not {_kind(models[0])}")
        return models[0]

    def _question(self, info: PluginInfo, options: PluginOptions, config: Any, named: bool) -> Declared:
        return Declared(
            info=info,
            options=options,
            named=named,
            providers=self._descriptions(info, "massgen_providers", ToolProvider, config),
            services=(
                *self._descriptions(info, "massgen_sandboxes", ServiceProvider, config),
                *self._descriptions(info, "massgen_media_engines", ServiceProvider, config),
                *self._descriptions(info, "massgen_services", ServiceProvider, config),
            ),
            middlewares=self._descriptions(info, "massgen_middlewares", Middleware, config),
        )

    def _descriptions(self, info: PluginInfo, hook: str, kind: type[ResultT], config: Any) -> tuple[ResultT, ...]:
        described: list[ResultT] = []
        for returned in self._call(info, hook, config=config):
            if not isinstance(returned, Iterable):
                raise TypeError(f"{hook} must return an iterable of {kind.__name__}, not {_kind(returned)}")
            for item in cast("Iterable[object]", returned):
                if not isinstance(item, kind):
                    raise TypeError(f"{hook} must return {kind.__name__} objects, not {_kind(item)}")
                described.append(item)
        return tuple(described)

    def _call(self, info: PluginInfo, hook: str, **arguments: Any) -> list[Any]:
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        return [
            impl.function(*(arguments[name] for name in impl.argnames))
            for impl in implementations
            if impl.plugin_name == info.name
        ]


class _NoSettings(BaseModel):
    """A plugin that takes no settings of its own."""

    model_config = STRICT


def _check_hooks(module: ModuleType, callers: Iterable[pluggy.HookCaller]) -> None:
    """Refuse what pluggy would accept in silence and call wrongly, or never."""
    names = sorted(caller.name for caller in callers)
    if not names:
        raise TypeError(f"implements no hook; mark one of {', '.join(KNOWN_HOOKS)} with @hookimpl")
    if unknown := [name for name in names if name not in KNOWN_HOOKS]:
        raise TypeError(f"implements unknown hooks: {', '.join(unknown)}; there are {', '.join(KNOWN_HOOKS)}")
    for caller in callers:
        for impl in caller.get_hookimpls():
            if impl.plugin is module and (problem := _problem_with(impl)):
                raise TypeError(f"{caller.name} {problem}")


def _problem_with(impl: pluggy.HookImpl) -> str | None:
    if impl.wrapper or impl.hookwrapper:
        return "must not be a hook wrapper; put code around calls with massgen_middlewares"
    if inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function):
        return "must not be async: a hook returns descriptions, what awaits belongs into what they open"
    kinds = {parameter.kind for parameter in inspect.signature(impl.function).parameters.values()}
    if impl.kwargnames or not kinds <= {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}:
        return "must take plain arguments, none with a default or by keyword only"
    return None


def _kind(value: Any) -> str:
    """What a value is, without showing it: it may hold a secret."""
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__


def _at(stage: Stage, info: PluginInfo, do: Callable[[], ResultT]) -> ResultT:
    """Do one stage's work; whatever it raises becomes a `PluginError` that names the stage."""
    try:
        return do()
    except PluginError:
        raise
    except SURVIVABLE as error:
        raise PluginError(info.name, stage, error) from error


def _import(info: PluginInfo) -> ModuleType:
    if info.distribution is not None or not info.module.endswith(".py"):
        return importlib.import_module(info.module)
    name = f"massgen_one_file_{Path(info.module).stem}"
    spec = importlib.util.spec_from_file_location(name, info.module)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {info.module}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
