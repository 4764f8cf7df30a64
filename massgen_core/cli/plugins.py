"""`massgen-core plugins`: what is installed, its state, and why.

Without ``--check`` only package metadata and the config file are read: no plugin is imported, and pydantic is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from massgen_core.cli.exits import ExitCode
from massgen_core.cli.options import Options, json_option, pass_options
from massgen_core.cli.output import print_json, print_table
from massgen_core.cli.running import run_async
from massgen_core.config_file import find_config, read_config
from massgen_core.loading.discovery import PluginInfo, find_plugins

if TYPE_CHECKING:
    from massgen_core.loading.composition import Composition
    from massgen_core.loading.hooks import Declared

_COLUMNS = ("name", "distribution", "version", "state", "reason")


@click.command()
@json_option("Print a JSON list: name, module, distribution, version, state, stage, reason (and brings).")
@click.option("--check", is_flag=True, help="Import, configure and question what is enabled; 1 if anything failed.")
@pass_options
def plugins(options: Options, as_json: bool, check: bool) -> int:
    """List the installed plugins, their state, and why.

    Without --check no plugin is imported. With it everything enabled is imported, its settings are validated and its
    hooks are called, but nothing is opened: no container, no server.
    """
    options.json_errors = as_json
    if check:
        found, brings = _checked(options)
        rows = [_row(info) | {"brings": brings.get(info.name, [])} for info in found]
    else:
        found = _listed(options)
        rows = [_row(info) for info in found]
    if as_json:
        print_json(rows)
    else:
        columns = (*_COLUMNS, "brings") if check else _COLUMNS
        print_table(columns, [[_cell(row, column) for column in columns] for row in rows])
    failed = any(info.state in ("failed", "conflict") for info in found)
    return ExitCode.TOOL_ERROR if check and failed else ExitCode.OK


def _row(info: PluginInfo) -> dict[str, Any]:
    return {column: getattr(info, column) for column in (*_COLUMNS, "module", "stage")}


def _cell(row: Mapping[str, Any], column: str) -> str:
    match column:
        case "distribution" if row["distribution"] is None:
            return Path(row["module"]).name
        case "reason" if row["stage"]:
            return f"{row['stage']}: {row['reason']}"
        case "brings":
            return ", ".join(row["brings"])
        case _:
            return row[column] or ""


def _listed(options: Options) -> list[PluginInfo]:
    sections, discover = _switches(options.config or find_config())
    found = find_plugins(sections, discover=discover, files=options.files)
    return [*found, *_missing(sections, found)]


def _switches(path: Path | None) -> tuple[Mapping[str, Mapping[str, Any]], bool]:
    """What a config file says of plugins; pydantic is asked only where the file is not plain."""
    raw: Mapping[str, Any] = read_config(path) if path else {}
    sections, discover = raw.get("plugins", {}), raw.get("discover", True)
    if isinstance(discover, bool) and _are_tables(sections):
        return cast("Mapping[str, Mapping[str, Any]]", sections), discover
    from massgen_core.config import load_settings

    settings = load_settings(path)  # raises, and names the key, unless pydantic can make sense of it
    return settings.plugins, settings.discover


def _are_tables(sections: object) -> bool:
    return isinstance(sections, dict) and all(isinstance(s, dict) for s in cast("dict[str, Any]", sections).values())


def _checked(options: Options) -> tuple[list[PluginInfo], dict[str, list[str]]]:
    from massgen_core.config import load_settings
    from massgen_core.loading.composition import compose

    settings = load_settings(options.config)

    async def check() -> Composition:
        return await compose(settings, files=options.files, tolerant=True)

    composition = run_async(check)
    brings = {declared.info.name: list(_brought(declared)) for declared in composition.declared}
    return [*composition.plugins, *_missing(settings.plugins, composition.plugins)], brings


def _missing(sections: Iterable[str], found: Iterable[PluginInfo]) -> list[PluginInfo]:
    """The plugins that the config names and that are not installed."""
    installed = {info.name for info in found}
    absent = [name for name in sections if name not in installed]
    return [
        PluginInfo(name=n, module="").failed("load", "the config names it, but it is not installed") for n in absent
    ]


def _brought(declared: Declared) -> Iterator[str]:
    yield from (f"tools {provider.name}" for provider in declared.providers)
    yield from (str(provider.service) for provider in declared.services)
    yield from (f"middleware {middleware.name}" for middleware in declared.middlewares)
