"""Which OCI runtime a sandbox runs under: one with a stronger wall, if the engine has it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class RuntimeSettings(BaseModel):
    """An OCI runtime by the engine's name for it, and whether the sandbox may do without."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="As the engine lists it: `runsc` (gVisor), `kata`."
    )
    required: bool = Field(
        default=True, description="Refuse to start without it; when false, the engine's default is used, with a word."
    )


def _short(value: Any) -> Any:
    """Text alone is short for a table with nothing but ``name``."""
    return {"name": value} if isinstance(value, str) else value


RuntimeSetting = Annotated[RuntimeSettings, BeforeValidator(_short)]
"""A runtime as a config holds it: its name alone requires it."""
