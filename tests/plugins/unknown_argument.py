"""A plugin whose hook asks for what does not exist."""

from massgen_core import hookimpl


@hookimpl
def massgen_providers(settings: object) -> object:
    return []
