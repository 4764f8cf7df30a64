"""A plugin that returns tools where providers are wanted."""

from massgen_core import hookimpl, tool


@tool
def lonely() -> None:
    """Have no provider."""


@hookimpl
def massgen_providers() -> object:
    return [lonely]
