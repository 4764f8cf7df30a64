"""The settings of ``[plugins.video]``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ByteSize, Field

from massgen_core.config import STRICT


class VideoConfig(BaseModel):
    """Which engines make and read films, and what work on one may take."""

    model_config = STRICT

    engines: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="Engine for an operation (`video.generate`, `video.understand`), or `*` for all of them.",
    )
    pictures: str | None = Field(
        default=None, description="The `image.generate` engine that draws scenes; the first able one when unset."
    )
    voice_engine: str | None = Field(
        default=None, description="The `audio.speak` engine that narrates; the first able one when unset."
    )
    quality: Literal["draft", "standard", "high"] = Field(
        default="standard", description="How films are encoded where a call does not say."
    )
    memory: ByteSize = Field(
        default=ByteSize(2 * 1024**3), ge=512 * 1024**2, description="Memory that one piece of work may take."
    )
    seconds: int = Field(default=3600, ge=10, description="Seconds of processor time that one piece of work may take.")
