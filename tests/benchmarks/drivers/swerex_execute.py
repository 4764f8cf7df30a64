"""SWE-ReX: its `DockerDeployment` as it is, and `execute` of the runtime that it starts inside."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import talk
from swerex.deployment.docker import DockerDeployment  # pyright: ignore[reportMissingImports]
from swerex.runtime.abstract import Command  # pyright: ignore[reportMissingImports]


@asynccontextmanager
async def deployed(image: str) -> AsyncGenerator[DockerDeployment]:
    """A container with its server, which must be installed in the image."""
    deployment = DockerDeployment(image=image, pull="never")
    await deployment.start()
    deployment.runtime._config.timeout = 600  # else it is 0.15 seconds for every request
    try:
        yield deployment
    finally:
        await deployment.stop()


@asynccontextmanager
async def opened(image: str) -> AsyncGenerator[talk.Run]:
    """Each command as one HTTP request."""
    async with deployed(image) as deployment:

        async def run(command: Sequence[str]) -> int:
            done = await deployment.runtime.execute(Command(command=list(command)))
            if done.exit_code:
                raise RuntimeError(f"ended with {done.exit_code}")
            return len(done.stdout)

        yield run


if __name__ == "__main__":
    talk.main(opened)
