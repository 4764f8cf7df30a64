"""Sounds out of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from massgen_audio.tools.common import Channels, Desk, FormatOf, Output, Overwrite, SampleRate, Seed
from massgen_core.result import ToolResult
from massgen_core.tools import Tool, ToolContext, tool

Wave = Literal["sine", "square", "saw", "triangle", "white", "pink", "sweep", "chord", "silence", "music"]
Mood = Literal["calm", "bright", "sad", "tense", "dreamy", "driving"]


def making_tools(desk: Desk) -> Iterator[Tool]:
    """Tones and music."""
    yield _tone(desk)


def _tone(desk: Desk) -> Tool:
    @tool
    async def tone(
        context: ToolContext,
        path: Output = None,
        wave: Annotated[Wave, Field(description="`white` and `pink` are noise; `music` is a simple bed.")] = "sine",
        seconds: Annotated[float, Field(gt=0, le=4 * 3600, description="How long it is.")] = 1.0,
        frequency: Annotated[float, Field(gt=0, le=90_000, description="Hz; of a sweep, where it begins.")] = 440.0,
        to: Annotated[float, Field(gt=0, le=90_000, description="Hz; of a sweep, where it ends.")] = 880.0,
        notes: Annotated[str, Field(max_length=100, description="Of a chord: `Am7`, or `C4 E4 G4`.")] = "C",
        level: Annotated[float, Field(ge=-100, le=0, description="Peak in dBFS; of noise, its mean.")] = -12.0,
        on: Annotated[float | None, Field(gt=0, le=3600, description="Seconds of each beep; none if unset.")] = None,
        off: Annotated[float, Field(ge=0, le=3600, description="Seconds between beeps.")] = 0.0,
        mood: Annotated[Mood, Field(description="Of music.")] = "calm",
        seed: Seed = 0,
        format: FormatOf = None,
        sample_rate: SampleRate = None,
        channels: Channels = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Make a tone, beeps, a sweep, a chord, noise, silence, or a simple bed of music from a seed.

        It is calculated by formulas: no recording, and no model that composes.
        """
        saving = desk.saving(path, f"music-{mood}" if wave == "music" else wave, overwrite=overwrite)
        common = {"format": format, "sample_rate": sample_rate, "channels": channels, "seconds": seconds, "seed": seed}
        if wave == "music":
            function, options = "making:music_bed", common | {"mood": mood}
        else:
            shape = {"wave": wave, "frequency": frequency, "to": to, "notes": notes, "level": level}
            function, options = "making:tone", common | shape | {"on": on, "off": off}
        return await desk.make(context, function, options, saving, source_type="algorithmicMedia")

    return tone
