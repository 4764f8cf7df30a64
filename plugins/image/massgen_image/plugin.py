"""The entry module: pictures drawn, edited and read, without a key and without a network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from massgen_core.files import SessionFiles
from massgen_core.hookspecs import hookimpl
from massgen_core.media import MediaEngine
from massgen_core.tools import Service, ServiceProvider, ToolProvider
from massgen_core.workers import Limits, Workers
from massgen_image.config import ImageConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from massgen_core.tools import ProviderContext, Tool

_WORKERS = Service(Workers, "image")
"""The processes that all parts of this plugin share."""

_LOADED = ("massgen_image.works.editing", "massgen_image.works.drawing", "massgen_image.composer.work")
"""What the warm process imports, so that what is forked from it has it already."""


@hookimpl
def massgen_config() -> type[ImageConfig]:
    """The model of ``[plugins.image]``."""
    return ImageConfig


@hookimpl
def massgen_services(config: ImageConfig) -> list[ServiceProvider]:
    """The processes for decoders and drawings."""

    @asynccontextmanager
    async def open_workers(context: ProviderContext) -> AsyncGenerator[Workers]:
        async with Workers(*_LOADED, limits=Limits(memory=config.memory, processor=config.seconds)) as workers:
            yield workers

    return [ServiceProvider(service=_WORKERS, open=open_workers)]


@hookimpl
def massgen_media_engines(config: ImageConfig) -> list[ServiceProvider]:
    """The engines ``composer``, which draws, ``darkroom``, which edits, and ``reader``, which looks."""
    from massgen_image.engines.local import engines

    return [_offered(name, build) for name, build in engines(config).items()]


@hookimpl
def massgen_providers(config: ImageConfig) -> list[ToolProvider]:
    """The tools; their names begin with ``image_``."""

    def open_tools(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        from massgen_image.tools import serve

        return serve(config, context, context.service(Workers, "image"))

    return [ToolProvider(name="image", open=open_tools, requires=(_WORKERS,), uses=(MediaEngine, SessionFiles))]


def _offered(name: str, build: Callable[[Workers], Any]) -> ServiceProvider:
    @asynccontextmanager
    async def open_engine(context: ProviderContext) -> AsyncGenerator[MediaEngine]:
        yield build(context.service(Workers, "image"))

    return ServiceProvider(service=Service(MediaEngine, name), open=open_engine, requires=(_WORKERS,))
