"""Two programs that need the same image at once: one builds, both work."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import uuid
from pathlib import Path

import anyio
import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.images.daemon import untag

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

PROGRAM = """
import sys
import anyio
import massgen_core

async def main():
    async with massgen_core.open_runtime("massgen.toml", report=print) as runtime, runtime.session() as session:
        print((await session.call("clock_get_current_time", {"timezone": "UTC"})).raise_for_error().text)

anyio.run(main)
"""


async def forget(reference: str) -> None:
    async with connect(DockerConfig()) as engine:
        await untag(engine, reference)


@pytest.mark.usefixtures("base_image")
def test_one_builds_and_both_work(tmp_path: Path) -> None:
    """The second waits for the first, says so, and takes what that one built."""
    extra = f"idna!={uuid.uuid4().int % 10**9}.1"  # makes the image a new one
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        text = f'[servers.clock]\npackage = "uvx:mcp-server-time"\nextras = ["{extra}"]\n'
        (folder / "massgen.toml").write_text(text)
    command = [sys.executable, "-c", PROGRAM]
    running = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) for folder in folders]
    said = [program.communicate(timeout=500)[0] for program in running]
    assert [program.returncode for program in running] == [0, 0], said
    assert all('"timezone": "UTC"' in text for text in said)
    assert sum("installing" in text for text in said) == 1
    assert sum("waiting for another build of the same image" in text for text in said) == 1
    locked = [tomllib.loads((folder / "massgen.lock").read_text())["package"] for folder in folders]
    assert locked[0] == locked[1]
    (entry,) = locked[0].values()
    anyio.run(forget, entry["image"])
