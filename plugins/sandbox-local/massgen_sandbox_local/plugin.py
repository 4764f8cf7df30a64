"""The entry module: declares the settings and the sandbox backend named ``local``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from massgen_core.hookspecs import hookimpl
from massgen_core.sandbox import SandboxBackend
from massgen_core.tools import ProviderContext, Service, ServiceProvider
from massgen_sandbox_local.config import LocalConfig

if TYPE_CHECKING:
    from massgen_sandbox_local.backend import LocalBackend


@hookimpl
def massgen_config() -> type[LocalConfig]:
    """The model of ``[plugins.sandbox-local]``."""
    return LocalConfig


@hookimpl
def massgen_sandboxes(config: LocalConfig) -> Iterable[ServiceProvider]:
    """The backend named ``local``; bubblewrap is looked for when the first sandbox is needed."""

    @asynccontextmanager
    async def open_backend(context: ProviderContext) -> AsyncGenerator[LocalBackend]:
        from massgen_sandbox_local.backend import local_backend

        async with local_backend(config, log=context.log) as backend:
            yield backend

    return [ServiceProvider(service=Service(SandboxBackend, "local"), open=open_backend)]
