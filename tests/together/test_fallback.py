"""A machine without an engine: what stands in when that is written out, and what is said when it is not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import massgen_core
from tests.together.conftest import OpenRuntime

pytestmark = [pytest.mark.docker, pytest.mark.anyio]

AWAY = {"host": "unix:///nowhere/docker.sock"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A workspace that does not belong to root, and that its owner can reach."""
    with tempfile.TemporaryDirectory() as made:
        if os.geteuid() == 0:
            os.chown(made, 1234, 1234)
        yield Path(made)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap here")
async def test_the_local_backend_stands_in(open_runtime: OpenRuntime, folder: Path) -> None:
    """An agent's command runs in bubblewrap; the program's log and the answer say so."""
    said: list[str] = []
    config: dict[str, Any] = {"shell": {}, "plugins": {"sandbox-docker": {**AWAY, "fallback": "local"}}}
    async with open_runtime(config, report=said.append) as runtime, runtime.session(workspace=folder) as session:
        result = (await session.call("execute_command", {"command": "echo from inside"})).raise_for_error()
    assert "from inside" in result.text
    assert "local" in str(result.structured)
    assert any("'local' runs the sandboxes instead" in line for line in said)


async def test_nothing_stands_in_unasked(open_runtime: OpenRuntime) -> None:
    """Without the setting it is an error that names the way out."""
    config: dict[str, Any] = {"strict": True, "shell": {}, "plugins": {"sandbox-docker": AWAY}}
    with pytest.raises(massgen_core.MassgenError, match=r'massgen-sandbox-local[\s\S]*`fallback = "local"`'):
        async with open_runtime(config):
            pass
