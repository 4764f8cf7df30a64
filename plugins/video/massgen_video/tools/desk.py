"""What all tools share: the settings, the studio, and the names that they give to files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from massgen_core.media import Made, Saving, Studio
from massgen_core.tools import Role, ToolContext
from massgen_video.config import VideoConfig

Video: TypeAlias = Annotated[str, Role("read"), Field(min_length=1, description="A film of the workspace.")]
Path: TypeAlias = Annotated[
    str | None, Role("write"), Field(description="The file to write; named after the film when unset.")
]
Overwrite: TypeAlias = Annotated[
    bool, Field(description="Take the place of a file that is there; else the new one gets a number.")
]
FilmFormat: TypeAlias = Annotated[
    Literal["mp4", "mov", "mkv", "webm"] | None,
    Field(description="By `path` when unset, else mp4. mp4, mov and mkv have H.264 and AAC, webm has VP9 and Opus."),
]
Start: TypeAlias = Annotated[float | None, Field(ge=0, description="Seconds from the beginning.")]
End: TypeAlias = Annotated[float | None, Field(ge=0, description="Seconds from the beginning; the end when unset.")]
Size: TypeAlias = Annotated[
    str | None,
    Field(max_length=12, description="`1280x720`, `720p`, or `640x` for a height that fits; as it is when unset."),
]
Rate: TypeAlias = Annotated[float | None, Field(ge=0.1, le=120, description="Frames a second; as it is when unset.")]
Fitting: TypeAlias = Annotated[
    Literal["contain", "cover", "stretch"],
    Field(description="How a picture of another shape is fitted: with black bars, cropped, or distorted."),
]
Quality: TypeAlias = Annotated[
    Literal["draft", "standard", "high"] | None, Field(description="Faster and smaller, or better.")
]
Crf: TypeAlias = Annotated[
    int | None,
    Field(ge=0, le=63, description="The encoder's constant rate factor: less is better; quality's when unset."),
]
Engine: TypeAlias = Annotated[str | None, Field(description="An engine by its name; see `media_engines`.")]
Background: TypeAlias = Annotated[bool, Field(description="Return at once; ask `media_job` for the result.")]

FILMS = ("mp4", "mov", "mkv", "webm")


class Desk:
    """The way from a tool to its work."""

    def __init__(self, config: VideoConfig, studio: Studio) -> None:
        self.config = config
        self.studio = studio

    async def make(
        self,
        context: ToolContext,
        work: str,
        options: Mapping[str, Any],
        files: list[str],
        saving: Saving | None = None,
    ) -> Made:
        """Have ``module:function`` of this plugin's work functions do something with files."""
        given = {name: value for name, value in options.items() if value is not None}
        operation = f"video.{work.partition(':')[2]}"
        return await self.studio.make(
            context, operation, f"massgen_video.works.{work}", given, files=files, saving=saving
        )

    def look(self, path: str | None, format: str | None, quality: str | None, crf: int | None = None) -> dict[str, Any]:
        """How a film is written: its format, by the ending of its path where it is not said, and its quality."""
        return {"format": format or ending(path, FILMS), "quality": quality or self.config.quality, "crf": crf}


def beside(video: str, what: str, path: str | None, *, overwrite: bool) -> Saving:
    """Where a result goes: to a path, or beside the film under its name and a word for what was done."""
    place = PurePosixPath(video)
    folder = "" if str(place.parent) == "." else str(place.parent)
    return Saving(path=path, folder=folder, stem=f"{place.stem} {what}", overwrite=overwrite)


def ending(path: str | None, known: tuple[str, ...]) -> str | None:
    """The format that a path asks for; None where it says none."""
    suffix = PurePosixPath(path or "").suffix.lstrip(".").lower()
    suffix = {"jpeg": "jpg", "m4v": "mp4"}.get(suffix, suffix)
    return suffix if suffix in known else (suffix or None)
