"""What is logged of refused connections: each kind once, and not without end, however often a sandbox tries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from massgen_core.egress.policy import Denial

_MOST_KINDS = 100


class Refusals:
    """Told of every refused connection of one sandbox."""

    def __init__(self, sandbox: str, log: Callable[[str], None]) -> None:
        self._sandbox = sandbox
        self._log = log
        self._seen: set[str] = set()
        self.count = 0

    def __call__(self, denial: Denial) -> None:
        """Log it, if it is new."""
        self.count += 1
        text = str(denial)
        if text in self._seen or len(self._seen) > _MOST_KINDS:
            return
        self._seen.add(text)
        if len(self._seen) <= _MOST_KINDS:
            self._log(f"{self._sandbox}: {text}")
        else:
            self._log(
                f"{self._sandbox}: more than {_MOST_KINDS} kinds of connections were refused; the rest is not told"
            )
