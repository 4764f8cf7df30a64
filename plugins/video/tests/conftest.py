"""What the tests of this plugin share: a session with its tools, and small films made by an independent program."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # for the helpers beside the tests

from massgen_video import plugin

from massgen_core import Session, open_runtime


@pytest.fixture
def anyio_backend() -> str:
    """One backend here: what differs between them is the core's, and tested there; films take their time."""
    return "asyncio"


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with (
        open_runtime({}, plugins=[("video", plugin)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened
