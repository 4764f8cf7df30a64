"""From settings to what every enabled plugin declares; nothing is opened here."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any

import anyio
import anyio.to_thread

from massgen_core._threads import run_in_daemon_thread
from massgen_core.config import Settings
from massgen_core.errors import ConfigError, PluginError
from massgen_core.loading.discovery import LEGAL_NAME, PluginInfo, find_plugins
from massgen_core.loading.hooks import Declared, PluginHost
from massgen_core.tools import Middleware, Service, ServiceProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """What is installed, what the enabled plugins declare, what failed on the way."""

    plugins: tuple[PluginInfo, ...]
    declared: tuple[Declared, ...]
    failures: tuple[PluginError, ...]

    @property
    def middlewares(self) -> tuple[Middleware, ...]:
        """All plugins' middlewares."""
        return tuple(middleware for declared in self.declared for middleware in declared.middlewares)

    @property
    def services(self) -> Mapping[Service, tuple[Declared, ServiceProvider]]:
        """Every offered service and who brings it."""
        return {offer.service: (declared, offer) for declared in self.declared for offer in declared.services}


async def compose(
    settings: Settings,
    *,
    modules: Sequence[ModuleType | tuple[str, ModuleType]] = (),
    files: Sequence[str | os.PathLike[str]] = (),
    installed: bool = True,
    tolerant: bool = False,
) -> Composition:
    """Load, configure and question every enabled plugin; ``tolerant`` keeps every failure instead of raising it.

    Raises:
        ConfigError: The config names a plugin that is not installed, or a section of it is wrong.
        PluginError: A plugin that the config names failed (any plugin, when strict).
    """
    given = _named(modules)
    sections = _sections(settings)
    find = partial(find_plugins, sections, discover=settings.discover, files=files, installed=installed)
    plugins = _merge(await anyio.to_thread.run_sync(find), given)
    if not tolerant:
        _refuse_unknown(sections, plugins, settings)
    host = PluginHost()
    declared: list[Declared] = []
    failures: list[PluginError] = []
    states: list[PluginInfo] = []
    for info in plugins:
        outcome = await _declare(host, info, sections.get(info.name), given.get(info.name), settings)
        if isinstance(outcome, Declared):
            outcome = _unless_taken(outcome, declared)
        states.append(_state_after(info, outcome))
        if isinstance(outcome, Declared):
            declared.append(outcome)
        elif outcome is not None:
            failures.append(outcome if tolerant else _tolerated(outcome, info, settings))
    return Composition(plugins=tuple(states), declared=tuple(declared), failures=tuple(failures))


def _named(modules: Sequence[ModuleType | tuple[str, ModuleType]]) -> dict[str, ModuleType]:
    """Modules given directly, under their plugins' names.

    Raises:
        ValueError: A name is illegal, or two modules have the same.
    """
    named: dict[str, ModuleType] = {}
    for module in modules:
        name, found = module if isinstance(module, tuple) else (plugin_name(module), module)
        if not LEGAL_NAME.fullmatch(name):
            raise ValueError(f"a plugin cannot be named {name!r}; give a (name, module) pair")
        if named.setdefault(name, found) is not found:
            raise ValueError(f"two modules are the plugin {name!r}; give a (name, module) pair for one of them")
    return named


def plugin_name(module: ModuleType) -> str:
    """The name that a plugin's module has without an entry point: ``massgen_my_tools.plugin`` is ``my-tools``."""
    *_, package, last = ["", *module.__name__.split(".")]
    name = package if last == "plugin" and package else last
    return name.removeprefix("massgen_").replace("_", "-").lower()


def _sections(settings: Settings) -> dict[str, dict[str, Any]]:
    sections = dict(settings.plugins)
    if settings.servers:
        sections["mcp"] = {**sections.get("mcp", {}), "servers": settings.servers}
    if settings.shell is not None:
        sections["shell"] = {**sections.get("shell", {}), "shell": settings.shell}
    return sections


def _merge(found: tuple[PluginInfo, ...], given: Mapping[str, ModuleType]) -> tuple[PluginInfo, ...]:
    others = [info for info in found if info.name not in given]
    mine = [PluginInfo(name=name, module=module.__name__) for name, module in given.items()]
    return tuple(sorted([*others, *mine], key=lambda info: info.name))


def _refuse_unknown(sections: Mapping[str, Any], plugins: tuple[PluginInfo, ...], settings: Settings) -> None:
    names = {info.name for info in plugins}
    for name in sections:
        if name not in names:
            raise ConfigError(
                f"no plugin named {name!r} is installed; there are: {', '.join(sorted(names)) or 'none'}",
                key=f"plugins.{name}",
                file=str(settings.source) if settings.source else None,
                cure=f"Install it (`pip install massgen-{name}`, perhaps), or remove the section.",
            )


async def _declare(
    host: PluginHost, info: PluginInfo, section: dict[str, Any] | None, module: ModuleType | None, settings: Settings
) -> Declared | PluginError | None:
    if info.state in ("failed", "conflict"):
        return PluginError(info.name, info.stage or "load", info.reason or "cannot be loaded")
    if info.state == "disabled":
        return None
    file = str(settings.source) if settings.source else None
    with anyio.move_on_after(settings.load_timeout):
        # In a thread, so that an import that hangs costs this plugin and not the program.
        return await run_in_daemon_thread(partial(host.declare, info, section, module=module, file=file))
    return PluginError(info.name, "load", f"its import and hooks did not finish within {settings.load_timeout:g} s")


def _unless_taken(newcomer: Declared, others: Sequence[Declared]) -> Declared | PluginError:
    """A plugin, unless it brings a service that another one brings already, or one twice."""
    owners = {offer.service: other.info.name for other in others for offer in other.services}
    for offer in newcomer.services:
        if offer.service in owners:
            taken = f"{offer.service} is already brought by {owners[offer.service]!r}; disable one of the two"
            return PluginError(newcomer.info.name, "declare", taken)
        owners[offer.service] = newcomer.info.name
    return newcomer


def _state_after(info: PluginInfo, outcome: Declared | PluginError | None) -> PluginInfo:
    if not isinstance(outcome, PluginError):
        return info
    if info.state == "conflict":
        return replace(info, stage=outcome.stage, reason=outcome.reason)
    return info.failed(outcome.stage, outcome.reason)


def _tolerated(error: PluginError, info: PluginInfo, settings: Settings) -> PluginError:
    """The error, unless the plugin must work: then it is raised, a wrong setting as the `ConfigError` it is."""
    section = settings.plugins.get(info.name)
    required = settings.strict or (section is not None and section.get("required", True)) or info.built_in
    if not required:
        return error
    raise error.cause if isinstance(error.cause, ConfigError) else error
