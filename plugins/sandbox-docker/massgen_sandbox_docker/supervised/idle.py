"""An idle sandbox: its main process is a supervisor, or where an image cannot run one, something that waits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace

import anyio

from massgen_core.errors import ImageError, SandboxError, SandboxUnavailable
from massgen_core.sandbox import SandboxSpec
from massgen_core.sandbox.background import background
from massgen_core.sandbox.shipping import isolated, program
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.supervised.conversation import Conversation

Begin = Callable[[SandboxSpec], AbstractAsyncContextManager[DockerSandbox]]

_INSIDE = (
    *("massgen_core.sandbox.inside.trees", "massgen_core.sandbox.inside.keeping"),
    *(f"massgen_sandbox_docker.supervised.inside.{name}" for name in ("wire", "keeper", "ways", "supervisor")),
)
_SETTLE = 0.3
_WAITS: Sequence[Sequence[str]] = (("cat",), ("sh", "-c", "while read -r line; do :; done"))


class CannotSupervise(SandboxError):
    """The image does not run the supervisor."""


def supervisor_command() -> Sequence[str]:
    """Its whole program is in the command line, so that it needs nothing of an image but python3."""
    return isolated(program(*_INSIDE))


@asynccontextmanager
async def idle(begin: Begin, spec: SandboxSpec, log: Callable[[str], None]) -> AsyncGenerator[DockerSandbox]:
    """Start a sandbox that waits for commands.

    Raises:
        SandboxUnavailable: Its image has nothing that could keep it running.
    """
    async with AsyncExitStack() as stack:
        try:
            sandbox = await stack.enter_async_context(_supervised(begin, spec))
        except CannotSupervise as error:
            log(f"{spec.name}: commands go through the engine, which takes longer: {error}")
            sandbox = await _waiting(stack, begin, spec)
        yield sandbox


@asynccontextmanager
async def _supervised(begin: Begin, spec: SandboxSpec) -> AsyncGenerator[DockerSandbox]:
    """As its first process: that one can be neither killed nor stopped from within, and nobody may look into it."""
    first = replace(spec, command=supervisor_command(), limits=spec.limits.model_copy(update={"init": False}))
    async with AsyncExitStack() as stack:
        try:
            sandbox = await stack.enter_async_context(begin(first))
        except (SandboxUnavailable, ImageError):
            raise
        except SandboxError as error:
            raise CannotSupervise(str(error)) from error
        tasks = await stack.enter_async_context(background())
        conversation = Conversation(sandbox, tasks)
        stack.callback(conversation.close)
        if not await conversation.begin():
            said = sandbox.main.stderr_tail().strip()[-300:]
            raise CannotSupervise(said or "it was not ready in time")
        sandbox.conversation = conversation
        yield sandbox


async def _waiting(stack: AsyncExitStack, begin: Begin, spec: SandboxSpec) -> DockerSandbox:
    for command in _WAITS:
        sandbox = await stack.enter_async_context(begin(replace(spec, command=command)))
        with anyio.move_on_after(_SETTLE):
            await sandbox.main.wait()
            continue
        return sandbox
    raise SandboxUnavailable(f"{spec.name}: its image has neither python3 nor cat nor sh: nothing can wait in it")
