"""The entry module: speech, transcripts and edits of sound, without a key and without a network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from massgen_audio.config import AudioConfig
from massgen_core.files import SessionFiles
from massgen_core.hookspecs import hookimpl
from massgen_core.media import MediaEngine
from massgen_core.tools import Service, ServiceProvider, ToolProvider
from massgen_core.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from massgen_core.tools import ProviderContext, Tool

_WORKERS = Service(Workers, "audio")
"""The processes that all parts of this plugin share."""


@hookimpl
def massgen_config() -> type[AudioConfig]:
    """The model of ``[plugins.audio]``."""
    return AudioConfig


@hookimpl
def massgen_services(config: AudioConfig) -> list[ServiceProvider]:
    """The processes for decoders and models."""

    @asynccontextmanager
    async def open_workers(context: ProviderContext) -> AsyncGenerator[Workers]:
        from massgen_audio.engines.opening import workers

        async with workers(config) as opened:
            yield opened

    return [ServiceProvider(service=_WORKERS, open=open_workers)]


@hookimpl
def massgen_media_engines(config: AudioConfig) -> list[ServiceProvider]:
    """The engines ``hibari`` and ``espeak``, which speak, and ``whisper``, which listens; those that are there."""
    from massgen_audio.engines.opening import engines

    return [_offered(name, build) for name, build in engines(config).items()]


@hookimpl
def massgen_providers(config: AudioConfig) -> list[ToolProvider]:
    """The tools; their names begin with ``audio_``."""

    def open_tools(context: ProviderContext) -> AbstractAsyncContextManager[Sequence[Tool]]:
        from massgen_audio.tools import serve

        return serve(config, context, context.service(Workers, "audio"))

    return [ToolProvider(name="audio", open=open_tools, requires=(_WORKERS,), uses=(MediaEngine, SessionFiles))]


def _offered(name: str, build: Callable[[Workers], Any]) -> ServiceProvider:
    @asynccontextmanager
    async def open_engine(context: ProviderContext) -> AsyncGenerator[MediaEngine]:
        workers = context.service(Workers, "audio")
        yield await anyio.to_thread.run_sync(build, workers)  # it looks for libraries on the disk

    return ServiceProvider(service=Service(MediaEngine, name), open=open_engine, requires=(_WORKERS,))
