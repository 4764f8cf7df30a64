"""The tools themselves: what an agent calls; each hands its work to an engine or to a process for it alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from massgen_core.tools import ProviderContext, Tool
from massgen_core.workers import Workers
from massgen_image.config import ImageConfig
from massgen_image.tools.changing import changing_tools
from massgen_image.tools.common import Desk
from massgen_image.tools.drawing import drawing_tools
from massgen_image.tools.engines import engine_tools
from massgen_image.tools.layering import layering_tools


@asynccontextmanager
async def serve(config: ImageConfig, context: ProviderContext, workers: Workers) -> AsyncGenerator[Sequence[Tool]]:
    """The tools of one runtime."""
    desk = Desk(config, context, workers)
    yield [*engine_tools(desk), *changing_tools(desk), *layering_tools(desk), *drawing_tools(desk)]
