"""A small Docker daemon on a Unix socket that misbehaves on demand: for faults a real one does not produce."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.abc

Answer = Callable[[anyio.abc.ByteStream], Awaitable[None]]

CONTAINER = "c" * 64


def answer_json(status: int, body: Any) -> Answer:
    """An ordinary answer."""
    content = b"" if status == 204 else json.dumps(body).encode()
    return answer_raw(
        b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        % (status, len(content), content)
    )


def answer_raw(data: bytes) -> Answer:
    """These bytes, and then the end of the connection."""

    async def answer(stream: anyio.abc.ByteStream) -> None:
        await stream.send(data)

    return answer


def upgrade(data: bytes, *, hold: bool = False) -> Answer:
    """The answer to a hijacked request, with early bytes; ``hold`` keeps the connection open."""

    async def answer(stream: anyio.abc.ByteStream) -> None:
        head = b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
        await stream.send(head + b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + data)
        if hold:
            await anyio.sleep_forever()

    return answer


async def never(stream: anyio.abc.ByteStream) -> None:
    """No answer at all."""
    await anyio.sleep_forever()


@dataclass
class FakeDaemon:
    """Answers by the first route that matches ``METHOD path``; starts with a daemon that works."""

    api: str = "1.41"
    minimum: str = "1.12"
    routes: list[tuple[str, Answer]] = field(default_factory=list[tuple[str, Answer]])
    requests: list[str] = field(default_factory=list[str])

    def on(self, pattern: str, answer: Answer) -> None:
        """Answer requests whose ``METHOD path`` matches the pattern so, before all that was said earlier."""
        self.routes.insert(0, (pattern, answer))

    @asynccontextmanager
    async def serve(self, path: Path) -> AsyncGenerator[str]:
        """Listen; yields the address."""
        version = {"Version": "fake", "ApiVersion": self.api, "MinAPIVersion": self.minimum}
        state = {"Running": False, "ExitCode": 0, "OOMKilled": False, "Error": "", "Pid": 0}
        self.routes += [
            ("GET /version", answer_json(200, version)),
            ("GET /v[^/]*/info", answer_json(200, {"NCPU": 2, "MemTotal": 8 * 1024**3})),
            ("GET /v[^/]*/containers/json", answer_json(200, [])),
            (
                "GET /v[^/]*/containers/[^/]*/json",
                answer_json(200, {"State": state, "HostConfig": {"NetworkMode": "none"}, "Config": {}}),
            ),
            ("POST /v[^/]*/containers/create", answer_json(201, {"Id": CONTAINER, "Warnings": []})),
            ("POST /v[^/]*/containers/[^/]*/attach", upgrade(b"", hold=True)),
            ("POST /v[^/]*/containers/[^/]*/wait", never),
            ("POST /v[^/]*/containers/[^/]*/(start|kill)", answer_json(204, None)),
            ("DELETE /v[^/]*/containers/", answer_json(204, None)),
        ]
        async with await anyio.create_unix_listener(path) as listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._connection)
            yield f"unix://{path}"
            tasks.cancel_scope.cancel()

    async def _connection(self, stream: anyio.abc.SocketStream) -> None:
        async with stream:
            data = b""
            try:
                while b"\r\n\r\n" not in data:
                    data += await stream.receive()
                line = data.decode("latin-1").split(" HTTP/", 1)[0]
                self.requests.append(line)
                answer = next(
                    (a for pattern, a in self.routes if re.match(pattern, line)),
                    answer_json(404, {"message": "no such route"}),
                )
                await answer(stream)
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return
