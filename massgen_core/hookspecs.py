"""The contract with plugins: the hooks, and the marker for implementing them.

A plugin is a module named by an entry point in the group ``massgen_core.plugins``. Its hooks are called once, when a
runtime opens; they are synchronous, cheap, and return descriptions. Everything that awaits happens inside what they
describe.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pluggy
from pydantic import BaseModel

from massgen_core.tools import Middleware, ServiceProvider, ToolProvider

PROJECT = "massgen_core"

hookspec: pluggy.HookspecMarker = pluggy.HookspecMarker(PROJECT)
hookimpl: pluggy.HookimplMarker = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin's module as an implementation of the hook of the same name."""


@hookspec
def massgen_config() -> type[BaseModel]:  # pyright: ignore[reportReturnType]
    """The model of this plugin's section in the config file; called first, before any other hook.

    The section is validated with it, and the instance is handed to the other hooks as ``config``. A plugin without
    this hook takes no settings.
    """


@hookspec
def massgen_providers(config: Any) -> Iterable[ToolProvider]:  # pyright: ignore[reportReturnType]
    """The tool providers this plugin brings; called when the runtime composes, after the section was validated."""


@hookspec
def massgen_sandboxes(config: Any) -> Iterable[ServiceProvider]:  # pyright: ignore[reportReturnType]
    """The sandbox backends this plugin brings: services of the kind `SandboxBackend`; called before anything opens."""


@hookspec
def massgen_media_engines(config: Any) -> Iterable[ServiceProvider]:  # pyright: ignore[reportReturnType]
    """The media engines this plugin brings: services of the kind `MediaEngine`; called before anything opens."""


@hookspec
def massgen_services(config: Any) -> Iterable[ServiceProvider]:  # pyright: ignore[reportReturnType]
    """Services of any other kind, `SessionFiles` for one; called before anything opens."""


@hookspec
def massgen_middlewares(config: Any) -> Iterable[Middleware]:  # pyright: ignore[reportReturnType]
    """The middlewares this plugin puts around every call; called before anything opens."""
