"""A plugin whose config model is none."""

from massgen_core import hookimpl


@hookimpl
def massgen_config() -> object:
    return {"api_key": "sk-hidden"}
