"""The entry module: tools around all engines, whichever plugins bring them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from massgen_core.hookspecs import hookimpl
from massgen_core.media.engine import MediaEngine
from massgen_core.tools import Tool, ToolProvider

if TYPE_CHECKING:
    from massgen_core.tools import ProviderContext


@hookimpl
def massgen_providers() -> list[ToolProvider]:
    """The tools around all engines, where there are any."""
    return [ToolProvider(name="media", open=_opened, uses=(MediaEngine,))]


@asynccontextmanager
async def _opened(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    engines = context.services(MediaEngine)
    yield _tools(engines) if engines else ()


def _tools(engines: Mapping[str, MediaEngine]) -> list[Tool]:
    from massgen_core.engines.tools import media_tools

    return media_tools(engines)
