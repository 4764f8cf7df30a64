"""What the tests of the plugin share: both loops, a folder to work in, and a session on it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from file_sessions import Call, Opened, open_session

from massgen_core.result import ToolResult


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(tmp_path: Path, work: Path) -> Opened:
    """Open a session on a folder, ``work`` where none is given, with some settings; gives how its tools are called."""

    @asynccontextmanager
    async def opened_session(workspace: Path | None = work, **settings: Any) -> AsyncGenerator[Call]:
        settings = {"state": tmp_path / "state", "spaces": str(tmp_path / "spaces"), **settings}
        async with open_session(workspace, **settings) as session:

            async def call(name: str, /, **arguments: Any) -> ToolResult:
                return await session.call(name, arguments)

            yield call

    return opened_session
