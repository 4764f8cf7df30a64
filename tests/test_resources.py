"""What belongs to a session: opened once, shared, opened anew when it ended, closed at the session's end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import anyio
import pytest

from massgen_core import ToolContext, tool
from massgen_core.testing import open_test_runtime
from tests.conftest import MakePlugin

pytestmark = pytest.mark.anyio


class Things:
    """What a plugin opens for each session, and what becomes of it."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.fails = 0
        self.slow = 0.0
        self.lingers = 0.0
        self.end = anyio.Event()
        self.ended = anyio.Event()

    @asynccontextmanager
    async def open(self, session: str) -> AsyncGenerator[str]:
        await anyio.sleep(self.slow)
        if self.fails:
            self.fails -= 1
            raise OSError("no such thing")
        self.opened.append(session)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._die)
                yield f"{session}-{len(self.opened)}"
                tasks.cancel_scope.cancel()
        finally:
            self.ended.set()
            with anyio.CancelScope(shield=True):
                await anyio.sleep(self.lingers)
            self.closed.append(session)

    async def _die(self) -> None:
        await self.end.wait()
        raise OSError("it broke")


@pytest.fixture
def things() -> Things:
    return Things()


def opened_by(things: Things, make_plugin: MakePlugin, said: list[str] | None = None) -> Any:
    @tool
    async def use(context: ToolContext) -> str:
        """Use the session's thing."""
        return await context.resource("thing", lambda: things.open(context.session_id))

    return open_test_runtime(make_plugin("p", use), report=said.append if said is not None else None)


async def test_all_calls_of_a_session_share_one(things: Things, make_plugin: MakePlugin) -> None:
    things.slow = 0.05
    texts: list[str] = []

    async with opened_by(things, make_plugin) as runtime, runtime.session() as session:

        async def call() -> None:
            texts.append((await session.call("p_use")).text)

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(call)
        assert set(texts) == {f"{session.id}-1"}
        assert things.closed == []
    assert things.opened == things.closed == [session.id]


async def test_each_session_has_its_own(things: Things, make_plugin: MakePlugin) -> None:
    async with opened_by(things, make_plugin) as runtime:
        async with runtime.session() as one, runtime.session() as other:
            assert (await one.call("p_use")).text != (await other.call("p_use")).text
            assert sorted(things.opened) == sorted([one.id, other.id])
        assert sorted(things.closed) == sorted(things.opened)


async def test_what_could_not_be_opened_is_tried_again(things: Things, make_plugin: MakePlugin) -> None:
    things.fails = 1
    async with opened_by(things, make_plugin) as runtime, runtime.session() as session:
        failed = await session.call("p_use")
        assert failed.is_error
        assert "no such thing" in failed.text
        assert (await session.call("p_use")).text == f"{session.id}-1"


async def test_what_ended_is_opened_anew_and_told(things: Things, make_plugin: MakePlugin) -> None:
    said: list[str] = []
    async with opened_by(things, make_plugin, said) as runtime, runtime.session() as session:
        await session.call("p_use")
        things.lingers = 0.05
        things.end.set()
        with anyio.fail_after(5):
            await things.ended.wait()
        things.end = anyio.Event()
        assert things.closed == []  # it is on its way out, and nobody gets it any more
        assert (await session.call("p_use")).text == f"{session.id}-2"
    assert any("thing ended: " in line and "it broke" in line for line in said)


async def test_a_caller_that_gave_up_leaves_the_opening_to_the_next(things: Things, make_plugin: MakePlugin) -> None:
    things.slow = 0.2
    async with opened_by(things, make_plugin) as runtime, runtime.session() as session:
        assert (await session.call("p_use", timeout=0.05)).is_error
        assert (await session.call("p_use")).text == f"{session.id}-1"


async def test_a_session_that_ends_while_something_opens_leaves_nothing(
    things: Things, make_plugin: MakePlugin
) -> None:
    things.slow = 30
    async with opened_by(things, make_plugin) as runtime:
        async with runtime.session() as session:
            with anyio.move_on_after(0.05):
                await session.call("p_use")
        assert things.opened == []
        assert (await session.call("p_use")).is_error


async def test_a_runtime_that_ends_first_closes_what_its_sessions_opened(
    things: Things, make_plugin: MakePlugin
) -> None:
    async with AsyncExitStack() as later:
        async with opened_by(things, make_plugin) as runtime:
            session = await later.enter_async_context(runtime.session())
            await session.call("p_use")
        assert things.closed == [session.id]
