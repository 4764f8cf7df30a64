"""The tools themselves: what an agent calls; each hands its work to an engine or to a process for it alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from massgen_audio.config import AudioConfig
from massgen_audio.tools.common import Desk
from massgen_audio.tools.editing import editing_tools
from massgen_audio.tools.looking import looking_tools
from massgen_audio.tools.making import making_tools
from massgen_audio.tools.speech import speech_tools
from massgen_core.tools import ProviderContext, Tool
from massgen_core.workers import Workers


@asynccontextmanager
async def serve(config: AudioConfig, context: ProviderContext, workers: Workers) -> AsyncGenerator[Sequence[Tool]]:
    """The tools of one runtime."""
    desk = Desk(config, context, workers)
    yield [*speech_tools(desk), *editing_tools(desk), *making_tools(desk), *looking_tools(desk)]
