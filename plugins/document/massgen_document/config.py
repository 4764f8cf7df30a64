"""The settings of ``[plugins.document]``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ByteSize, Field

from massgen_core.config import STRICT


class DocumentConfig(BaseModel):
    """How documents look, and what reading one may take."""

    model_config = STRICT

    paper: Literal["A4", "letter"] = Field(default="A4", description="Size of a page where a call does not say.")
    author: str = Field(default="", description="Who is named as the author where a call does not say.")
    fonts: tuple[Path, ...] = Field(
        default=(),
        description="Folders with TrueType fonts, beside those of the system, for letters beyond Latin.",
    )
    shown: int = Field(default=20_000, ge=500, description="Characters of a document that one answer shows.")
    memory: ByteSize = Field(
        default=ByteSize(1024**3), ge=256 * 1024**2, description="Memory that one piece of work may take."
    )
    seconds: int = Field(default=120, ge=1, description="Seconds of processor time that one piece of work may take.")
