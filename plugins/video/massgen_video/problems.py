"""How the work says that it cannot be done."""

from __future__ import annotations

from massgen_core.errors import ToolFailed


def refuse(problem: str) -> ToolFailed:
    """An error that says what is wrong, where, and what to do; the tool puts its own name to it."""
    return ToolFailed("", problem)
