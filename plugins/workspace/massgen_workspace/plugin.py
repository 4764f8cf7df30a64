"""The entry module: file tools on each session's workspace."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from massgen_core.errors import ConfigError
from massgen_core.files import SessionFiles
from massgen_core.hookspecs import hookimpl
from massgen_core.tools import Service, ServiceProvider, ToolProvider
from massgen_workspace.config import WorkspaceConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from massgen_core.tools import ProviderContext, Tool


@hookimpl
def massgen_config() -> type[WorkspaceConfig]:
    """The model of ``[plugins.workspace]``."""
    return WorkspaceConfig


@hookimpl
def massgen_services(config: WorkspaceConfig) -> list[ServiceProvider]:
    """The session's files, for other plugins."""

    def open_files(context: ProviderContext) -> AbstractAsyncContextManager[Any]:
        _demand_posix()
        from massgen_workspace.session_files import serve_files

        return serve_files(config, context)

    return [ServiceProvider(service=Service(SessionFiles, "workspace"), open=open_files)]


@hookimpl
def massgen_providers(config: WorkspaceConfig) -> list[ToolProvider]:
    """The file tools; their names have no prefix."""

    def open_tools(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        _demand_posix()
        from massgen_workspace.tools import serve

        return serve(config, context)

    return [ToolProvider(name="workspace", prefix="", open=open_tools)]


def _demand_posix() -> None:
    """Raises `ConfigError` where files cannot be opened beneath folders, nor locked."""
    try:
        import_module("fcntl")
    except ImportError:
        raise ConfigError(
            "the file tools need a POSIX system (Linux, macOS)",
            key="plugins.workspace",
            cure="Run massgen-core in WSL, or leave the plugin out with `enabled = false` there.",
        ) from None
