"""Two processes of one user on one machine that talk about a sandbox: small messages, and open descriptors with them.

The socket keeps messages apart (SOCK_SEQPACKET), and its end is seen at once when the other process dies. Who is there
is asked of the kernel (SO_PEERCRED), not of the other side.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import anyio

from massgen_core.errors import SandboxError, SandboxUnavailable

_MOST = 64 * 1024
_MOST_FDS = 4
_CLOSED_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
_NAME = "massgen-offer-"
_YOUNG = 60.0
_CREDENTIALS = struct.Struct("3i")


class Gone(Exception):
    """The other side has closed the socket, or died."""


class Talk:
    """One side of the conversation."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    @property
    def peer(self) -> int:
        """The other side's process id. Raises `SandboxError` when it is not this user's."""
        if sys.platform != "linux":
            raise SandboxUnavailable("sandboxes are handed over on Linux only")
        found = self._end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, uid, _ = _CREDENTIALS.unpack(found)
        if uid != os.geteuid():
            raise SandboxError(f"a process of another user ({uid}) asked for the sandbox")
        return pid

    async def say(self, message: Mapping[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        """Send one message. Raises `Gone`."""
        data = json.dumps(message).encode()
        while True:
            try:
                socket.send_fds(self._end, [data], list(descriptors))
            except BlockingIOError:
                await anyio.wait_writable(self._end)
            except OSError:
                raise Gone from None
            else:
                return

    async def hear(
        self, seconds: float | None = None, *, descriptors: bool = False
    ) -> tuple[dict[str, Any], list[int]]:
        """The next message and, where they are wanted, its descriptors. Raises `Gone`, and `TimeoutError`."""
        with anyio.fail_after(seconds):
            while True:
                try:
                    data, found, _, _ = socket.recv_fds(self._end, _MOST, _MOST_FDS, _CLOSED_ON_EXEC)
                except BlockingIOError:
                    await anyio.wait_readable(self._end)
                    continue
                except OSError:
                    raise Gone from None
                if not descriptors:
                    close_all(found)
                if not data:
                    raise Gone
                return _read(data), found if descriptors else []

    def close(self) -> None:
        """End it."""
        self._end.close()


def close_all(descriptors: Iterable[int]) -> None:
    """Close what nobody wants."""
    for each in descriptors:
        os.close(each)


def _read(data: bytes) -> dict[str, Any]:
    try:
        found = cast("object", json.loads(data))
    except ValueError:
        found = None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


@contextmanager
def meeting_place() -> Generator[tuple[str, socket.socket]]:
    """A socket that listens in a folder of its own, which nobody else can enter, and its path."""
    _clear_away()
    with tempfile.TemporaryDirectory(prefix=_NAME) as folder:
        path = os.path.join(folder, "socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(path)
            os.chmod(path, 0o600)
            listening.listen(4)
            listening.setblocking(False)
            yield path, listening


def _clear_away() -> None:
    """The places of programs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < _YOUNG:
                continue
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as end:
                try:
                    end.connect(str(folder / "socket"))
                except ConnectionRefusedError:
                    (folder / "socket").unlink()
                    folder.rmdir()


async def next_caller(listening: socket.socket) -> Talk:
    """Wait for somebody to call."""
    while True:
        try:
            return Talk(listening.accept()[0])
        except BlockingIOError:
            await anyio.wait_readable(listening)


def call(path: str) -> Talk:
    """Call who listens there. Raises `SandboxError` when nobody does, or the place is not this user's."""
    try:
        found = Path(path).lstat()
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            raise SandboxError(f"{path} is not a socket of this user")
        end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            end.connect(path)
        except BaseException:
            end.close()
            raise
    except OSError as error:
        raise SandboxError(f"nobody offers a sandbox at {path}: {error.strerror or error}") from error
    return Talk(end)
