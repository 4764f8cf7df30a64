"""A runtime for one command: the config, one-file plugins, progress and warnings on stderr."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from massgen_core.cli.options import Options
from massgen_core.cli.output import ProgressLines, warn

if TYPE_CHECKING:
    from massgen_core.config import Settings
    from massgen_core.runtime import Runtime


def settings_for(options: Options, *, tool: str | None = None) -> Settings:
    """The settings that a command works with.

    ``tool`` is the only one that is wanted: where its name says where it comes from, the rest stays closed.

    Raises:
        ConfigError: The config is wrong.
    """
    from massgen_core.config import load_settings

    settings = load_settings(options.config)
    return settings if tool is None else only_owner_of(tool, settings)


@asynccontextmanager
async def opened(settings: Settings, options: Options, progress: ProgressLines) -> AsyncGenerator[Runtime]:
    """Open a runtime; what failed and may fail is a warning, a file given with ``--plugin`` must work.

    Raises:
        ConfigError: A section of the config is wrong.
        PluginError: Something that must start did not.
    """
    from massgen_core.runtime import open_runtime

    async with open_runtime(settings, files=options.files, report=progress.line) as runtime:
        _judge_failures(runtime, progress)
        yield runtime


def only_owner_of(tool: str, settings: Settings) -> Settings:
    """The settings with only what a tool's name belongs to, a server or the shell; as they are if that is not certain.

    What is left out need not be started.
    """
    from massgen_core.shell.settings import TOOLS

    owners = [name for name, server in settings.servers.items() if _begins(tool, str(server.get("prefix") or name))]
    shell = settings.shell if tool in TOOLS else None
    if len(owners) + (shell is not None) != 1:
        return settings
    update = {"servers": {name: settings.servers[name] for name in owners}, "shell": shell}
    return settings.model_copy(update=update).with_source(settings.source)


def _begins(tool: str, prefix: str) -> bool:
    return tool.startswith((f"{prefix}_", f"{prefix.replace('-', '_')}_"))


def _judge_failures(runtime: Runtime, progress: ProgressLines) -> None:
    given = {info.name for info in runtime.plugins if info.distribution is None}
    for failure in runtime.failures:
        if failure.plugin in given:
            raise failure
        if str(failure) not in progress.said:
            warn(str(failure))
