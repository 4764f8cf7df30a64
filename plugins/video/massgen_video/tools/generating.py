"""The tool that makes films."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from massgen_core.errors import ToolFailed
from massgen_core.media import MediaRequest, Saving
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_video.engines.abilities import GENERATE, MOST_SCENES
from massgen_video.tools.desk import Desk, Overwrite, ending

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


Files = Annotated[list[str] | None, Role("read"), Field(max_length=MOST_SCENES)]
File = Annotated[str | None, Role("read")]


def generate(desk: Desk) -> Tool:
    """``video_generate``."""

    @tool
    async def generate(
        context: ToolContext,
        prompt: Annotated[
            str,
            Field(max_length=20_000, description="What the film tells; each sentence is a scene, and is said in it."),
        ] = "",
        scenes: Annotated[
            list[SceneGiven] | None, Field(max_length=MOST_SCENES, description="Scenes instead of sentences.")
        ] = None,
        images: Annotated[
            Files, Field(description="Pictures for scenes, in their order unless scenes name them.")
        ] = None,
        audio: Annotated[Files, Field(description="Recordings that scenes name.")] = None,
        first_frame: Annotated[File, Field(description="The picture that the film begins with.")] = None,
        music: Annotated[File, Field(description="A bed of music; it gives way where somebody speaks.")] = None,
        music_volume: Annotated[float | None, Field(ge=0, le=2)] = None,
        duration: Annotated[
            float | None,
            Field(ge=1, le=600, description="Seconds; as long as what is said when unset. Words are not cut."),
        ] = None,
        resolution: Literal["360p", "480p", "540p", "720p", "1080p"] | None = None,
        aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"] | None = None,
        fps: Annotated[float | None, Field(ge=1, le=60)] = None,
        narration: Annotated[bool | None, Field(description="Say the sentences; on when unset.")] = None,
        voice: Annotated[str | None, Field(max_length=100)] = None,
        language: Annotated[str | None, Field(max_length=35, description="What is said, as BCP 47.")] = None,
        subtitles: Annotated[
            Literal["none", "soft", "burned", "sidecar"] | None,
            Field(description="soft (when unset): a track and an .srt file; burned: drawn; sidecar: the file alone."),
        ] = None,
        motion: Annotated[_Motion | None, Field(description="How pictures move.")] = None,
        transition: Literal["cut", "crossfade", "slide", "fade"] | None = None,
        quality: Literal["draft", "standard", "high"] | None = None,
        seed: Annotated[int | None, Field(ge=0, le=2**31 - 1, description="The same seed gives the same film.")] = None,
        format: Annotated[
            Literal["mp4", "mov", "mkv", "webm", "gif", "webp"] | None,
            Field(description="By `path` when unset, else mp4."),
        ] = None,
        engine: Annotated[str | None, Field(description="An engine by its name; see `media_engines`.")] = None,
        path: Annotated[str | None, Role("write"), Field(description="The file to write.")] = None,
        overwrite: Overwrite = False,
        background: Annotated[bool, Field(description="Return at once; ask `media_job` for the result.")] = False,
    ) -> ToolResult:
        """Make a film from words: narrated scenes with pictures that move, subtitles, and music.

        The embedded engine is no video model: it draws or takes still pictures, moves them, and has the words said.
        """
        if not prompt.strip() and not scenes:
            raise ToolFailed("", "give a prompt of some sentences, or `scenes`")
        options: dict[str, Any] = {
            "scenes": [scene.model_dump(exclude_none=True) for scene in scenes] if scenes else None,
            "duration": duration, "resolution": resolution, "aspect_ratio": aspect_ratio, "fps": fps,
            "narration": narration, "voice": voice, "language": language, "subtitles": subtitles, "motion": motion,
            "transition": transition, "music_volume": music_volume, "quality": quality,
        }  # fmt: skip
        given: dict[str, list[str] | None] = {
            "image": images, "audio": audio, "first_frame": [first_frame] if first_frame else None,
            "music": [music] if music else None,
        }  # fmt: skip
        request = MediaRequest(
            operation=GENERATE, prompt=prompt, format=format or ending(path, _FORMATS), seed=seed,
            options={name: value for name, value in options.items() if value is not None},
        )  # fmt: skip
        words = prompt or (scenes[0].title or scenes[0].prompt or scenes[0].narration if scenes else "")
        saving = Saving(path=path, folder="videos", stem=words, overwrite=overwrite)
        inputs = {role: paths for role, paths in given.items() if paths}

        async def work(context: ToolContext) -> ToolResult:
            made = await desk.studio.generate(context, request, inputs=inputs, engine=engine, saving=saving)
            return made.result

        return await (desk.studio.later(context, work) if background else work(context))

    return generate
