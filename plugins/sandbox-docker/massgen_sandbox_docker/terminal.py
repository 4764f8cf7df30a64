"""Text for a terminal, whoever wrote it."""

from __future__ import annotations


def printable(text: str) -> str:
    """Text without control characters."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
