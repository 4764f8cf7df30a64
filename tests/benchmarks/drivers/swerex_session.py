"""SWE-ReX: `run_in_session`, a shell that lives on between commands, as its agents use it."""

from __future__ import annotations

import shlex
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import talk
from swerex.runtime.abstract import BashAction, CreateBashSessionRequest  # pyright: ignore[reportMissingImports]
from swerex_execute import deployed


@asynccontextmanager
async def opened(image: str) -> AsyncGenerator[talk.Run]:
    """Each command typed into the same shell."""
    async with deployed(image) as deployment:
        await deployment.runtime.create_session(CreateBashSessionRequest())

        async def run(command: Sequence[str]) -> int:
            done = await deployment.runtime.run_in_session(BashAction(command=shlex.join(command), timeout=600))
            if done.exit_code:
                raise RuntimeError(f"ended with {done.exit_code}")
            return len(done.output)

        yield run


if __name__ == "__main__":
    talk.main(opened)
