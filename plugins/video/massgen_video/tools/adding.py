"""Tools that give films other sound and subtitles."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_video.tools.desk import Desk, End, Overwrite, Path, Quality, Start, Video, beside, ending

_SOUNDS = ("m4a", "mp3", "wav", "flac", "opus")


class Subtitle(BaseModel):
    """A text, and from when to when it is seen, in seconds."""

    start: float = Field(ge=0)
    end: float = Field(gt=0)
    text: str = Field(min_length=1, max_length=2000)


def subtitles(desk: Desk) -> Tool:
    """``video_subtitles``."""

    @tool
    async def subtitles(
        video: Video,
        context: ToolContext,
        mode: Annotated[
            Literal["soft", "burned", "sidecar", "extract"],
            Field(
                description="soft: a track that players switch on and off, the film stays as it is; burned: drawn into"
                " the pictures, for players without subtitles; sidecar: a file beside the film; extract: take out the"
                " track that it has."
            ),
        ] = "soft",
        subtitles: Annotated[
            str | None, Role("read"), Field(description="A file with subtitles (.srt, .vtt), or give `cues`.")
        ] = None,
        cues: Annotated[list[Subtitle] | None, Field(max_length=5000)] = None,
        language: Annotated[
            str | None, Field(pattern=r"^[a-z]{3}$", description="ISO 639-2: eng, deu; of the track.")
        ] = None,
        format: Annotated[
            Literal["mp4", "mov", "mkv", "webm", "srt", "vtt"] | None,
            Field(description="Of the film, or of the file with subtitles; by `path` when unset."),
        ] = None,
        quality: Quality = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Put subtitles into a film, onto its pictures or beside it, or take out those that it has."""
        taking, apart = mode == "extract", mode in ("extract", "sidecar")
        if not taking and (subtitles is None) == (cues is None):
            raise ToolFailed("", "give the subtitles either as a file (`subtitles`), or as `cues`")
        known = ("srt", "vtt") if apart else ("mp4", "mov", "mkv", "webm")
        options: dict[str, Any] = {
            "mode": mode,
            "language": language,
            "format": format or ending(path, known),
            "quality": quality or desk.config.quality,
            "cues": [cue.model_dump() for cue in cues] if cues else None,
        }
        files = [video] if taking or subtitles is None else [video, subtitles]
        saving = beside(video, "" if apart else "subtitled", path, overwrite=overwrite)
        return (await desk.make(context, f"subtitling:{'extract' if taking else 'add'}", options, files, saving)).result

    return subtitles


def replace_audio(desk: Desk) -> Tool:
    """``video_replace_audio``."""

    @tool
    async def replace_audio(
        video: Video,
        context: ToolContext,
        mode: Annotated[
            Literal["replace", "mix", "remove", "extract"],
            Field(description="Other sound instead, as well, none at all; or the film's own as a file."),
        ] = "replace",
        audio: Annotated[
            str | None, Role("read"), Field(description="A sound, or a film whose sound is taken.")
        ] = None,
        volume: Annotated[float, Field(ge=0, le=4, description="How loud the new sound is: 0.5 is half.")] = 1.0,
        original_volume: Annotated[float, Field(ge=0, le=4, description="How loud the film's own is, in a mix.")] = 1.0,
        duck: Annotated[bool, Field(description="In a mix: lower the new sound where the film's own is loud.")] = False,
        loop: Annotated[bool, Field(description="Play the new sound until the film ends.")] = False,
        start: Start = None,
        end: End = None,
        format: Annotated[
            Literal["mp4", "mov", "mkv", "webm", "m4a", "mp3", "wav", "flac", "opus"] | None,
            Field(description="Of the film, or of the sound that is taken out; by `path` when unset."),
        ] = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Give a film other sound, mix it with its own, remove it, or take it out; its pictures stay as they are.

        `start` is where the new sound begins; for `extract`, `start` and `end` are the part that is taken out.
        """
        if mode in ("replace", "mix") and audio is None:
            raise ToolFailed("", "name the new sound with `audio`; to have none at all use mode `remove`")
        if mode == "extract":
            options = {"start": start, "end": end, "format": format or ending(path, _SOUNDS)}
            saving = beside(video, "sound", path, overwrite=overwrite)
            return (await desk.make(context, "sound:extract", options, [video], saving)).result
        options = {"mode": mode, "volume": volume, "original_volume": original_volume, "duck": duck, "loop": loop}
        options |= {"start": start, "format": format or ending(path, ("mp4", "mov", "mkv", "webm"))}
        saving = beside(video, "silent" if mode == "remove" else "sound", path, overwrite=overwrite)
        files = [video] if audio is None or mode == "remove" else [video, audio]
        return (await desk.make(context, "sound:replace", options, files, saving)).result

    return replace_audio
