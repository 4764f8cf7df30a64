"""The entry module: films made from words, cut, and read, without a key and without a network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from massgen_core.files import SessionFiles
from massgen_core.hookspecs import hookimpl
from massgen_core.media import MediaEngine
from massgen_core.tools import Service, ServiceProvider, ToolProvider
from massgen_core.workers import Limits, Workers
from massgen_video.config import VideoConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from massgen_core.tools import ProviderContext, Tool

_WORKERS = Service(Workers, "video")
"""The processes that all parts of this plugin share."""
_LOADED = tuple(
    f"massgen_video.works.{name}"
    for name in ("looking", "cutting", "animating", "sound", "subtitling", "making", "understanding")
)


@hookimpl
def massgen_config() -> type[VideoConfig]:
    """The model of ``[plugins.video]``."""
    return VideoConfig


@hookimpl
def massgen_services(config: VideoConfig) -> list[ServiceProvider]:
    """The processes for decoders and encoders."""

    @asynccontextmanager
    async def open_workers(context: ProviderContext) -> AsyncGenerator[Workers]:
        limits = Limits(memory=config.memory, processor=config.seconds)
        async with Workers(*_LOADED, limits=limits) as workers:
            yield workers

    return [ServiceProvider(service=_WORKERS, open=open_workers)]


@hookimpl
def massgen_media_engines(config: VideoConfig) -> list[ServiceProvider]:
    """The engines ``storyboard``, which makes films, and ``frames``, which looks at them; others help both."""

    def storyboard(context: ProviderContext) -> MediaEngine:
        from massgen_video.engines.storyboard import Storyboard

        return Storyboard(context.service(Workers, "video"), lambda: context.services(MediaEngine), config)

    def frames(context: ProviderContext) -> MediaEngine:
        from massgen_video.engines.frames import Frames

        return Frames(context.service(Workers, "video"), lambda: context.services(MediaEngine))

    return [_offered("storyboard", storyboard), _offered("frames", frames)]


@hookimpl
def massgen_providers(config: VideoConfig) -> list[ToolProvider]:
    """The tools; their names begin with ``video_``."""

    def open_tools(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        from massgen_video.tools import serve

        return serve(config, context, context.service(Workers, "video"))

    return [ToolProvider(name="video", open=open_tools, requires=(_WORKERS,), uses=(MediaEngine, SessionFiles))]


def _offered(name: str, build: Callable[[ProviderContext], MediaEngine]) -> ServiceProvider:
    @asynccontextmanager
    async def open_engine(context: ProviderContext) -> AsyncGenerator[MediaEngine]:
        yield build(context)

    service = Service(MediaEngine, name)
    return ServiceProvider(service=service, open=open_engine, requires=(_WORKERS,), uses=(MediaEngine,))
