"""A plugin as it should be."""

from massgen_core import ToolProvider, hookimpl, tool


@tool
def ping() -> str:
    """Answer."""
    return "pong"


@hookimpl
def massgen_providers() -> object:
    return [ToolProvider.of("good", [ping])]
