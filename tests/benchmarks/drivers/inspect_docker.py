"""inspect_ai: `DockerSandboxEnvironment.exec`, in the project that `sample_init` starts with Docker Compose.

Left out is `task_init`, which asks for Docker Engine 24; what starts and runs a sandbox does not.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import talk
from inspect_ai.util._sandbox.docker.cleanup import project_cleanup_startup  # pyright: ignore[reportMissingImports]
from inspect_ai.util._sandbox.docker.docker import (  # pyright: ignore[reportMissingImports]
    DockerSandboxEnvironment,
)

COMPOSE = """
services:
  default:
    image: {image}
    x-local: true
    init: true
    command: tail -f /dev/null
    network_mode: none
"""


@asynccontextmanager
async def opened(image: str) -> AsyncGenerator[talk.Run]:
    """One service."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "compose.yaml"
        config.write_text(COMPOSE.format(image=image))
        project_cleanup_startup()
        found = await DockerSandboxEnvironment.sample_init("bench", str(config), {})
        try:
            sandbox = found["default"]

            async def run(command: Sequence[str]) -> int:
                done = await sandbox.exec(list(command))
                if not done.success:
                    raise RuntimeError(f"ended with {done.returncode}: {done.stderr}")
                return len(done.stdout)

            yield run
        finally:
            await DockerSandboxEnvironment.sample_cleanup("bench", str(config), found, False)


if __name__ == "__main__":
    talk.main(opened)
