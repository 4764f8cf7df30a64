"""Sessions with the file tools, as the tests of the workspace plugin open them."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import massgen_workspace.plugin

from massgen_core import Session
from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

Call = Callable[..., Awaitable[ToolResult]]
Opened = Callable[..., AbstractAsyncContextManager[Call]]


@asynccontextmanager
async def open_session(workspace: Path | None, state: Path | str, **settings: Any) -> AsyncGenerator[Session]:
    """A session on a folder; when it has ended no file of it is open any more."""
    section = {"state": str(state), "durable": False, **settings}
    config = {"plugins": {"workspace": section}}
    before = len(os.listdir("/proc/self/fd"))
    async with open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime:
        async with runtime.session(workspace=workspace) as session:
            yield session
        assert len(os.listdir("/proc/self/fd")) <= before + 4  # a worker thread's pipes may be there by now
