"""The built-in plugin `shell`: commands, programs and background processes in a session's own sandbox."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from massgen_core.hookspecs import hookimpl
from massgen_core.sandbox import SandboxBackend
from massgen_core.shell.settings import ShellConfig
from massgen_core.tools import Service, ToolProvider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from massgen_core.tools import ProviderContext, Tool

OPEN_TIMEOUT = 1800.0
"""Seconds that opening may take, where an image may have to be built or pulled."""


@hookimpl
def massgen_config() -> type[ShellConfig]:
    """The section ``[shell]``."""
    return ShellConfig


@hookimpl
def massgen_providers(config: ShellConfig) -> list[ToolProvider]:
    """The tools, where the config has the section."""
    settings = config.shell
    if settings is None:
        return []

    def open_tools(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        from massgen_core.shell.tools import serve

        return serve(settings, context)

    return [
        ToolProvider(
            name="shell",
            prefix="",
            open=open_tools,
            requires=[Service(SandboxBackend, settings.sandbox)],
            start_timeout=OPEN_TIMEOUT,
        )
    ]
