"""The plugin as the core sees it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import anyio
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker import plugin
from massgen_sandbox_docker.config import DockerConfig
from pydantic import ValidationError

import massgen_core
from massgen_core.errors import PluginError
from massgen_core.sandbox import SandboxBackend
from massgen_core.testing import assert_plugin_conforms
from massgen_core.tools import ProviderContext, Service, ServiceProvider, Tool, ToolProvider

NEED = Service(SandboxBackend, "docker")


def needs_docker() -> ModuleType:
    """A plugin whose provider requires the backend."""

    @asynccontextmanager
    async def use(context: ProviderContext) -> AsyncGenerator[list[Tool]]:
        assert context.service(SandboxBackend, "docker").name == "docker"
        yield []

    def massgen_providers(config: Any) -> Iterable[ToolProvider]:
        return [ToolProvider(name="user", open=use, requires=[NEED])]

    module = ModuleType("needs_docker")
    module.massgen_providers = massgen_core.hookimpl(massgen_providers)  # pyright: ignore[reportAttributeAccessIssue]
    return module


def test_the_plugin_conforms() -> None:
    """Its import is light and silent, and its hooks and settings keep the contract."""
    assert_plugin_conforms(plugin, name="sandbox-docker")


def test_one_backend_is_declared() -> None:
    """It brings the sandbox backend named docker, and nothing is looked for until somebody needs it."""
    (offer,) = plugin.massgen_sandboxes(DockerConfig(host="tcp://nowhere.invalid"))
    assert offer.service == NEED


@pytest.mark.docker
@pytest.mark.anyio
async def test_a_runtime_hands_the_backend_out(spec: MakeSpec) -> None:
    """A runtime opens the backend when a provider requires it, and a sandbox can be started from there."""
    plugins = [("sandbox-docker", plugin), ("user", needs_docker())]
    async with massgen_core.open_runtime({"discover": False}, plugins=plugins) as runtime:
        backend = runtime.service(SandboxBackend, "docker")
        async with backend.start(spec("cat")) as sandbox:
            await sandbox.main.send(b"hello")
            assert await sandbox.main.receive() == b"hello"


@pytest.mark.anyio
async def test_no_engine_is_a_failure_to_start_with_its_cure() -> None:
    """Without an engine the provider that needs it fails to start, and the message says what to do."""
    settings = {"discover": False, "strict": True, "plugins": {"sandbox-docker": {"host": "unix:///nowhere.sock"}}}
    plugins = [("sandbox-docker", plugin), ("user", needs_docker())]
    with pytest.raises(PluginError, match="failed to start: no Docker Engine") as raised:
        async with massgen_core.open_runtime(settings, plugins=plugins):
            pass
    assert "docker setup" in str(raised.value)


def stands_in() -> ModuleType:
    """A plugin that brings a backend named local."""

    @asynccontextmanager
    async def use(context: ProviderContext) -> AsyncGenerator[Any]:
        yield STAND_IN

    def massgen_sandboxes(config: Any) -> Iterable[ServiceProvider]:
        return [ServiceProvider(service=Service(SandboxBackend, "local"), open=use)]

    module = ModuleType("stands_in")
    module.massgen_sandboxes = massgen_core.hookimpl(massgen_sandboxes)  # pyright: ignore[reportAttributeAccessIssue]
    return module


STAND_IN = SimpleNamespace(name="docker")


@pytest.mark.anyio
async def test_another_backend_stands_in_when_that_is_written_out() -> None:
    """Where no engine is there, the backend named by `fallback` is handed out, and that is told."""
    settings = {"host": "unix:///nowhere.sock", "fallback": "local"}
    plugins = [("sandbox-docker", plugin), ("user", needs_docker()), ("stands-in", stands_in())]
    said: list[str] = []
    config = {"discover": False, "strict": True, "plugins": {"sandbox-docker": settings}}
    async with massgen_core.open_runtime(config, plugins=plugins, report=said.append) as runtime:
        assert runtime.service(SandboxBackend, "docker") is STAND_IN
    assert any("no Docker Engine" in line and "'local' runs the sandboxes instead" in line for line in said)


@pytest.mark.docker
@pytest.mark.anyio
async def test_the_engine_is_used_where_there_is_one() -> None:
    """A fallback is nothing but that."""
    plugins = [("sandbox-docker", plugin), ("user", needs_docker()), ("stands-in", stands_in())]
    config = {"discover": False, "strict": True, "plugins": {"sandbox-docker": {"fallback": "local"}}}
    async with massgen_core.open_runtime(config, plugins=plugins) as runtime:
        assert runtime.service(SandboxBackend, "docker") is not STAND_IN


def test_it_cannot_stand_in_for_itself() -> None:
    """Another backend has to be named."""
    with pytest.raises(ValidationError):
        DockerConfig(fallback="docker")


def test_trio_is_refused_in_words() -> None:
    """On trio the error says that asyncio is needed, and how to have it."""

    async def main() -> None:
        async with massgen_core.open_runtime({}, plugins=[needs_docker(), ("sandbox-docker", plugin)], strict=True):
            pytest.fail("it opened")

    with pytest.raises(PluginError, match="runs on asyncio only"):
        anyio.run(main, backend="trio")
