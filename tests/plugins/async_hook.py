"""A plugin whose hook is async, which pluggy would never await."""

from massgen_core import hookimpl


@hookimpl
async def massgen_providers() -> object:
    return []
