"""MassGen 0.1.4: `DockerManager.exec_command` in a container that `create_container` made.

Its module is loaded from its file: the package's own ``__init__`` imports every model's client.
"""

from __future__ import annotations

import importlib.util
import shlex
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import talk

MODULE = "massgen/filesystem_manager/_docker_manager.py"


def docker_manager() -> Any:
    """Its class."""
    path = str(distribution("massgen").locate_file(MODULE))
    spec = importlib.util.spec_from_file_location("docker_manager", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DockerManager


@asynccontextmanager
async def opened(image: str) -> AsyncGenerator[talk.Run]:
    """One agent's container; what it blocks, nobody waits for."""
    manager = docker_manager()(image=image)
    with tempfile.TemporaryDirectory() as folder:
        manager.create_container("bench", Path(folder))
        try:

            async def run(command: Sequence[str]) -> int:
                done = manager.exec_command("bench", shlex.join(command))
                if not done["success"]:
                    raise RuntimeError(str(done["stderr"]))
                return len(done["stdout"])

            yield run
        finally:
            manager.cleanup()


if __name__ == "__main__":
    talk.main(opened)
