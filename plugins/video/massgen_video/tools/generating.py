"""The tool that makes films."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from massgen_core.errors import ToolFailed
from massgen_core.media import MediaRequest, Saving
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_video.engines.abilities import GENERATE, MOST_SCENES
from massgen_video.tools.desk import Background, Desk, Engine, Overwrite, Quality, ending

_FORMATS = ("mp4", "mov", "mkv", "webm", "gif", "webp")
_Motion = Literal["auto", "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "still"]


class SceneGiven(BaseModel):
    """One scene of a film: what is seen, what is said."""

    prompt: str = Field(default="", max_length=4000, description="What is seen.")
    narration: str = Field(default="", max_length=4000, description="What is said.")
    title: str = Field(default="", max_length=200, description="Words over the picture.")
    seconds: float | None = Field(default=None, ge=0.5, le=300, description="As long as it is said when unset.")
    motion: _Motion | None = None
    image: int | None = Field(default=None, ge=0, description="Which of `images`, from 0.")
    audio: int | None = Field(default=None, ge=0, description="Which of `audio` is heard instead of a voice, from 0.")


_Prompt = Annotated[
    str, Field(max_length=20_000, description="What the film tells; each sentence is a scene, and is said in it.")
]
_Scenes = Annotated[list[SceneGiven] | None, Field(max_length=MOST_SCENES, description="Scenes instead of sentences.")]
_Images = Annotated[
    list[str] | None,
    Role("read"),
    Field(max_length=MOST_SCENES, description="Pictures for scenes, in their order unless scenes name them."),
]
_Audio = Annotated[
    list[str] | None, Role("read"), Field(max_length=MOST_SCENES, description="Recordings that scenes name.")
]
_First = Annotated[str | None, Role("read"), Field(description="The picture that the film begins with.")]
_Music = Annotated[str | None, Role("read"), Field(description="A bed of music; it gives way where somebody speaks.")]
_Volume = Annotated[float | None, Field(ge=0, le=2, description="How loud the music is; 0.5 when unset.")]
_Duration = Annotated[
    float | None, Field(ge=1, le=600, description="Seconds; as long as what is said when unset. Words are not cut.")
]
_Resolution = Literal["360p", "480p", "540p", "720p", "1080p"]
_Shape = Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"]
_Fps = Annotated[float | None, Field(ge=1, le=60, description="Frames a second; 24 when unset.")]
_Narration = Annotated[bool | None, Field(description="Say the sentences; on when unset.")]
_Voice = Annotated[str | None, Field(max_length=100, description="A voice of the engine that speaks.")]
_Language = Annotated[str | None, Field(max_length=35, description="What is said, as BCP 47.")]
_Subtitles = Annotated[
    Literal["none", "soft", "burned", "sidecar"] | None,
    Field(description="soft (when unset): a track and an .srt file; burned: drawn; sidecar: the file alone."),
]
_Moving = Annotated[_Motion | None, Field(description="How pictures move; each in its own way when unset.")]
_Transition = Literal["cut", "crossfade", "slide", "fade"]
_Seed = Annotated[int | None, Field(ge=0, le=2**31 - 1, description="The same seed gives the same film.")]
_Format = Annotated[
    Literal["mp4", "mov", "mkv", "webm", "gif", "webp"] | None, Field(description="By `path` when unset, else mp4.")
]


def generate(desk: Desk) -> Tool:
    """``video_generate``."""

    @tool
    async def generate(
        context: ToolContext,
        prompt: _Prompt = "",
        scenes: _Scenes = None,
        images: _Images = None,
        audio: _Audio = None,
        first_frame: _First = None,
        music: _Music = None,
        music_volume: _Volume = None,
        duration: _Duration = None,
        resolution: _Resolution | None = None,
        aspect_ratio: _Shape | None = None,
        fps: _Fps = None,
        narration: _Narration = None,
        voice: _Voice = None,
        language: _Language = None,
        subtitles: _Subtitles = None,
        motion: _Moving = None,
        transition: _Transition | None = None,
        quality: Quality = None,
        seed: _Seed = None,
        format: _Format = None,
        engine: Engine = None,
        path: Annotated[str | None, Role("write"), Field(description="The file to write.")] = None,
        overwrite: Overwrite = False,
        background: Background = False,
    ) -> ToolResult:
        """Make a film from words: narrated scenes with pictures that move, subtitles, and music.

        The embedded engine is no video model: it draws or takes still pictures, moves them, and has the words said.
        """
        options = {
            "duration": duration, "resolution": resolution, "aspect_ratio": aspect_ratio, "fps": fps,
            "narration": narration, "voice": voice, "language": language, "subtitles": subtitles, "motion": motion,
            "transition": transition, "music_volume": music_volume, "quality": quality,
        }  # fmt: skip
        inputs = {"image": images, "audio": audio, "first_frame": _one(first_frame), "music": _one(music)}
        inputs = {role: paths for role, paths in inputs.items() if paths}
        request = _request(prompt, scenes, options)
        request = replace(request, format=format or ending(path, _FORMATS), seed=seed)
        saving = Saving(path=path, folder="videos", stem=_stem(prompt, scenes), overwrite=overwrite)

        async def work(context: ToolContext) -> ToolResult:
            made = await desk.studio.generate(context, request, inputs=inputs, engine=engine, saving=saving)
            return made.result

        return await (desk.studio.later(context, work) if background else work(context))

    return generate


def _request(prompt: str, scenes: list[SceneGiven] | None, options: Mapping[str, Any]) -> MediaRequest:
    if not prompt.strip() and not scenes:
        raise ToolFailed("", "give a prompt of some sentences, or `scenes`")
    given = {name: value for name, value in options.items() if value is not None}
    if scenes:
        given["scenes"] = [scene.model_dump(exclude_defaults=True) for scene in scenes]
    return MediaRequest(operation=GENERATE, prompt=prompt, options=given)


def _one(path: str | None) -> list[str]:
    return [path] if path else []


def _stem(prompt: str, scenes: list[SceneGiven] | None) -> str:
    first = scenes[0] if scenes else SceneGiven()
    return prompt or first.title or first.prompt or first.narration
