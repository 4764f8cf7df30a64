"""When a server that ended is started again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """When a server that ended is started again.

    The pause before a restart begins at ``first`` seconds and doubles up to ``longest``; a life of ``stable`` seconds
    resets it. After ``attempts`` restarts in a row that failed, the server is given up. A server that gives no sign of
    life within ``patience`` seconds after a call was given up (timed out or cancelled), or when it is asked for one
    while it is idle, is ended, with all that the call had started.
    """

    first: float = 0.5
    longest: float = 30.0
    stable: float = 60.0
    attempts: int = 5
    patience: float = 10.0

    def pause(self, failures: int) -> float:
        """Seconds to wait after that many failures in a row, the first of them counted."""
        return min(self.first * 2.0 ** (max(failures, 1) - 1), self.longest)
