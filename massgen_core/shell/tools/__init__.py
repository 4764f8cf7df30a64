"""The tools themselves: what an agent calls, each on its own session's sandbox."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from massgen_core.shell.place import Place
from massgen_core.shell.settings import ShellSettings
from massgen_core.shell.tools.commands import command_tools
from massgen_core.shell.tools.files import file_tools
from massgen_core.shell.tools.processes import process_tools
from massgen_core.tools import ProviderContext, Tool


@asynccontextmanager
async def serve(settings: ShellSettings, context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    """The tools of one runtime; sandboxes belong to its sessions."""
    place = Place(settings, context)
    await place.prepare()
    yield [*command_tools(place, settings), *process_tools(place, settings), *file_tools(place)]
