"""Which addresses a document may link to."""

from __future__ import annotations

import re

_SAFE = re.compile(r"(https?://|mailto:)[^\s<>\"\x00-\x1f]+\Z", re.IGNORECASE)


def safe_link(address: str) -> str:
    """The address where a click on it only opens a web page or a letter; else empty, and it stays plain text."""
    return address if _SAFE.match(address) and len(address) <= 2000 else ""
