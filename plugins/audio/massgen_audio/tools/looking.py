"""What is in a sound, as a picture and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from massgen_audio.tools.common import Desk, Overwrite, Salvage, Source, Track, format_of
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool


def looking_tools(desk: Desk) -> Iterator[Tool]:
    """Pictures and facts."""
    yield _picture(desk)
    yield _info(desk)


def _picture(desk: Desk) -> Tool:
    @tool
    async def picture(
        source: Source,
        context: ToolContext,
        path: Annotated[str | None, Role("write"), Field(description="The PNG; a free name if unset.")] = None,
        kind: Annotated[
            Literal["waveform", "spectrogram"], Field(description="How loud over time, or which frequencies.")
        ] = "waveform",
        scale: Annotated[
            Literal["mel", "linear"], Field(description="Frequencies as they are heard, or all alike.")
        ] = "mel",
        width: Annotated[int, Field(ge=200, le=4000, description="Pixels.")] = 1000,
        height: Annotated[int, Field(ge=200, le=4000, description="Pixels.")] = 400,
        track: Track = 0,
        salvage: Salvage = False,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Draw a sound to look at: its waveform or its spectrogram, with axes."""
        format_of(path, None, only=("png",))
        options = {"kind": kind, "scale": scale, "width": width, "height": height, "track": track, "salvage": salvage}
        saving = desk.saving(path, kind, overwrite=overwrite)
        return await desk.make(context, "looking:picture", options, saving, files=[source])

    return picture


def _info(desk: Desk) -> Tool:
    @tool
    async def info(
        source: Source,
        context: ToolContext,
        exact: Annotated[bool, Field(description="Go through all of it, and count its samples.")] = False,
        track: Track = 0,
        salvage: Salvage = False,
    ) -> ToolResult:
        """Tell what a sound file is: format, codec, length, rate, channels, bit rate, texts, whether it is a film."""
        options = {"exact": exact, "track": track, "salvage": salvage}
        return await desk.make(context, "looking:info", options, desk.saving(None, "info"), files=[source])

    return info
