"""A plugin that prints when it is imported, and works."""

from massgen_core import hookimpl

print("look at me")


@hookimpl
def massgen_providers() -> object:
    return []
