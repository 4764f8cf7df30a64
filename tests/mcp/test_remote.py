"""Tests of servers behind a URL, against one that is built on the MCP SDK."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core.errors import McpConnectionClosed, McpError
from massgen_core.mcp.provider import Restarts, serve
from massgen_core.mcp.settings import ServerSettings
from massgen_core.tools import Progress

pytestmark = [
    pytest.mark.anyio,
    # On trio the HTTP client leaves generators of its own to the garbage collector.
    pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning"),
]

SCRIPT = Path(__file__).parent / "servers" / "remote.py"
HEADERS = {"Authorization": "Bearer s3cret"}


def settings_for(**settings: Any) -> ServerSettings:
    return ServerSettings.model_validate(settings)


class Remote:
    """A server process that can be ended and asked for its address."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, str(SCRIPT)], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}/mcp"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    server = Remote()
    yield server
    server.end()


@pytest.fixture
def doomed() -> Iterator[Remote]:
    server = Remote()
    yield server
    server.end()


@pytest.mark.parametrize("protocol", ["auto", "legacy", "2026-07-28"])
async def test_a_remote_server_of_either_era_is_relayed(remote: Remote, host: Any, use: Any, protocol: str) -> None:
    """Headers of the config and of the era are sent; progress arrives."""
    settings = settings_for(url=remote.url, headers=HEADERS, protocol=protocol)
    with anyio.fail_after(60):
        async with serve("far", settings, host) as tools:
            server = use(host, tools)
            assert {"headers", "count", "big"} <= set(server.tools)
            sent = json.loads((await server.call("headers")).text)
            assert sent["authorization"] == "Bearer s3cret"
            assert sent["mcp-protocol-version"] == ("2025-11-25" if protocol == "legacy" else "2026-07-28")
            assert sent.get("mcp-name") == (None if protocol == "legacy" else "headers")
            seen: list[Any] = []
            assert (await server.call("count", on_event=seen.append, to=3)).text == "counted"
            assert seen[-1] == Progress(done=3, total=3)


@pytest.mark.parametrize("protocol", ["legacy", "2026-07-28"])
async def test_changes_far_away_are_published(remote: Remote, host: Any, use: Any, protocol: str) -> None:
    """Over the old era's event stream, and the new era's subscription."""
    settings = settings_for(url=remote.url, headers=HEADERS, protocol=protocol)
    with anyio.fail_after(60):
        async with serve("far", settings, host) as tools:
            server = use(host, tools)
            name = f"tool_{uuid.uuid4().hex}"
            await server.call("grow", name=name)
            published: list[str] = []
            while name not in published:
                published = [tool.name for tool in await host.published.receive()]


async def test_a_refusal_names_the_status_and_hides_the_address(remote: Remote, host: Any) -> None:
    """A URL may hold a key, so only its origin is shown."""
    settings = settings_for(url=f"{remote.url}?key=s3cret")
    with (
        anyio.fail_after(60),
        pytest.raises(McpConnectionClosed, match=r"it refused with 401 .*; check `headers`") as caught,
    ):
        async with serve("far", settings, host):
            pass
    assert "s3cret" not in str(caught.value)


async def test_an_address_where_nobody_listens_is_named(host: Any) -> None:
    """The error has the origin."""
    settings = settings_for(url="http://127.0.0.1:9/mcp")
    with (
        anyio.fail_after(60),
        pytest.raises(McpConnectionClosed, match=r"cannot be reached at http://127\.0\.0\.1:9: "),
    ):
        async with serve("far", settings, host):
            pass


async def test_an_answer_over_the_bound_fails(remote: Remote, host: Any, use: Any) -> None:
    """`max_message` holds for HTTP as well, and the server can be called again."""
    settings = settings_for(url=remote.url, headers=HEADERS, max_message="100KiB")
    with anyio.fail_after(60):
        async with serve("far", settings, host, restarts=Restarts(first=0.01)) as tools:
            server = use(host, tools)
            with pytest.raises(McpError):
                await server.call("big", size=1_000_000)
            assert (await server.call("big", size=5)).text == "xxxxx"


async def test_a_server_that_goes_away_is_noticed_and_given_up(doomed: Remote, host: Any, use: Any) -> None:
    """The call in flight fails by name; when nothing comes back the provider ends."""
    settings = settings_for(url=doomed.url, headers=HEADERS)

    async def use_it() -> None:
        async with serve("far", settings, host, restarts=Restarts(first=0.01, longest=0.02, attempts=2)) as tools:
            server = use(host, tools)
            doomed.end()
            with pytest.raises(McpConnectionClosed):
                await server.call("headers")
            await anyio.sleep_forever()

    with anyio.fail_after(60), pytest.raises(McpConnectionClosed, match="cannot be reached"):
        await use_it()
