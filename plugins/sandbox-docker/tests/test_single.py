"""One build at a time for one image, also between programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from massgen_sandbox_docker.images.single import single_flight

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]

HOLD = """
import anyio
from massgen_sandbox_docker.images.single import single_flight

async def main():
    async with single_flight("uvx-x", print):
        print("held", flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for locks that nobody else uses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


async def test_programs_wait_for_one_another() -> None:
    """The second says that it waits; when the first is killed the lock is free; another image's is free all along."""
    async with await anyio.open_process([sys.executable, "-c", HOLD], stderr=None, env=os.environ) as other:
        assert other.stdout is not None
        try:
            assert (await other.stdout.receive()).strip() == b"held"
            async with single_flight("uvx-y", pytest.fail):
                pass

            def waits(line: str) -> None:
                assert line == "waiting for another build of the same image"
                other.kill()

            async with single_flight("uvx-x", waits):
                assert await other.wait() != 0
        finally:
            if other.returncode is None:
                other.kill()


async def test_tasks_wait_for_one_another() -> None:
    """Of many tasks only one is inside at a time."""
    inside = most = 0

    async def build() -> None:
        nonlocal inside, most
        async with single_flight("uvx-x", lambda line: None):
            inside += 1
            most = max(most, inside)
            await anyio.lowlevel.checkpoint()
            inside -= 1

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(build)
    assert (inside, most) == (0, 1)
