"""Text in UTF-8 that is cut after so many bytes: never in the middle of a letter."""

from __future__ import annotations

_LONGEST = 4
_LEAST_OF = {2: 0xC0, 3: 0xE0, 4: 0xF0}


def whole_letters(data: bytes) -> bytes:
    """Some bytes without a letter that has only begun at their end; all of them where nothing else is there."""
    for back in range(1, min(_LONGEST, len(data))):
        last = data[-back]
        if last & 0xC0 != 0x80:
            length = max((size for size, least in _LEAST_OF.items() if last >= least), default=1)
            return data[:-back] if length > back else data
    return data
