"""A task group for helpers that end with the body, and that leave the body's exception as it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVarTuple

import anyio
import anyio.abc

Arguments = TypeVarTuple("Arguments")


class Background:
    """Tasks that go on until the body has ended, its clean-up included, even where its caller was cancelled."""

    def __init__(self, tasks: anyio.abc.TaskGroup) -> None:
        self._tasks = tasks
        self._scopes: list[anyio.CancelScope] = []

    def start_soon(self, task: Callable[[*Arguments], Awaitable[None]], *arguments: *Arguments) -> None:
        """Start a task; it must not raise."""
        scope = anyio.CancelScope(shield=True)
        self._scopes.append(scope)

        async def run() -> None:
            with scope:
                await task(*arguments)

        self._tasks.start_soon(run)

    def cancel(self) -> None:
        """End all tasks."""
        for scope in self._scopes:
            scope.cancel()


@asynccontextmanager
async def background() -> AsyncGenerator[Background]:
    """Tasks that are cancelled when the body ends; an exception of the body is not wrapped in a group."""
    failure: BaseException | None = None
    async with anyio.create_task_group() as tasks:
        group = Background(tasks)
        try:
            yield group
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as error:
            failure = error
        finally:
            group.cancel()
    if failure is not None:
        raise failure
