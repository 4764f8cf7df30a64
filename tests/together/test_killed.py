"""A program that is killed takes its containers with it, and nobody else's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(150)]

LEASE = 1.0

PROGRAM = """
import signal
import sys
import anyio
import massgen_core

async def main():
    async with massgen_core.open_runtime("massgen.json") as runtime, runtime.session() as session:
        print("open", flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        print((await session.call("good_echo", {"text": "alive"})).text, flush=True)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs with it ignored
anyio.run(main)
"""


@contextmanager
def holding(folder: Path) -> Generator[subprocess.Popen[str]]:
    """A program that holds a runtime open until it is sent a line."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "open\n"
            yield running
        finally:
            running.kill()


@pytest.fixture
def config(make_server: Any, tmp_path: Path) -> None:
    """A server that ends with its input, and one that ignores that and every polite signal."""
    servers = {"good": make_server("plain"), "stubborn": make_server("stubborn")}
    settings = {"servers": servers, "plugins": {"sandbox-docker": {"lease": LEASE}}}
    (tmp_path / "massgen.json").write_text(json.dumps(settings))


@pytest.mark.usefixtures("config")
async def test_kill_9(owned: Any, removed: Any, tmp_path: Path) -> None:
    """The killed program's containers are gone within the lease; its neighbour's live on and answer."""
    with holding(tmp_path) as killed, holding(tmp_path) as neighbour:
        doomed = await owned(killed.pid)
        assert len(doomed) == len(await owned(neighbour.pid)) == 2
        os.kill(killed.pid, signal.SIGKILL)
        with anyio.fail_after(LEASE + 10):  # beside the lease, the time that the engine takes to remove two
            await removed(doomed)
        assert len(await owned(neighbour.pid)) == 2
        out, _ = neighbour.communicate("go\n", timeout=30)
        assert (out, neighbour.returncode) == ("alive\n", 0)
    assert await owned(neighbour.pid) == []


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("polite", ["SIGINT", "SIGTERM"])
async def test_polite_signals(owned: Any, removed: Any, tmp_path: Path, polite: str) -> None:
    """A program that is interrupted leaves nothing either."""
    with holding(tmp_path) as running:
        doomed = await owned(running.pid)
        assert len(doomed) == 2
        os.kill(running.pid, signal.Signals[polite])
        with anyio.fail_after(60):
            await removed(doomed)
