"""Files out of files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from massgen_audio.tools.common import (
    Background,
    BitRate,
    Channels,
    Desk,
    FormatOf,
    Output,
    Overwrite,
    Salvage,
    SampleRate,
    Seconds,
    Source,
    Sources,
    Track,
)
from massgen_core.config import STRICT
from massgen_core.result import ToolResult
from massgen_core.tools import Tool, ToolContext, tool


class MixTrack(BaseModel):
    """How one of the files is mixed."""

    model_config = STRICT

    gain: float = Field(default=0.0, ge=-100, le=40, description="dB.")
    start: float = Field(default=0.0, ge=0, le=100_000, description="Seconds after which it begins.")
    duck: float = Field(
        default=0.0, ge=0, le=60, description="dB by which it goes down while the others are heard: 12 for music."
    )


def editing_tools(desk: Desk) -> Iterator[Tool]:
    """Convert, trim, join, mix, loudness, silences."""
    yield _convert(desk)
    yield _trim(desk)
    yield _join(desk)
    yield _mix(desk)
    yield _loudness(desk)
    yield _cut_silence(desk)


def _convert(desk: Desk) -> Tool:
    @tool
    async def convert(
        source: Source,
        context: ToolContext,
        path: Output = None,
        format: FormatOf = None,
        sample_rate: SampleRate = None,
        channels: Channels = None,
        bit_rate: BitRate = None,
        bits: Annotated[Literal[16, 24, 32] | None, Field(description="Of wav and flac; 32 is floating point.")] = None,
        speed: Annotated[float | None, Field(ge=0.25, le=4.0, description="Pace, at the same pitch.")] = None,
        gain: Annotated[float | None, Field(ge=-100, le=60, description="dB.")] = None,
        raw_rate: Annotated[int | None, Field(ge=1000, le=768_000, description="Of bare 16-bit samples.")] = None,
        raw_channels: Annotated[int | None, Field(ge=1, le=32, description="Of bare 16-bit samples.")] = None,
        track: Track = 0,
        salvage: Salvage = False,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Write a sound in another format: wav, flac, mp3, opus, aac, m4a or pcm; also at another pace or loudness.

        A film gives its sound. Title, artist and other texts are carried over.
        """
        options = {
            "format": format,
            "sample_rate": sample_rate,
            "channels": channels,
            "bit_rate": bit_rate,
            "bits": bits,
            "speed": speed,
            "gain": gain,
            "raw_rate": raw_rate,
            "raw_channels": raw_channels,
            "raw": True if raw_rate or raw_channels else None,
            "track": track,
            "salvage": salvage,
        }
        saving = desk.saving(path, "converted", overwrite=overwrite)
        return await desk.make(context, "editing:convert", options, saving, files=[source], background=background)

    return convert


def _trim(desk: Desk) -> Tool:
    @tool
    async def trim(
        source: Source,
        context: ToolContext,
        path: Output = None,
        start: Annotated[Seconds, Field(description="Where the part begins.")] = 0.0,
        end: Annotated[Seconds | None, Field(description="Where it ends; the end of the file if unset.")] = None,
        duration: Annotated[Seconds | None, Field(description="How long it is, in place of `end`.")] = None,
        fade_in: Annotated[Seconds, Field(description="Seconds over which it rises from silence.")] = 0.0,
        fade_out: Annotated[Seconds, Field(description="Seconds over which it falls to silence.")] = 0.0,
        format: FormatOf = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Take a part of a sound, exact to the sample; with fades. Times are in seconds."""
        options = {"format": format, "start": start, "end": end, "duration": duration}
        options |= {"fade_in": fade_in, "fade_out": fade_out}
        saving = desk.saving(path, "part", overwrite=overwrite)
        return await desk.make(context, "editing:trim", options, saving, files=[source])

    return trim


def _join(desk: Desk) -> Tool:
    @tool
    async def join(
        sources: Sources,
        context: ToolContext,
        path: Output = None,
        gap: Annotated[Seconds, Field(description="Seconds of silence between them.")] = 0.0,
        crossfade: Annotated[Seconds, Field(description="Seconds in which one turns into the next.")] = 0.0,
        format: FormatOf = None,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Put sounds one after the other; unlike rates and channels become the highest of them."""
        options = {"format": format, "gap": gap, "crossfade": crossfade}
        saving = desk.saving(path, "joined", overwrite=overwrite)
        return await desk.make(context, "editing:join", options, saving, files=sources, background=background)

    return join


def _mix(desk: Desk) -> Tool:
    @tool
    async def mix(
        sources: Sources,
        context: ToolContext,
        path: Output = None,
        tracks: Annotated[list[MixTrack], Field(description="One for each source; all as they are if unset.")] = [],  # noqa: B006
        length: Annotated[
            Literal["longest", "first"], Field(description="Until the last one ends, or with the first.")
        ] = "longest",
        fade_out: Annotated[Seconds, Field(description="Seconds over which the end falls to silence.")] = 0.0,
        format: FormatOf = None,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Lay sounds over each other, each with a gain and a start; music can make room for speech (`duck`).

        What would be louder than full scale is turned down as a whole, and said.
        """
        settings = [track.model_dump() for track in tracks] or None
        options = {"format": format, "tracks": settings, "length": length, "fade_out": fade_out}
        saving = desk.saving(path, "mix", overwrite=overwrite)
        return await desk.make(context, "editing:mix", options, saving, files=sources, background=background)

    return mix


def _loudness(desk: Desk) -> Tool:
    @tool
    async def loudness(
        source: Source,
        context: ToolContext,
        path: Output = None,
        target: Annotated[
            float | None,
            Field(ge=-60, le=0, description="LUFS to write it at: -16 for podcasts, -23 for broadcast. None measures."),
        ] = None,
        peak: Annotated[float, Field(ge=-20, le=0, description="Highest true peak, dBTP.")] = -1.0,
        limit: Annotated[bool, Field(description="Turn peaks down, rather than stay softer than the target.")] = False,
        format: FormatOf = None,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Measure how loud a sound is (EBU R 128: LUFS, range, true peak); with `target`, write it that loud."""
        options = {"format": format, "target": target, "peak": peak, "limit": limit}
        saving = desk.saving(path, "loudness", overwrite=overwrite)
        return await desk.make(context, "editing:loudness", options, saving, files=[source], background=background)

    return loudness


def _cut_silence(desk: Desk) -> Tool:
    @tool
    async def cut_silence(
        source: Source,
        context: ToolContext,
        path: Output = None,
        threshold: Annotated[float, Field(ge=-100, le=0, description="Level below which it is silent, dBFS.")] = -45.0,
        minimum: Annotated[float, Field(ge=0.02, le=60, description="Seconds that a silence lasts to be one.")] = 0.5,
        padding: Annotated[float, Field(ge=0, le=10, description="Seconds of it that stay beside sound.")] = 0.1,
        ends_only: Annotated[bool, Field(description="Only at the beginning and the end.")] = False,
        dry_run: Annotated[bool, Field(description="List the silences, and write nothing.")] = False,
        format: FormatOf = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Leave silences out of a recording, and tell where they were."""
        options = {"format": format, "threshold": threshold, "minimum": minimum, "padding": padding}
        options |= {"ends_only": ends_only, "dry_run": dry_run}
        saving = desk.saving(path, "cut", overwrite=overwrite)
        return await desk.make(context, "editing:cut_silence", options, saving, files=[source])

    return cut_silence
