"""What the tests of MCP servers share: a runtime's stand-in for one provider, and toy servers to open."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import CapacityLimiter

from massgen_core.calls.pipeline import CallContext
from massgen_core.mcp.provider import Restarts, serve
from massgen_core.mcp.settings import ServerSettings
from massgen_core.result import ToolResult
from massgen_core.tools import Event, ServiceT, Tool

SERVERS = Path(__file__).parent / "servers"

QUICK = Restarts(first=0.01, longest=0.05, stable=60.0, attempts=3)


class Host:
    """The runtime's side of one provider: collects what it publishes and logs."""

    def __init__(self, state_dir: Path) -> None:
        self.name = "toy"
        self.state_dir = state_dir
        self.lines: list[str] = []
        self.offered: dict[str, Any] = {}
        self._published, self.published = anyio.create_memory_object_stream[Sequence[Tool]](100)

    def service(self, kind: type[ServiceT], name: str | None = None) -> ServiceT:
        return self.offered[name or ""]

    def services(self, kind: type[ServiceT]) -> Mapping[str, ServiceT]:
        return {}

    async def publish(self, tools: Sequence[Tool]) -> None:
        self._published.send_nowait(tools)

    def log(self, message: str) -> None:
        self.lines.append(message)

    def close(self) -> None:
        self._published.close()
        self.published.close()


class NoSession:
    """A server that all sessions share opens nothing for one."""

    async def get(self, key: str, open_context: object) -> Any:
        raise AssertionError(key)


class Open:
    """An open provider: its tools by name, and a way to call them."""

    def __init__(self, host: Host, tools: Sequence[Tool]) -> None:
        self.host = host
        self.tools = {tool.name: tool for tool in tools}

    async def call(
        self, tool: str, /, *, on_event: Callable[[Event], Any] | None = None, **arguments: Any
    ) -> ToolResult:
        async def report(event: Event) -> None:
            if on_event is not None:
                on_event(event)

        context = CallContext(
            tool=tool,
            agent=None,
            session_id="s",
            workspace=None,
            limiter=CapacityLimiter(1),
            resources=NoSession(),
            on_event=report,
        )
        with anyio.fail_after(30):
            return await self.tools[tool].invoke(arguments, context)

    async def echo(self, text: str, **more: Any) -> ToolResult:
        return await self.call("echo", text=text, **more)


OpenServer = Callable[..., AbstractAsyncContextManager[Open]]


def toy(script: str, *args: str, **settings: Any) -> ServerSettings:
    """The settings of a toy server on this host."""
    program = {"command": sys.executable, "args": (str(SERVERS / f"{script}.py"), *args), "sandbox": "none"}
    return ServerSettings.model_validate({**program, **settings})


@pytest.fixture
def host(tmp_path: Path) -> Any:
    host = Host(tmp_path)
    yield host
    host.close()


@pytest.fixture
def open_toy(host: Host) -> OpenServer:
    """Open a toy server by the name of its file."""

    @asynccontextmanager
    async def open_server(script: str, *args: str, restarts: Restarts = QUICK, **settings: Any) -> AsyncGenerator[Open]:
        with anyio.fail_after(60) as scope:
            async with serve("toy", toy(script, *args, **settings), host, restarts=restarts) as tools:
                yield Open(host, tools)
                scope.deadline = anyio.current_time() + 20

    return open_server


@pytest.fixture
def use() -> type[Open]:
    """What calls the tools of an open provider."""
    return Open
