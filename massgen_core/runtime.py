"""`open_runtime()`: plugins composed, providers opened, sessions handed out."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.calls.audit import audit_middleware
from massgen_core.calls.log import log_middleware
from massgen_core.calls.permissions import Policy
from massgen_core.calls.pipeline import Pipeline
from massgen_core.calls.registry import Entry, Registry
from massgen_core.config import Settings, load_settings
from massgen_core.errors import ConfigError, PluginError
from massgen_core.loading.composition import Composition, compose
from massgen_core.loading.discovery import PluginInfo
from massgen_core.providers import Providers
from massgen_core.session import Session, Sessions
from massgen_core.tools import Access, ServiceT

Report = Callable[[str], None]


class Runtime:
    """An open composition of plugins; made by `open_runtime`."""

    def __init__(
        self,
        settings: Settings,
        composition: Composition,
        registry: Registry,
        providers: Providers,
        sessions: Sessions,
    ) -> None:
        self.settings = settings
        self._sessions = sessions
        self._composition = composition
        self._registry = registry
        self._providers = providers
        middlewares = [*composition.middlewares, log_middleware()]
        if settings.audit:
            middlewares.append(audit_middleware(settings.audit, folder=settings.folder))
        self._pipeline = Pipeline(registry, middlewares)

    @property
    def plugins(self) -> tuple[PluginInfo, ...]:
        """Every installed plugin and its state now."""
        return tuple(self._providers.state_of(info) for info in self._composition.plugins)

    @property
    def failures(self) -> tuple[PluginError, ...]:
        """What failed and was left out, in the order it happened."""
        return tuple(self._providers.failures)

    @property
    def tools(self) -> tuple[Entry, ...]:
        """All tools, sorted by exposed name."""
        return tuple(self._registry)

    def service(self, kind: type[ServiceT], name: str | None = None) -> ServiceT:
        """An open service, ``runtime.service(SandboxBackend, "docker")`` for one.

        Raises:
            LookupError: No such service is open; only those that a provider requires are opened.
        """
        return self._providers.service(kind, name)

    @asynccontextmanager
    async def session(
        self,
        *,
        agent: str | None = None,
        workspace: str | os.PathLike[str] | None = None,
        allow: Iterable[Access] | None = None,
    ) -> AsyncGenerator[Session]:
        """One agent's tools, workspace and permissions.

        ``agent`` picks its section of the config's ``agents``. ``allow`` narrows what its tools may do further.
        Leaving the context cancels its calls and closes what its tools opened for it.

        Raises:
            ConfigError: The config knows agents, and this is none of them.
        """
        policy = self._policy(agent)
        session = Session(
            self._registry,
            self._pipeline,
            agent=agent,
            workspace=Path(await anyio.Path(workspace).resolve()) if workspace is not None else None,
            policy=policy.narrowed(frozenset(allow) if allow is not None else None),
            resources=self._sessions.new_resources(),
        )
        async with self._sessions.closing(session):
            yield session

    def _policy(self, agent: str | None) -> Policy:
        """The named agent's policy; where the config knows agents, a name that it does not know is refused."""
        agents = self.settings.agents
        if agent is not None and agents and agent not in agents:
            raise ConfigError(
                "no such agent",
                key=f"agents.{agent}",
                file=str(self.settings.source) if self.settings.source else None,
                cure=f"Add a section for it, or use one of: {', '.join(sorted(agents))}.",
            )
        return Policy.of(agents.get(agent) if agent is not None else None)


@asynccontextmanager
async def open_runtime(
    config: Settings | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    *,
    plugins: Sequence[ModuleType | tuple[str, ModuleType]] = (),
    files: Sequence[str | os.PathLike[str]] = (),
    strict: bool | None = None,
    installed: bool = True,
    report: Report | None = None,
) -> AsyncGenerator[Runtime]:
    """Compose what is enabled, open every provider, and close all of it again at the end.

    ``config`` is a file, a mapping or `Settings`; None takes ``massgen.toml`` from the current folder if it is there.
    ``plugins`` are modules (or names and modules) to use beside the installed ones, ``files`` one-file plugins.
    ``strict`` true makes every failure of a plugin an error; ``installed`` false ignores installed third-party
    plugins. ``report`` is told one line of progress at a time.

    Raises:
        ConfigError: The config is wrong.
        PluginError: A plugin or server that the config names failed (any plugin, when strict).
    """
    settings = await anyio.to_thread.run_sync(load_settings, config)
    if strict is not None:
        settings = settings.model_copy(update={"strict": strict}).with_source(settings.source)
    composition = await compose(settings, modules=plugins, files=files, installed=installed)
    registry = Registry()
    body_error: BaseException | None = None
    report = report or _silent
    async with anyio.create_task_group() as tasks:
        providers = Providers(settings, composition, registry, tasks, report)
        sessions = Sessions(tasks, grace=settings.stop_timeout, report=report)
        try:
            await providers.open()
            yield Runtime(settings, composition, registry, providers, sessions)
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as error:  # kept, so that it leaves bare instead of wrapped in a group
            body_error = error
        finally:
            with anyio.CancelScope(shield=True):
                await sessions.close()
                await providers.close()
    if body_error is not None:
        raise body_error


def _silent(line: str) -> None:
    pass
