"""What the tools share: their parameters, and the way to the studio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.media import Saving, SourceType, Studio
from massgen_core.result import ToolResult
from massgen_core.tools import ProviderContext, Role, ToolContext
from massgen_core.workers import Limits, Workers
from massgen_image.config import ImageConfig
from massgen_image.writing.named import software

Source = Annotated[
    str, Role("read"), Field(min_length=1, description="A picture: png, jpeg, webp, avif, gif, tiff, bmp or ico.")
]
Sources = Annotated[
    list[Annotated[str, Role("read"), Field(min_length=1)]],
    Field(min_length=1, max_length=200, description="Pictures, in their order."),
]
Output = Annotated[
    str | None,
    Role("write"),
    Field(
        description="Where the result goes; its ending says the format. A free name in the folder `images` if unset."
    ),
]
Overwrite = Annotated[
    bool, Field(description="Take the place of a file that is there; else the new one gets a number.")
]
Raster = Literal["png", "jpeg", "webp", "avif", "gif", "tiff", "bmp", "ico"]
FormatOf = Annotated[Raster | None, Field(description="Where the path does not say it; else that of the source.")]
Drawing = Annotated[
    Literal["png", "svg", "jpeg", "webp", "avif"] | None, Field(description="Where the path does not say it; else png.")
]
Quality = Annotated[int | None, Field(ge=1, le=100, description="Of jpeg, webp and avif; 100 is lossless in webp.")]
Colour = Annotated[str, Field(max_length=40, description="#rrggbb, #rrggbbaa, a CSS name, or transparent.")]
Frames = Annotated[
    Literal["all", "first"], Field(description="Of an animation: all its frames, or its first as a still picture.")
]
Keep = Annotated[bool, Field(description="Keep the place where a photograph was taken (GPS); else it is removed.")]
GravityOf = Annotated[
    Literal["center", "top", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"],
    Field(description="Which part stays when something is cut, and where it stands when room is added."),
]
Side = Annotated[int | None, Field(ge=1, le=32_768)]
Engine = Annotated[
    str | None, Field(description="An engine of `media_engines`; the config's, or the first able, if unset.")
]

_WORKS = "massgen_image.works"
_MEMORY_OF_DRAWINGS = 2 << 30


class Desk:
    """The config, and the studio that makes and keeps files."""

    def __init__(self, config: ImageConfig, context: ProviderContext, workers: Workers) -> None:
        self.config: ImageConfig = config
        self.studio: Studio = Studio(context, workers, software=software(), engines=config.engines)

    def saving(self, path: str | None, stem: str, *, overwrite: bool = False) -> Saving:
        """Where a result goes."""
        return Saving(path=path, folder=self.config.folder, stem=stem, overwrite=overwrite)

    async def make(
        self,
        context: ToolContext,
        function: str,
        options: Mapping[str, Any],
        saving: Saving,
        *,
        files: Sequence[str] = (),
        source_type: SourceType | None = None,
    ) -> ToolResult:
        """Have a work function make something: ``editing:resize``."""
        given = {name: value for name, value in options.items() if value is not None}
        given["format"] = chosen_format(saving.path, options.get("format"))
        made = await self.studio.make(
            context,
            f"image.{function.partition(':')[2]}",
            f"{_WORKS}.{function}",
            {"bounds": self.config.bounds(), **given},
            files=files,
            saving=saving,
            source_type=source_type,
            limits=self._limits(function),
        )
        return made.result

    def _limits(self, function: str) -> Limits:
        """Drawings are somebody's programs, in a way: they get less."""
        memory = min(self.config.memory, _MEMORY_OF_DRAWINGS) if function.startswith("drawing") else self.config.memory
        return Limits(memory=memory, processor=self.config.seconds)


def chosen_format(path: str | None, wanted: str | None) -> str | None:
    """The format that the path's ending and the argument ask for.

    Raises:
        ToolFailed: They ask for different ones.
    """
    ending = PurePosixPath(path or "").suffix.lstrip(".").lower()
    ending = {"jpg": "jpeg", "tif": "tiff", "apng": "png"}.get(ending, ending)
    if wanted and ending and wanted != ending:
        raise ToolFailed("", f"the path {path!r} ends like {ending} and format says {wanted}: make them agree")
    return wanted or ending or None


def stem_of(source: str, what: str) -> str:
    """A name for what is made of a file."""
    return f"{PurePosixPath(source).stem} {what}"
