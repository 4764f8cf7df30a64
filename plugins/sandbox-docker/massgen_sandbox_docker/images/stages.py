"""The output of mmdebstrap and debootstrap, turned into a few lines of progress."""

from __future__ import annotations

import re
from collections import deque

from massgen_core.sandbox import Progress

_STAGE = re.compile(
    r"I: (running|downloading|extracting|installing|cleaning|creating|Retrieving|Extracting|Installing|Configuring)"
    r"\b(.*)"
)
_KEPT = 15


class Stages:
    """Takes one line of output after the other; keeps the last ones for an error."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._word = ""
        self._last: deque[str] = deque(maxlen=_KEPT)

    @property
    def tail(self) -> str:
        """The last lines."""
        return "\n".join(f"    {line}" for line in self._last)

    def line(self, text: str) -> None:
        """One line of output."""
        if not text.strip():
            return
        self._last.append(text)
        if match := _STAGE.match(text):
            self._stage(match[1], match[2])

    def _stage(self, word: str, rest: str) -> None:
        """Report a stage once; debootstrap repeats its word for every package."""
        if word.istitle() and word == self._word:
            return
        self._word = word
        self._progress(f"base image: {word.lower()} {'packages' if word.istitle() else rest.strip(' .')}")
