"""The settings of ``[plugins.audio]``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ByteSize, Field, PositiveFloat

from massgen_core.config import STRICT


class WhisperConfig(BaseModel):
    """Other weights for transcription than those of the package, which know English only."""

    model_config = STRICT

    model: Path | None = Field(
        default=None, description="Folder with a Whisper model for CTranslate2: model.bin, config.json, tokenizer.json."
    )
    sha256: str | None = Field(
        default=None, pattern="^[0-9a-fA-F]{64}$", description="SHA-256 of its model.bin; nothing is loaded without."
    )


class AudioConfig(BaseModel):
    """Who speaks and who listens, and what one piece of work may take."""

    model_config = STRICT

    engines: Mapping[str, str] = Field(
        default_factory=dict[str, str],
        description="Engine by operation (`audio.speak`, `audio.transcribe`), or one for all under `*`.",
    )
    whisper: WhisperConfig = Field(default_factory=WhisperConfig, description="Weights for transcription.")
    folder: str = Field(default="audio", description="Folder of the workspace for files that no path was given for.")
    longest: PositiveFloat = Field(default=6 * 3600.0, description="Seconds of sound that are read from one file.")
    largest: ByteSize = Field(default=ByteSize(8 * 1024**3), ge=1024, description="Bytes of a file that is read.")
    memory: ByteSize = Field(
        default=ByteSize(2 * 1024**3), ge=512 * 1024**2, description="Memory that one piece of work may take."
    )
    seconds: int = Field(default=3600, ge=1, description="Seconds of processor time that one piece of work may take.")

    def bounds(self) -> dict[str, float | int]:
        """What every work function is told of the bounds."""
        return {"longest_seconds": self.longest, "largest_bytes": int(self.largest)}
