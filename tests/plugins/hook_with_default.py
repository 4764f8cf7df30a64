"""A plugin whose hook has an argument with a default, which pluggy versions treat differently."""

from massgen_core import hookimpl


@hookimpl
def massgen_providers(config: object = None) -> object:
    return []
