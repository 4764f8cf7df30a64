"""One of two distributions that bring a plugin of the same name."""

from massgen_core import ToolProvider, hookimpl, tool


@tool
def which() -> str:
    """Say which of the two this is."""
    return "one"


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider.of("twin", [which])]
