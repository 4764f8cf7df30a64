"""One hijacked connection: an HTTP request after which the connection belongs to the process's streams.

The Engine API upgrades ``attach`` and ``exec start`` requests to a raw duplex stream (``101 UPGRADED``; Podman may
answer ``200``). See https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach, "Hijacking".
"""

from __future__ import annotations

import contextlib
import errno
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio

from massgen_sandbox_docker.engine.dial import ByteStream, dial
from massgen_sandbox_docker.engine.endpoint import Endpoint

_MOST_HEADERS = 65536
_MOST_ERROR = 65536


class HijackRefused(Exception):
    """The engine answered with an error (``status`` and its ``message``) instead of the stream."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"{status}: {message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    status: int
    headers: Mapping[str, str]
    early: bytes


class HijackedStream:
    """A raw duplex stream to a process; bytes that came along with the answer are delivered first."""

    def __init__(self, stream: ByteStream, early: bytes = b"") -> None:
        self._stream = stream
        self._early = early

    async def send(self, data: bytes) -> None:
        """Write; raises `anyio.BrokenResourceError` when the other side is gone."""
        await self._stream.send(data)

    async def send_eof(self) -> None:
        """Close our sending side and keep reading."""
        await self._stream.send_eof()

    async def receive(self) -> bytes:
        """The next bytes, never empty; raises `anyio.EndOfStream`."""
        if self._early:
            data, self._early = self._early, b""
            return data
        return await self._stream.receive()

    async def aclose(self) -> None:
        """Close both sides at once."""
        await self._stream.aclose()

    @property
    def bare(self) -> socket.socket | None:
        """The socket itself, where all that was read from it has been delivered; for giving it to another process."""
        return None if self._early else self._stream.bare


async def hijack(endpoint: Endpoint, path: str, body: Mapping[str, Any] | None = None) -> HijackedStream:
    """Send the request and take the connection over. It is not time-boxed: the caller does that.

    Raises:
        HijackRefused: The engine answered with an error.
        OSError: It cannot be reached, or closed the connection without an answer.
    """
    stream = await dial(endpoint)
    try:
        await stream.send(_request(endpoint, path, body))
        head = await _read_head(stream)
        if head.status == 101 or (head.status == 200 and _is_raw(head.headers)):
            return HijackedStream(stream, head.early)
        raise HijackRefused(head.status, await _error_message(stream, head))
    except BaseException:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
        raise


def _request(endpoint: Endpoint, path: str, body: Mapping[str, Any] | None) -> bytes:
    content = json.dumps(body).encode() if body is not None else b""
    host = f"{endpoint.host}:{endpoint.port}" if endpoint.host else "docker"
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: tcp",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + content


async def _read_head(stream: ByteStream) -> _Head:
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > _MOST_HEADERS:
            raise HijackRefused(0, "its answer's headers do not end")
        try:
            data += await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            raise ConnectionResetError(errno.ECONNRESET, "it closed the connection without an answer") from None
    head, _, early = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
        raise HijackRefused(0, f"it answered with something that is not HTTP: {first[:80]!r}")
    pairs = (line.partition(":") for line in rest)
    return _Head(status=int(words[1]), headers={k.strip().lower(): v.strip() for k, _, v in pairs}, early=early)


def _is_raw(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" not in headers and headers.get("content-type", "").startswith("application/vnd.docker.")


async def _error_message(stream: ByteStream, head: _Head) -> str:
    """The answer's ``message``; the body may be chunked, so the JSON object is looked for inside it."""
    body = head.early
    length = head.headers.get("content-length", "")
    wanted = min(int(length), _MOST_ERROR) if length.isdigit() else _MOST_ERROR
    with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError), anyio.move_on_after(5):
        while len(body) < wanted and not (not length and body.endswith(b"0\r\n\r\n")):
            body += await stream.receive()
    text = body.decode("utf-8", "replace")
    try:
        return str(json.loads(text[text.index("{") : text.rindex("}") + 1])["message"])
    except (ValueError, KeyError, TypeError):
        return text.strip()
