"""Which plugins are installed, read from package metadata; nothing is imported here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Literal

from massgen_core.errors import ConfigError, Stage

GROUP = "massgen_core.plugins"
"""The entry-point group of this contract's version; a later contract has another name (``massgen_core.plugins.v2``)."""
BUILT_IN = "massgen-core"
ENVIRONMENT = "MASSGEN_PLUGINS"

State = Literal["enabled", "disabled", "failed", "conflict"]

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInfo:
    """One installed plugin: where it comes from, its state, and the reason when it is not enabled.

    ``module`` is a dotted name, or the path of a one-file plugin.
    """

    name: str
    module: str
    distribution: str | None = None
    version: str | None = None
    state: State = "enabled"
    stage: Stage | None = None
    reason: str | None = None

    @property
    def built_in(self) -> bool:
        """Whether it came with massgen-core."""
        return self.distribution == BUILT_IN

    def failed(self, stage: Stage, reason: str) -> PluginInfo:
        """This plugin, failed at a stage."""
        return replace(self, state="failed", stage=stage, reason=reason)

    def disabled(self, reason: str) -> PluginInfo:
        """This plugin, switched off."""
        return replace(self, state="disabled", reason=reason)


def find_plugins(
    sections: Mapping[str, Mapping[str, object]] | None = None,
    *,
    discover: bool = True,
    files: Iterable[str | os.PathLike[str]] = (),
    installed: bool = True,
) -> tuple[PluginInfo, ...]:
    """Every plugin there is, with its state, sorted by name.

    ``sections`` are the config's plugin sections, ``files`` one-file plugins. ``discover`` false leaves disabled what
    the config does not name; ``installed`` false leaves out all but what came with massgen-core.

    Raises:
        ConfigError: ``MASSGEN_PLUGINS`` names a plugin that is not installed, or a one-file plugin does not exist.
    """
    sections = sections or {}
    found = [_from_file(Path(file)) for file in files]
    found += [info for info in _from_metadata() if installed or info.built_in]
    found = _settle_names(found, sections)
    selected = _selected_names(found)
    return tuple(sorted((_switch(info, sections, discover, selected) for info in found), key=_sort_key))


def _sort_key(info: PluginInfo) -> tuple[str, str]:
    return (info.name, info.distribution or "")


def _from_metadata() -> list[PluginInfo]:
    every = entry_points()
    groups = [group for group in every.groups if group.split(".v")[0] == GROUP]
    points = [point for group in groups for point in every.select(group=group)]
    unique = {(point.group, point.name, point.value, _distribution(point)): point for point in points}
    return [_from_entry_point(point) for point in unique.values()]


def _distribution(point: EntryPoint) -> str | None:
    return point.dist.name if point.dist else None


def _from_entry_point(point: EntryPoint) -> PluginInfo:
    info = PluginInfo(
        name=point.name,
        module=point.value,
        distribution=_distribution(point),
        version=point.dist.version if point.dist else None,
    )
    if point.group != GROUP:
        return info.failed("load", f"targets the plugin contract {point.group!r}; this is {GROUP!r}: upgrade one")
    if not _NAME.fullmatch(point.name):
        return info.failed("load", "its name must be lower-case letters, digits and dashes, at most 32")
    if point.attr:
        return info.failed("load", f"its entry point must name a module, not {point.value!r}")
    return info


def _from_file(path: Path) -> PluginInfo:
    if not path.is_file():
        raise ConfigError("no such file", key="--plugin", file=str(path), cure="Give the path of a Python file.")
    name = path.stem.lower().replace("_", "-")
    info = PluginInfo(name=name, module=str(path.resolve()))
    return info if _NAME.fullmatch(name) else info.failed("load", f"a plugin cannot be named {name!r}; rename the file")


def _settle_names(found: list[PluginInfo], sections: Mapping[str, Mapping[str, object]]) -> list[PluginInfo]:
    """Mark plugins that share a name, unless the config says which distribution is meant."""
    by_name: dict[str, list[PluginInfo]] = {}
    for info in found:
        by_name.setdefault(info.name, []).append(info)
    return [settled for same in by_name.values() for settled in _settle(same, sections)]


def _settle(same: list[PluginInfo], sections: Mapping[str, Mapping[str, object]]) -> list[PluginInfo]:
    usable = [info for info in same if info.state == "enabled"]
    if len(usable) < 2:
        return same
    name = usable[0].name
    wanted = sections.get(name, {}).get("distribution")
    owners = ", ".join(sorted(info.distribution or info.module for info in usable))
    if wanted in {info.distribution for info in usable}:
        return [info if info.distribution == wanted else info.disabled(f"{wanted} was chosen") for info in same]
    reason = f"{owners} all bring a plugin named {name!r}; choose with plugins.{name}.distribution"
    return [replace(info, state="conflict", stage="load", reason=reason) if info in usable else info for info in same]


def _selected_names(found: list[PluginInfo]) -> frozenset[str] | None:
    value = os.environ.get(ENVIRONMENT)
    if value is None:
        return None
    names = frozenset(name.strip() for name in value.split(",") if name.strip())
    if missing := names - {info.name for info in found}:
        raise ConfigError(
            f"names plugins that are not installed: {', '.join(sorted(missing))}",
            key=ENVIRONMENT,
            cure="See `massgen-core plugins` for what is installed.",
        )
    return names


def _switch(
    info: PluginInfo, sections: Mapping[str, Mapping[str, object]], discover: bool, selected: frozenset[str] | None
) -> PluginInfo:
    if info.state != "enabled":
        return info
    section = sections.get(info.name)
    if section is not None and section.get("enabled") is False:
        return info.disabled(f"plugins.{info.name}.enabled = false")
    if info.built_in or info.distribution is None:
        return info
    if selected is not None:
        return info if info.name in selected else info.disabled(f"not in {ENVIRONMENT}")
    return info if section is not None or discover else info.disabled("discover = false, and the config does not name it")
