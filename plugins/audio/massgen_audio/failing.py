"""How the work says that it cannot be done."""

from massgen_core.errors import ToolFailed


def failed(problem: str) -> ToolFailed:
    """An error that says what is wrong, where, and what to do; the tool puts its own name to it."""
    return ToolFailed("", problem)
