"""The settings of ``[plugins.image]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ByteSize, Field

from massgen_core.config import STRICT


class ImageConfig(BaseModel):
    """Who draws and who reads, and what one piece of work may take."""

    model_config = STRICT

    engines: Mapping[str, str] = Field(
        default_factory=dict[str, str],
        description="Engine by operation (`image.generate`, `image.edit`, …), or one for all under `*`.",
    )
    folder: str = Field(default="images", description="Folder of the workspace for files that no path was given for.")
    pixels: int = Field(default=100_000_000, ge=1, description="Pixels of a picture that is opened or made.")
    frames: int = Field(default=1_000, ge=1, description="Frames of an animation that is taken as a whole.")
    largest: ByteSize = Field(default=ByteSize(256 * 1024**2), ge=1024, description="Bytes of a file that is opened.")
    memory: ByteSize = Field(
        default=ByteSize(3 * 1024**3), ge=256 * 1024**2, description="Memory that one piece of work may take."
    )
    seconds: int = Field(default=120, ge=1, description="Seconds of processor time that one piece of work may take.")
    language: str = Field(default="eng", description="Language of text in pictures, for tesseract: `eng`, `deu+eng`.")

    def bounds(self) -> dict[str, Any]:
        """What every work function is told of the bounds."""
        return {
            "pixels": self.pixels,
            "pixels_in_all": self.pixels * 2,
            "frames": self.frames,
            "size": int(self.largest),
        }
