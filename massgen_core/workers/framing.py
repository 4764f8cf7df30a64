"""Messages over a stream socket: eight bytes of length, then one JSON value; files may come with them."""

from __future__ import annotations

import json
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

HEAD = 8
LARGEST = 64 * 1024 * 1024
"""Bytes of one message at most."""
MOST_FILES = 200
"""The kernel passes no more than 253 at once."""


def packed(value: Mapping[str, Any]) -> bytes:
    """A message as bytes."""
    data = json.dumps(value).encode()
    return len(data).to_bytes(HEAD, "big") + data


def send(line: socket.socket, value: Mapping[str, Any], files: Sequence[int] = ()) -> None:
    """Send a message, and files with its first bytes; blocks."""
    data = packed(value)
    sent = socket.send_fds(line, [data], list(files)) if files else 0
    line.sendall(memoryview(data)[sent:])


def receive(line: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and its files; None at the end. Blocks.

    Raises:
        ValueError: It is larger than any message is.
    """
    try:
        head, files, _, _ = socket.recv_fds(line, HEAD, MOST_FILES)
    except ConnectionResetError:  # the other side went without reading everything
        return None
    head += _exactly(line, HEAD - len(head)) if head else b""
    if len(head) < HEAD:
        return None
    return json.loads(_exactly(line, length_of(head))), list(files)


def length_of(head: bytes) -> int:
    """The length that a message's first bytes tell. Raises `ValueError` for one that no message has."""
    length = int.from_bytes(head[:HEAD], "big")
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes")
    return length


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(min(size - len(parts), 1 << 20))
        if not part:
            break
        parts += part
    return bytes(parts)
