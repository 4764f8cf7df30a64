"""How many servers are to wait for sessions, and within how much memory."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

HALF_LIFE = 600.0
"""Seconds in which what was seen of demand counts half as much."""

_FIRST_GUESS = 1.0


class Demand:
    """How many servers to keep, from how many were claimed lately.

    That is the most claims that came within the time that starting one takes: so many would have had to wait. The
    figure halves every ten minutes, and never falls below ``least``; where that is 0, none is kept at all. Times are
    seconds of one clock.
    """

    def __init__(self, least: int) -> None:
        self._least = least
        self._start = _FIRST_GUESS
        self._recent: deque[float] = deque()
        self._most = 0.0
        self._seen = 0.0

    def took(self, seconds: float) -> None:
        """A start took so long."""
        self._start = (self._start + seconds) / 2

    def claim(self, now: float) -> None:
        """A session wanted one."""
        self._recent.append(now)
        while self._recent[0] < now - self._start:
            self._recent.popleft()
        self._most, self._seen = max(self._left(now), len(self._recent)), now

    def wanted(self, now: float) -> int:
        """How many to keep."""
        return max(self._least, math.ceil(self._left(now) - 1e-6)) if self._least else 0

    def falls_in(self, now: float) -> float:
        """Seconds until fewer are wanted; infinite where it stays as it is."""
        wanted = self.wanted(now)
        if wanted <= self._least:
            return math.inf
        return max(0.0, HALF_LIFE * math.log2(self._left(now) / (wanted - 1)))

    def _left(self, now: float) -> float:
        return self._most * 0.5 ** ((now - self._seen) / HALF_LIFE)


class Lease:
    """A share of a `WarmMemory`, until it is given back."""

    def __init__(self, give: Callable[[], None]) -> None:
        self._give: Callable[[], None] | None = give

    def release(self) -> None:
        """Give it back; does nothing the second time."""
        give, self._give = self._give, None
        if give is not None:
            give()


class WarmMemory:
    """What all servers of a runtime that wait for sessions may have together, in bytes, by their limits."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._waiting: list[Callable[[], None]] = []

    def lease(self, size: int) -> Lease | None:
        """So many bytes, or None where they are not there."""
        if self._taken + size > self.most:
            return None
        self._taken += size
        return Lease(lambda: self._give(size))

    def on_release(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` whenever a share was given back."""
        self._waiting.append(tell)

    def _give(self, size: int) -> None:
        self._taken -= size
        for tell in self._waiting:
            tell()
