"""The tools themselves: what an agent calls, each on its own session's files."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from massgen_core.tools import ProviderContext, Tool
from massgen_workspace.config import WorkspaceConfig
from massgen_workspace.tools.archives import archive_tools
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.compare import compare_tools
from massgen_workspace.tools.edit import edit_tools
from massgen_workspace.tools.files import file_tools
from massgen_workspace.tools.find import find_tools
from massgen_workspace.tools.history import history_tools
from massgen_workspace.tools.patch import patch_tools
from massgen_workspace.tools.read import read_tools
from massgen_workspace.tools.replace import replace_tools
from massgen_workspace.tools.spaces import space_tools
from massgen_workspace.tools.symbols import symbol_tools
from massgen_workspace.tools.watch import watch_tools


@asynccontextmanager
async def serve(config: WorkspaceConfig, context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    """The tools of one runtime; files belong to its sessions."""
    desks = Desks(config, context.state_dir)
    yield [
        *read_tools(desks),
        *find_tools(desks),
        *symbol_tools(desks),
        *edit_tools(desks),
        *replace_tools(desks),
        *patch_tools(desks),
        *file_tools(desks),
        *archive_tools(desks),
        *compare_tools(desks),
        *history_tools(desks),
        *space_tools(desks),
        *watch_tools(),
    ]
