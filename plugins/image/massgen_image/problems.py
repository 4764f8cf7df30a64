"""How this plugin says that something cannot be done."""

from __future__ import annotations

from massgen_core.errors import ToolFailed


def refuse(message: str) -> ToolFailed:
    """The error for a call that cannot be done; the message says what is wrong, where, and what to do."""
    return ToolFailed("", message)
