"""What the tools share: their parameters, and the way to the studio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_audio.config import AudioConfig
from massgen_audio.engines.abilities import SPEAK
from massgen_audio.failing import failed
from massgen_audio.provenance import SOFTWARE
from massgen_audio.sound.formats import FORMATS
from massgen_core.media import Saving, SourceType, Studio
from massgen_core.result import ToolResult
from massgen_core.tools import ProviderContext, Role, ToolContext
from massgen_core.workers import Workers

Source = Annotated[
    str, Role("read"), Field(min_length=1, description="A sound file, or a film for its sound; known by its content.")
]
Sources = Annotated[
    list[Annotated[str, Role("read"), Field(min_length=1)]],
    Field(min_length=1, max_length=50, description="Sound files, in their order."),
]
Output = Annotated[
    str | None,
    Role("write"),
    Field(description="Where the result goes; its ending says the format. A free name in the folder `audio` if unset."),
]
Overwrite = Annotated[
    bool, Field(description="Take the place of a file that is there; else the new one gets a number.")
]
Background = Annotated[
    bool, Field(description="Answer at once and go on in the background: `media_job` tells what became of it.")
]
FormatName = Literal["wav", "flac", "mp3", "opus", "aac", "m4a", "pcm"]
FormatOf = Annotated[
    FormatName | None, Field(description="Format, where the path does not say it; else that of the source.")
]
SampleRate = Annotated[int | None, Field(ge=8000, le=192_000, description="Samples a second.")]
Channels = Annotated[int | None, Field(ge=1, le=8, description="1 is mono, 2 stereo.")]
BitRate = Annotated[int | None, Field(ge=6000, le=512_000, description="Bits a second, of mp3, opus, aac and m4a.")]
Salvage = Annotated[bool, Field(description="Take what can be read of a damaged file, and say what is missing.")]
Track = Annotated[int, Field(ge=0, le=100, description="Which sound, where a film has several; 0 is the first.")]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1, description="The same seed gives the same file.")]
Seconds = Annotated[float, Field(ge=0, le=100_000)]

_WORKS = "massgen_audio.works"


class Desk:
    """The config, and the studio that makes and keeps files."""

    def __init__(self, config: AudioConfig, context: ProviderContext, workers: Workers) -> None:
        self.config = config
        engines = {SPEAK: "hibari", **config.engines}
        self.studio = Studio(context, workers, software=SOFTWARE, engines=engines)

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
        background: bool = False,
    ) -> ToolResult:
        """Have a work function make something: ``editing:trim``."""
        if "format" in options:
            options = {**options, "format": format_of(saving.path, options["format"])}
        options = {**self.config.bounds(), **{name: value for name, value in options.items() if value is not None}}
        name = f"audio.{function.partition(':')[2]}"

        async def work(context: ToolContext) -> ToolResult:
            made = await self.studio.make(
                context, name, f"{_WORKS}.{function}", options, files=files, saving=saving, source_type=source_type
            )
            return made.result

        return await self.done(context, work, background=background)

    async def done(
        self, context: ToolContext, work: Callable[[ToolContext], Awaitable[ToolResult]], *, background: bool
    ) -> ToolResult:
        """The result of a piece of work, or the word that it has begun."""
        return await (self.studio.later(context, work) if background else work(context))


def format_of(path: str | None, asked: str | None, only: Sequence[str] = tuple(FORMATS)) -> str | None:
    """The format of a result, by its path or as asked for; None leaves it open.

    Raises:
        ToolFailed: The path ends as no format does, or as another one than is asked for.
    """
    ending = PurePosixPath(path or "").suffix.lstrip(".").lower()
    named = {"oga": "opus", "ogg": "opus", "wave": "wav"}.get(ending, ending)
    if not ending:
        return asked
    if named not in only:
        raise failed(
            f"{path}: nothing is written as .{ending}; the path may end with {', '.join(only)}, or have no ending"
        )
    if asked is not None and asked != named:
        raise failed(f"{path} is to be {named} by its ending, and {asked} by `format`: leave one of them out")
    return named
