"""How far a command has come: its last line, told a few times a second at most."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from massgen_core.sandbox import Stream
from massgen_core.tools import Event, Progress

_EVERY = 0.25
_LONGEST = 200


class Telling:
    """Reports what a command says while it runs; ``done`` is its bytes so far."""

    def __init__(self, report: Callable[[Event], Awaitable[None]]) -> None:
        self._report = report
        self._bytes = 0
        self._next = time.monotonic() + _EVERY

    async def take(self, stream: Stream, piece: bytes) -> None:
        """Count a piece of output, and tell of it when it is time."""
        self._bytes += len(piece)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            line = piece.rstrip().rpartition(b"\n")[2][-_LONGEST:].decode("utf-8", "replace")
            await self._report(Progress(done=self._bytes, message=line))
