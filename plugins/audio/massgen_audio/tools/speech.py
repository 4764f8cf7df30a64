"""Text to speech, and speech to text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_audio.engines.abilities import SPEAK, TRANSCRIBE
from massgen_audio.speech.voices import VOICES
from massgen_audio.tools.common import (
    Background,
    BitRate,
    Desk,
    FormatName,
    Output,
    Overwrite,
    Salvage,
    SampleRate,
    Seed,
    Source,
    Track,
    format_of,
)
from massgen_core.media import MediaRequest
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool

Engine = Annotated[
    str | None, Field(description="An engine of `media_engines`; the config's, or the first able, if unset.")
]


def speech_tools(desk: Desk) -> Iterator[Tool]:
    """Speak, transcribe, and list the voices."""
    yield _speak(desk)
    yield _transcribe(desk)
    yield _voices(desk)


def _speak(desk: Desk) -> Tool:
    @tool
    async def speak(
        text: Annotated[str, Field(min_length=1, max_length=200_000, description="What is said; all of it, or none.")],
        context: ToolContext,
        path: Output = None,
        voice: Annotated[str | None, Field(description="One of `audio_voices`: `heart`, `espeak:de`.")] = None,
        language: Annotated[
            str | None, Field(description="Of a text in Latin letters that is not English: `de`, `pt-br`.")
        ] = None,
        speed: Annotated[float, Field(ge=0.5, le=2.0, description="1 is the voice's own pace.")] = 1.0,
        seed: Seed = 0,
        format: Annotated[FormatName | None, Field(description="Where the path does not say it; mp3 if unset.")] = None,
        sample_rate: SampleRate = None,
        bit_rate: BitRate = None,
        stream: Annotated[bool, Field(description="Hand over each sentence as soon as it is said.")] = False,
        engine: Engine = None,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Say a text into a sound file, with numbers, dates and addresses read aloud.

        English has a neural voice; each other script gets a voice that reads it. Text that no voice can say is refused.
        """
        asked = {"voice": voice, "language": language, "sample_rate": sample_rate, "bit_rate": bit_rate}
        options: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        options |= {"speed": speed} if speed != 1.0 else {}
        options |= {"stream": True} if stream else {}
        request = MediaRequest(operation=SPEAK, prompt=text, options=options, format=format_of(path, format), seed=seed)
        saving = desk.saving(path, text, overwrite=overwrite)

        async def work(context: ToolContext) -> ToolResult:
            return (await desk.studio.generate(context, request, engine=engine, saving=saving)).result

        return await desk.done(context, work, background=background)

    return speak


def _transcribe(desk: Desk) -> Tool:
    @tool
    async def transcribe(
        source: Source,
        context: ToolContext,
        path: Annotated[
            str | None,
            Role("write"),
            Field(description="File for the transcript: `.txt`, `.srt`, `.vtt` or `.json`. None is written if unset."),
        ] = None,
        language: Annotated[str | None, Field(description="What is spoken: `en`. Found out if unset.")] = None,
        hint: Annotated[str, Field(max_length=800, description="Names and rare words that are likely in it.")] = "",
        timestamps: Annotated[
            Literal["segment", "word"], Field(description="Times of segments, or of each word as well.")
        ] = "segment",
        vad: Annotated[bool, Field(description="Look for voices first; switch it off for singing.")] = True,
        track: Track = 0,
        salvage: Salvage = False,
        engine: Engine = None,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Write down what is said in a recording or a film: text, segments with times, and subtitles.

        The model that comes with it knows English only; `media_engines` lists what else there is.
        """
        options: dict[str, Any] = {"language": language} if language else {}
        options |= {"timestamps": timestamps} if timestamps == "word" else {}
        options |= {"track": track} if track else {}
        options |= {"vad": False} if not vad else {}
        options |= {"salvage": True} if salvage else {}
        request = MediaRequest(operation=TRANSCRIBE, prompt=hint, options=options)
        saving = desk.saving(path, "transcript", overwrite=overwrite)

        async def work(context: ToolContext) -> ToolResult:
            made = await desk.studio.generate(
                context, request, inputs={"audio": [source]}, engine=engine, saving=saving
            )
            return made.result

        return await desk.done(context, work, background=background)

    return transcribe


def _voices(desk: Desk) -> Tool:
    @tool(access=[])
    async def voices(
        language: Annotated[str | None, Field(description="Only those that speak it: `de`, `en`.")] = None,
    ) -> ToolResult:
        """List the voices: their names, languages, and what they sound like."""
        there = [voice for voice in VOICES.values() if voice.engine in desk.studio.engines]
        if language:
            wanted = language.lower()
            there = [voice for voice in there if voice.language == wanted or voice.language.startswith(f"{wanted}-")]
        lines = [f"{voice.name}: {voice.description}" for voice in there]
        text = "\n".join(lines) or f"no voice here speaks {language}"
        return ToolResult(content=(Text(text=text),), structured={"voices": [voice.to_json() for voice in there]})

    return voices
