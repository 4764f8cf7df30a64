"""The plugin's tests, without installing anything: `massgen_runtime` comes with massgen-core."""

from __future__ import annotations

from typing import Any

import pytest
from massgen_hello import plugin

from massgen_core import Progress
from massgen_core.testing import assert_plugin_conforms


@pytest.fixture
def anyio_backend() -> str:
    """Which event loop the tests run on; without this they run on every installed one."""
    return "asyncio"


def test_conforms() -> None:
    """The plugin keeps the contract: its hooks, its tools' schemas, its time to start."""
    assert_plugin_conforms(plugin)


@pytest.mark.anyio
async def test_greets_as_configured(massgen_runtime: Any) -> None:
    """The greeting comes from the config, the name from the caller."""
    config = {"plugins": {"hello": {"greeting": "Welcome"}}}
    async with massgen_runtime(plugin, config=config) as runtime, runtime.session() as session:
        result = await session.call("hello_greet", {"name": "Ada"})
    assert result.raise_for_error().text == "Welcome, Ada!"


@pytest.mark.anyio
async def test_reports_progress(massgen_runtime: Any) -> None:
    """Counting tells how far it has come, and ends with all the numbers."""
    async with (
        massgen_runtime(plugin) as runtime,
        runtime.session() as session,
        session.stream("hello_count", {"to": 3, "pause": 0}) as events,
    ):
        seen = [event async for event in events]
    assert [event.done for event in seen if isinstance(event, Progress)] == [1, 2, 3]
    assert seen[-1].raise_for_error().structured == {"result": [1, 2, 3]}
