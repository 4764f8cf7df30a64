"""The file tools of one session, called by name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import massgen_workspace.plugin
from anyio.from_thread import start_blocking_portal

from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

Call = Callable[..., Awaitable[ToolResult]]
CallNow = Callable[..., ToolResult]


@asynccontextmanager
async def tools_of(work: Path, *, allow: list[str] | None = None, **settings: Any) -> AsyncGenerator[Call]:
    """A session's tools on a folder; the state is in a folder beside it."""
    section = {"state": str(work.parent / "state"), "durable": False, **settings}
    config = {"plugins": {"workspace": section}}
    permissions: dict[str, Any] = {} if allow is None else {"allow": allow}
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=work, **permissions) as session,
    ):

        async def call(name: str, /, **arguments: Any) -> ToolResult:
            return await session.call(name, arguments)

        yield call


@contextmanager
def tools_now(work: Path, **settings: Any) -> Iterator[CallNow]:
    """The same for code that does not await: for hypothesis, say."""
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(tools_of(work, **settings)) as call,
    ):

        def now(name: str, /, **arguments: Any) -> ToolResult:
            return portal.call(partial(call, name, **arguments))

        yield now
