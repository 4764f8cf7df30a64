"""The tools of one runtime, and the processes that do their work."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from massgen_core.media import Studio
from massgen_core.tools import ProviderContext, Tool
from massgen_core.workers import Workers
from massgen_video import __version__
from massgen_video.config import VideoConfig
from massgen_video.tools import adding, cutting, generating, looking, understanding
from massgen_video.tools.desk import Desk


@asynccontextmanager
async def serve(config: VideoConfig, context: ProviderContext, workers: Workers) -> AsyncGenerator[Sequence[Tool]]:
    """All tools, for one runtime."""
    studio = Studio(context, workers, software=f"massgen-video {__version__}", engines=config.engines)
    desk = Desk(config, studio)
    yield [
        generating.generate(desk),
        understanding.understand(desk),
        looking.info(desk),
        cutting.trim(desk),
        cutting.concat(desk),
        cutting.convert(desk),
        looking.thumbnail(desk),
        looking.contact_sheet(desk),
        looking.gif(desk),
        adding.subtitles(desk),
        adding.replace_audio(desk),
    ]
