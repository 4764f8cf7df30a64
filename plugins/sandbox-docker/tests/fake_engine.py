"""A daemon that keeps containers, as far as a sandbox needs one, and cuts its connections where it is told to.

`FakeDaemon` gives answers; this one does what is asked, so that it can be seen what is left after a fault.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import anyio
import anyio.abc

Cut = Literal["unread", "unanswered", "halfway", "in the stream"]
"""The connection ends before anything is done, when it is done, within the answer, or within a stream."""

Reply = tuple[int, Any]
_FRAME = b"\x01\x00\x00\x00\x00\x00\x00\x03hi\n"
_RAW = b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nUpgrade: tcp\r\n\r\n"


@dataclass
class Box:
    """A container."""

    id: str
    name: str
    body: dict[str, Any]
    running: bool = False
    paused: bool = False
    code: int = 0
    started: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)

    def end(self, code: int) -> None:
        """Its first process ends."""
        if not self.ended.is_set():
            self.running, self.paused, self.code = False, False, code
            self.ended.set()

    def shown(self) -> dict[str, Any]:
        """``GET /containers/ID/json``."""
        state = {"Running": self.running, "Paused": self.paused, "ExitCode": self.code, "Pid": 0, "OOMKilled": False}
        host = {**self.body["HostConfig"], "Runtime": "runc"}
        return {"Id": self.id, "Image": "sha256:1", "State": state, "HostConfig": host, "Config": self.body}


@dataclass
class FakeEngine:
    """The containers, the images that were committed, and the cuts that are still to come."""

    boxes: dict[str, Box] = field(default_factory=dict[str, Box])
    images: set[str] = field(default_factory=set[str])
    cuts: list[tuple[str, Cut]] = field(default_factory=list[tuple[str, Cut]])
    away: bool = False
    """It cuts every connection, and takes no new one."""
    open: int = 0
    requests: list[str] = field(default_factory=list[str])
    news: anyio.Event = field(default_factory=anyio.Event)
    _execs: dict[str, Box] = field(default_factory=dict[str, Box])
    _count: int = 0
    _leaving: str = ""
    _streams: list[anyio.abc.SocketStream] = field(default_factory=list[anyio.abc.SocketStream])

    def cut(self, pattern: str, how: Cut) -> None:
        """Cut the next request whose ``METHOD path`` matches."""
        self.cuts.append((pattern, how))

    @asynccontextmanager
    async def serve(self, path: Path) -> AsyncGenerator[str]:
        """Listen; yields the address."""
        async with await anyio.create_unix_listener(path) as listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._connection)
            yield f"unix://{path}"
            tasks.cancel_scope.cancel()

    async def _connection(self, stream: anyio.abc.SocketStream) -> None:
        self.open += 1
        self._streams.append(stream)
        try:
            async with stream:
                await self._serve(stream)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return
        finally:
            self._streams.remove(stream)
            self.open -= 1
            self._tell()

    def leave(self, *, when: str = "") -> None:
        """Go away, and take what is connected along; or later, at the first request that matches."""
        if when:
            self._leaving = when
            return
        self.away = True
        for stream in self._streams:
            with suppress(OSError):
                stream.extra(anyio.abc.SocketAttribute.raw_socket).shutdown(socket.SHUT_RDWR)

    def _tell(self) -> None:
        self.news.set()
        self.news = anyio.Event()

    async def _serve(self, stream: anyio.abc.ByteStream) -> None:
        line, body = await _request(stream)
        self.requests.append(line)
        how = self._how(line)
        if how == "unread" or self.away:
            return
        method, target = line.split(" ", 1)
        parts = urlsplit(re.sub(r"^/v[0-9.]+", "", target))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path
        if (talk := self._talk(method, path)) is not None:
            await talk(stream, how)
            return
        status, answer = await self._do(method, path, query, body)
        await _answer(stream, status, answer, how)

    def _how(self, line: str) -> Cut | None:
        if self._leaving and re.match(self._leaving, re.sub(r"/v[0-9.]+/", "/", line)):
            self.leave()
        for each in self.cuts:
            if re.match(each[0], re.sub(r"/v[0-9.]+/", "/", line)):
                self.cuts.remove(each)
                return each[1]
        return None

    def _talk(self, method: str, path: str) -> Callable[[anyio.abc.ByteStream, Cut | None], Any] | None:
        if found := re.fullmatch(r"/containers/([^/]+)/attach", path):
            return partial(self._attach, self._find(found[1]))
        if found := re.fullmatch(r"/exec/([^/]+)/start", path):
            return partial(self._exec, found[1])
        if found := re.fullmatch(r"/containers/([^/]+)/wait", path):
            return partial(self._wait, self._find(found[1]))
        return self._events if path == "/events" else None

    async def _attach(self, box: Box, stream: anyio.abc.ByteStream, how: Cut | None) -> None:
        if how == "unanswered":
            return
        await stream.send(_RAW[:40] if how == "halfway" else _RAW)
        if how == "halfway":
            return
        if how == "in the stream":
            await box.started.wait()
            await stream.send(_FRAME[:9])
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._stdin, box, stream)
            await box.ended.wait()
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await stream.send_eof()  # the other side closes then, and so the reading ends

    async def _stdin(self, box: Box, stream: anyio.abc.ByteStream) -> None:
        """It does as cat would: what comes in goes out, and with the input's end it ends."""
        try:
            while True:
                data = await stream.receive()
                await stream.send(b"\x01\x00\x00\x00" + len(data).to_bytes(4, "big") + data)
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            box.end(0)

    async def _exec(self, name: str, stream: anyio.abc.ByteStream, how: Cut | None) -> None:
        if how == "unanswered":
            return
        await stream.send(_RAW[:40] if how == "halfway" else _RAW)
        if how != "halfway":
            await stream.send(_FRAME[:9] if how == "in the stream" else _FRAME)

    async def _wait(self, box: Box, stream: anyio.abc.ByteStream, how: Cut | None) -> None:
        if how == "in the stream":
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            return
        if how is None or how == "halfway":
            await box.ended.wait()
        await _answer(stream, 200, {"StatusCode": box.code}, how)

    async def _events(self, stream: anyio.abc.ByteStream, how: Cut | None) -> None:
        if how == "unanswered":
            return
        await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while how is None:
            await stream.receive()  # nothing comes; this ends with the other side
        await stream.send(b'40\r\n{"Action": "die", "Act')

    async def _do(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        for pattern, action in self._actions().items():
            if found := re.fullmatch(pattern, f"{method} {path}"):
                return action(query, body, *found.groups())
        return 404, {"message": f"no such route: {method} {path}"}

    def _actions(self) -> dict[str, Callable[..., Reply]]:
        one = "/containers/([^/]+)"
        return {
            "GET /version": lambda *_: (200, {"Version": "fake", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}),
            "GET /info": lambda *_: (200, {"NCPU": 2, "MemTotal": 8 * 1024**3, "CgroupDriver": "cgroupfs"}),
            "GET /_ping": lambda *_: (200, "OK"),
            "GET /images/(.+)/json": self._image,
            "GET /containers/json": self._list,
            "POST /containers/create": self._create,
            f"GET {one}/json": lambda q, b, name: self._with(name, lambda box: (200, box.shown())),
            f"POST {one}/start": lambda q, b, name: self._with(name, self._start),
            f"POST {one}/kill": lambda q, b, name: self._with(name, partial(self._kill, q)),
            f"POST {one}/pause": lambda q, b, name: self._with(name, partial(self._freeze, True)),
            f"POST {one}/unpause": lambda q, b, name: self._with(name, partial(self._freeze, False)),
            f"POST {one}/exec": lambda q, b, name: self._with(name, self._prepare),
            f"PUT {one}/archive": lambda q, b, name: self._with(name, lambda box: (200, None)),
            "POST /commit": self._commit,
            "GET /exec/([^/]+)/json": lambda *_: (
                200,
                {"Running": False, "ExitCode": 0, "Pid": 7, "ProcessConfig": {"tty": False}},
            ),
            f"DELETE {one}": self._delete,
            "DELETE /images/(.+)": self._untag,
        }

    def _find(self, name: str) -> Box:
        return next(box for box in self.boxes.values() if name in (box.id, box.name))

    def _with(self, name: str, do: Callable[[Box], Reply]) -> Reply:
        try:
            return do(self._find(name))
        except StopIteration:
            return 404, {"message": f"No such container: {name}"}

    def _image(self, query: dict[str, str], body: bytes, name: str) -> Reply:
        return 200, {"Id": "sha256:1", "Size": 1, "Config": {"Labels": {}}, "RepoTags": [], "RootFS": {"Layers": []}}

    def _list(self, query: dict[str, str], body: bytes) -> Reply:
        rows = [
            {"Id": box.id, "Names": [f"/{box.name}"], "Labels": box.body.get("Labels") or {}, "State": "running"}
            for box in self.boxes.values()
        ]
        return 200, rows

    def _create(self, query: dict[str, str], body: bytes) -> Reply:
        self._count += 1
        box = Box(id=f"{self._count:064x}", name=query.get("name", ""), body=json.loads(body))
        self.boxes[box.id] = box
        return 201, {"Id": box.id, "Warnings": []}

    def _start(self, box: Box) -> Reply:
        box.running = True
        box.started.set()
        return 204, None

    def _kill(self, query: dict[str, str], box: Box) -> Reply:
        if not box.running:
            return 409, {"message": f"Container {box.id} is not running"}
        box.end(137 if query.get("signal", "SIGKILL") == "SIGKILL" else 143)
        return 204, None

    def _freeze(self, frozen: bool, box: Box) -> Reply:
        box.paused = frozen
        return 204, None

    def _prepare(self, box: Box) -> Reply:
        self._count += 1
        return 201, {"Id": f"{self._count:064x}"}

    def _commit(self, query: dict[str, str], body: bytes) -> Reply:
        self.images.add(f"{query.get('repo')}:{query.get('tag')}")
        return 201, {"Id": "sha256:2"}

    def _untag(self, query: dict[str, str], body: bytes, name: str) -> Reply:
        if unquote(name) not in self.images:
            return 404, {"message": f"No such image: {name}"}
        self.images.remove(unquote(name))
        return 200, []

    def _delete(self, query: dict[str, str], body: bytes, name: str) -> Reply:
        def do(box: Box) -> Reply:
            box.end(137)
            del self.boxes[box.id]
            return 204, None

        return self._with(name, do)


async def _request(stream: anyio.abc.ByteStream) -> tuple[str, bytes]:
    """``METHOD target`` and the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = re.search(r"(?im)^content-length: *(\d+)", text)
    chunked = re.search(r"(?im)^transfer-encoding: *chunked", text)
    while (length and len(body) < int(length[1])) or (chunked and not body.endswith(b"0\r\n\r\n")):
        body += await stream.receive()
    return text.split(" HTTP/", 1)[0], body


async def _answer(stream: anyio.abc.ByteStream, status: int, answer: Any, how: Cut | None) -> None:
    content = b"" if answer is None else json.dumps(answer).encode()
    head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    data = head % (status, len(content)) + content
    if how is None:
        await stream.send(data)
    elif how in ("halfway", "in the stream"):
        await stream.send(data[: -len(content) // 2] if content else data[: len(data) // 2])
