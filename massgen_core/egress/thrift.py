"""How much one sandbox may ask of the host: new names to be looked up, connections on their way at once."""

from __future__ import annotations

from collections import OrderedDict

import anyio

NEW_NAMES = 200
"""Names that may be looked up for the first time in a row; after that `NEW_NAMES_PER_SECOND` more."""

NEW_NAMES_PER_SECOND = 1.0
MOST_DIALLED = 32
"""Connections of one sandbox that wait to be answered at once: each holds a socket of this program."""

_KNOWN = 1000


class NewNames:
    """Counts names that have not been asked for lately: each that is looked up tells its owner something.

    Names are only looked up if a rule allows them, so it takes a rule with ``*.`` to ask for many.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()
        self._left = float(NEW_NAMES)
        self._counted: float | None = None

    def admit(self, name: str) -> bool:
        """Whether a name may be looked up now."""
        if name in self._known:
            self._known.move_to_end(name)
            return True
        now = anyio.current_time()
        gone = now - (now if self._counted is None else self._counted)
        self._left = min(float(NEW_NAMES), self._left + gone * NEW_NAMES_PER_SECOND)
        self._counted = now
        if self._left < 1:
            return False
        self._left -= 1
        self._known[name] = None
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return True
