"""One job: its state, how far it is, and how it is ended."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import anyio

from massgen_core.result import Part

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class Job:
    """One request on its way; what an engine is given beside it.

    ``folder`` is private to the job and goes with it: outputs are written there. ``progress`` is 0 to 1 and never
    falls. ``deadline`` is in seconds from now on, None without one; ``poll_after`` is how long, in seconds, somebody
    who asks again should wait.
    """

    def __init__(
        self,
        folder: Path,
        *,
        deadline: float | None = None,
        on_progress: Callable[[Job], Awaitable[None]] | None = None,
        on_part: Callable[[Part], Awaitable[None]] | None = None,
    ) -> None:
        self.id: str = secrets.token_hex(6)
        self.folder = folder
        self.state: JobState = "queued"
        self.progress: float = 0.0
        self.message: str | None = None
        self.poll_after: float = 1.0
        self.warnings: list[str] = []
        self.started: float = time.monotonic()
        self.ended: float | None = None
        self._expires = None if deadline is None else self.started + deadline
        self._on_progress = on_progress
        self._on_part = on_part
        self._scope = anyio.CancelScope()

    @property
    def deadline(self) -> float | None:
        """Seconds that are left."""
        return None if self._expires is None else max(0.0, self._expires - time.monotonic())

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or in all."""
        return (self.ended or time.monotonic()) - self.started

    def cancel(self) -> None:
        """End it; whoever waits for it is told that it was cancelled."""
        self._scope.cancel()

    async def tell(self, progress: float, message: str | None = None) -> None:
        """Say how much is done (0 to 1); less than before counts as no change."""
        self.progress = min(1.0, max(self.progress, progress))
        self.message = message or self.message
        if self._on_progress is not None:
            await self._on_progress(self)

    async def early(self, part: Part) -> None:
        """Hand over a part of the result before the end: a preview, a first sentence."""
        if self._on_part is not None:
            await self._on_part(part)

    def warn(self, text: str) -> None:
        """Note something that whoever reads the result should know."""
        if text not in self.warnings:
            self.warnings.append(text)

    async def run(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do the work as this job, keeping its state true; None where it was cancelled by `cancel`."""
        self.state = "running"
        result = None
        try:
            with self._scope:
                result = await work()
                self.state = "succeeded"
        except anyio.get_cancelled_exc_class():
            self.state = "cancelled"
            raise
        except BaseException:
            self.state = "failed"
            raise
        finally:
            self.ended = time.monotonic()
            if self.state == "running":
                self.state = "cancelled"
        return result

    def to_json(self) -> dict[str, Any]:
        """Its state as plain values."""
        facts = {"id": self.id, "state": self.state, "progress": round(self.progress, 3), "message": self.message}
        facts |= {"seconds": round(self.seconds, 3)}
        return facts | ({"poll_after": self.poll_after} if self.ended is None else {})
