"""The entry module: declares the settings and the sandbox backend named ``docker``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from massgen_core.errors import SandboxUnavailable
from massgen_core.hookspecs import hookimpl
from massgen_core.sandbox import SandboxBackend
from massgen_core.tools import ProviderContext, Service, ServiceProvider
from massgen_sandbox_docker.config import DockerConfig


@hookimpl
def massgen_config() -> type[DockerConfig]:
    """The model of ``[plugins.sandbox-docker]``."""
    return DockerConfig


@hookimpl
def massgen_sandboxes(config: DockerConfig) -> Iterable[ServiceProvider]:
    """The backend named ``docker``; its engine is looked for when the first sandbox is needed."""
    instead = [] if config.fallback is None else [Service(SandboxBackend, config.fallback)]

    @asynccontextmanager
    async def open_backend(context: ProviderContext) -> AsyncGenerator[SandboxBackend]:
        async with AsyncExitStack() as stack:
            try:
                backend = await stack.enter_async_context(_docker(config, context))
            except SandboxUnavailable as error:
                if config.fallback is None:
                    raise
                problem = str(error).partition("\n")[0]
                context.log(f"{problem}: {config.fallback!r} runs the sandboxes instead, as `fallback` says")
                backend = context.service(SandboxBackend, config.fallback)
            yield backend

    return [ServiceProvider(service=Service(SandboxBackend, "docker"), open=open_backend, requires=instead)]


def _docker(config: DockerConfig, context: ProviderContext) -> AbstractAsyncContextManager[SandboxBackend]:
    _check_event_loop()
    from massgen_sandbox_docker.backend import docker_backend

    return docker_backend(config, log=context.log)


def _check_event_loop() -> None:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise SandboxUnavailable(
            "the Docker backend runs on asyncio only, since its client library does\n  "
            'Start the program with `anyio.run(main, backend="asyncio")` or `asyncio.run(main())`.'
        ) from None
