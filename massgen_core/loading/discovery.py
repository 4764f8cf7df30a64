"""Which plugins are installed, read from package metadata; nothing is imported here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from pathlib import Path
from typing import Literal

from massgen_core.errors import ConfigError, Stage

GROUP = "massgen_core.plugins"
"""The entry-point group of this contract's version; a later contract has another name (``massgen_core.plugins.v2``)."""
BUILT_IN = "massgen-core"
ENVIRONMENT = "MASSGEN_PLUGINS"
REFUSED = "MASSGEN_REFUSE_DISCOVERY"
"""Names who forbids looking for installed plugins; the pytest fixture `massgen_runtime` sets it."""

State = Literal["enabled", "disabled", "failed", "conflict"]

LEGAL_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_ANY_VERSION = re.compile(rf"{re.escape(GROUP)}(\.v\d+)?")


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
        return replace(self, state="disabled", stage=None, reason=reason)


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
        ConfigError: ``MASSGEN_PLUGINS`` names a plugin that is not installed, a one-file plugin does not exist, or a
            test refuses to see what is installed.
    """
    _refuse_if_told(installed)
    sections = sections or {}
    found = [_from_file(Path(file)) for file in files]
    found += [info for info in _from_metadata() if installed or info.built_in]
    found = _settle_names(found, sections)
    selected = _selected_names(found) if installed else None
    return tuple(sorted((_switch(info, sections, discover, selected) for info in found), key=_sort_key))


def _sort_key(info: PluginInfo) -> tuple[str, str]:
    return (info.name, info.distribution or "")


def _refuse_if_told(installed: bool) -> None:
    if installed and (who := os.environ.get(REFUSED)):
        raise ConfigError(
            f"looking for installed plugins is refused by {who}: a test must not depend on what is installed",
            cure="Give the plugins' modules to `massgen_runtime(...)`, or pass `installed=False`.",
        )


def _from_metadata() -> list[PluginInfo]:
    points, broken = _entry_points()
    unique = {(point.group, point.name, point.value, _distribution(point)): point for point in points}
    return [*map(_from_entry_point, unique.values()), *broken]


def _entry_points() -> tuple[list[EntryPoint], list[PluginInfo]]:
    """Our entry points, and what stands for distributions whose entry points cannot be read."""
    try:
        every = entry_points()
        return [
            point for group in every.groups if _ANY_VERSION.fullmatch(group) for point in every.select(group=group)
        ], []
    except Exception:  # one distribution's broken file hides all the others: look at each by itself
        return _entry_points_one_by_one()


def _entry_points_one_by_one() -> tuple[list[EntryPoint], list[PluginInfo]]:
    points: list[EntryPoint] = []
    broken: list[PluginInfo] = []
    seen: set[str] = set()
    for distribution in distributions():
        name = _canonical(_said(distribution, "Name") or "")
        if name in seen:
            continue
        seen.add(name)
        try:
            points += [point for point in distribution.entry_points if _ANY_VERSION.fullmatch(point.group)]
        except Exception as error:
            broken += _unreadable(distribution, error)
    return points, broken


def _unreadable(distribution: Distribution, error: Exception) -> list[PluginInfo]:
    """A distribution whose entry points cannot be read, if it means to bring a plugin at all."""
    if GROUP not in (distribution.read_text("entry_points.txt") or ""):
        return []
    name = _said(distribution, "Name") or "unknown"
    info = PluginInfo(name=name, module="", distribution=name, version=_said(distribution, "Version"))
    return [info.failed("load", f"its entry_points.txt cannot be read ({error}); reinstall or repair it")]


def _distribution(point: EntryPoint) -> str | None:
    return _said(point.dist, "Name") if point.dist else None


def _said(distribution: Distribution, key: str) -> str | None:
    """What a distribution's metadata says; the remains of an interrupted installation have none."""
    with suppress(FileNotFoundError):
        known = distribution.metadata
        return known[key] if known and key in known else None
    return None


def _from_entry_point(point: EntryPoint) -> PluginInfo:
    distribution = _distribution(point)
    info = PluginInfo(
        name=point.name,
        module=point.value,
        distribution=distribution or "unknown",
        version=_said(point.dist, "Version") if point.dist else None,
    )
    if distribution is None:
        return info.failed("load", "its distribution has no readable metadata; reinstall it")
    if point.group != GROUP:
        return info.failed("load", f"targets the plugin contract {point.group!r}; this is {GROUP!r}: upgrade one")
    if not LEGAL_NAME.fullmatch(point.name):
        return info.failed("load", "its name must be lower-case letters, digits and dashes, at most 32")
    if not _MODULE.fullmatch(point.value):
        return info.failed("load", f"its entry point must name a module, not {point.value!r}")
    return info


def _from_file(path: Path) -> PluginInfo:
    if not path.is_file():
        raise ConfigError("no such file", key="--plugin", file=str(path), cure="Give the path of a Python file.")
    name = path.stem.lower().replace("_", "-")
    info = PluginInfo(name=name, module=str(path.resolve()))
    return (
        info
        if LEGAL_NAME.fullmatch(name)
        else info.failed("load", f"a plugin cannot be named {name!r}; rename the file")
    )


def _settle_names(found: list[PluginInfo], sections: Mapping[str, Mapping[str, object]]) -> list[PluginInfo]:
    """Mark plugins that share a name, unless the config says which distribution is meant."""
    by_name: dict[str, list[PluginInfo]] = {}
    for info in found:
        by_name.setdefault(info.name, []).append(info)
    return [settled for name, same in by_name.items() for settled in _settle(same, sections.get(name, {}))]


def _settle(same: list[PluginInfo], section: Mapping[str, object]) -> list[PluginInfo]:
    usable = [info for info in same if info.state == "enabled"]
    files = [info for info in usable if info.distribution is None]
    if len(files) == 1:  # asked for by path: it takes the place of an installed one
        return [info if info is files[0] else info.disabled(f"{files[0].module} is used instead") for info in same]
    wanted = section.get("distribution")
    if isinstance(wanted, str) and usable and not files:
        return _choose(same, wanted)
    return _conflict(same, usable) if len(usable) > 1 else same


def _choose(same: list[PluginInfo], wanted: str) -> list[PluginInfo]:
    chosen = [info for info in same if _canonical(info.distribution or "") == _canonical(wanted)]
    if chosen:
        return [info if info in chosen else info.disabled(f"{wanted} was chosen") for info in same]
    reason = f"plugins.{same[0].name}.distribution wants {wanted!r}; there is only {_owners(same)}"
    return [info.failed("load", reason) for info in same]


def _conflict(same: list[PluginInfo], usable: list[PluginInfo]) -> list[PluginInfo]:
    name = same[0].name
    reason = f"{_owners(usable)} all bring a plugin named {name!r}; choose with plugins.{name}.distribution"
    return [replace(info, state="conflict", stage="load", reason=reason) if info in usable else info for info in same]


def _owners(same: list[PluginInfo]) -> str:
    return ", ".join(sorted(info.distribution or info.module for info in same))


def _canonical(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


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
    """Switch a plugin off where the config or the environment says so, a broken one too: then it is no failure."""
    section = sections.get(info.name)
    if section is not None and section.get("enabled") is False:
        return info.disabled(f"plugins.{info.name}.enabled = false")
    if info.state == "disabled" or info.built_in or info.distribution is None:
        return info
    if selected is not None:
        return info if info.name in selected else info.disabled(f"not in {ENVIRONMENT}")
    return (
        info if section is not None or discover else info.disabled("discover = false, and the config does not name it")
    )
