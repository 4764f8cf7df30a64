"""A plugin that cannot do without a setting."""

from pydantic import BaseModel

from massgen_core import STRICT, hookimpl


class Section(BaseModel):
    model_config = STRICT

    api_key: str


@hookimpl
def massgen_config() -> object:
    return Section


@hookimpl
def massgen_providers(config: object) -> object:
    return []
