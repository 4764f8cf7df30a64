"""The settings of ``[plugins.sandbox-local]``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from massgen_core.config import STRICT


class LocalConfig(BaseModel):
    """What holds a sandbox on this machine."""

    model_config = STRICT

    isolation: Literal["bwrap", "none"] = Field(
        default="bwrap", description="`bwrap` (bubblewrap), or `none`: plain processes that nothing holds."
    )
    bwrap: Path | None = Field(default=None, description="The program bubblewrap; looked for on PATH when unset.")
