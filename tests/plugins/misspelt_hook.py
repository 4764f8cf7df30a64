"""A plugin whose hook pluggy would never call."""

from massgen_core import hookimpl


@hookimpl
def massgen_provider() -> object:
    return []
