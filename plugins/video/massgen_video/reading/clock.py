"""Times that go on where those of a stream jump back."""

from __future__ import annotations

_JUMP = 0.5
"""Seconds back from which on a stream has begun anew: recordings that were put together as they are."""


class Clock:
    """The times of one stream's frames, in seconds from the file's beginning; they only grow."""

    def __init__(self, offset: float, step: float) -> None:
        self._offset = offset
        self._step = step
        self._last: float | None = None

    def at(self, own: float | None) -> float:
        """The time of the next frame, given what it says itself; one that says nothing follows the one before."""
        time = own - self._offset if own is not None else self._following()
        if self._last is not None and time < self._last - _JUMP and own is not None:
            self._offset = own - self._following()
            time = self._following()
        if self._last is not None and time <= self._last:
            time = self._last + self._step / 1000
        self._last = time
        return time

    def _following(self) -> float:
        return 0.0 if self._last is None else self._last + self._step
