"""One of two plugins that bring a tool of the same name."""

from massgen_core import ToolProvider, hookimpl, tool


@tool
def twin() -> str:
    """Say which of the two this is."""
    return "one"


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider.of("same", [twin])]
