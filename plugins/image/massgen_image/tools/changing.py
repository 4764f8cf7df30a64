"""Tools that make one picture of one: resize, crop, convert, and what is known of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from massgen_core.config import STRICT
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_image.tools.common import (
    Colour,
    Desk,
    FormatOf,
    Frames,
    GravityOf,
    Keep,
    Output,
    Overwrite,
    Quality,
    Side,
    Source,
    Sources,
    stem_of,
)


class Box(BaseModel):
    """A part of a picture, in pixels."""

    model_config = STRICT

    x: int = Field(ge=0, description="From the left.")
    y: int = Field(ge=0, description="From the top.")
    width: int = Field(ge=1)
    height: int = Field(ge=1)


def changing_tools(desk: Desk) -> Iterator[Tool]:
    """Resize, crop, convert, info."""
    yield _resize(desk)
    yield _crop(desk)
    yield _convert(desk)
    yield _info(desk)


def _resize(desk: Desk) -> Tool:
    @tool
    async def resize(
        source: Source,
        context: ToolContext,
        path: Output = None,
        width: Annotated[Side, Field(description="Pixels; follows from the height if unset.")] = None,
        height: Annotated[Side, Field(description="Pixels; follows from the width if unset.")] = None,
        fit: Annotated[
            Literal["inside", "fill", "pad", "exact"],
            Field(
                description="inside: as large as fits; fill: covers, the rest is cut; pad: room is added; exact: bent."
            ),
        ] = "inside",
        gravity: GravityOf = "center",
        enlarge: Annotated[bool, Field(description="Make small pictures larger too.")] = True,
        background: Annotated[Colour | None, Field(description="Of the room that `pad` adds; clear if unset.")] = None,
        format: FormatOf = None,
        quality: Quality = None,
        frames: Frames = "all",
        keep_location: Keep = False,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Make a picture larger or smaller, a thumbnail for one; animations keep their frames."""
        options = {"width": width, "height": height, "fit": fit, "gravity": gravity, "enlarge": enlarge}
        options |= {"background": background, "format": format, "quality": quality, "frames": frames}
        saving = desk.saving(path, stem_of(source, "resized"), overwrite=overwrite)
        return await desk.make(
            context, "editing:resize", options | {"keep_location": keep_location}, saving, files=[source]
        )

    return resize


def _crop(desk: Desk) -> Tool:
    @tool
    async def crop(
        source: Source,
        context: ToolContext,
        path: Output = None,
        box: Annotated[Box | None, Field(description="The part that stays, in pixels.")] = None,
        aspect: Annotated[str | None, Field(max_length=20, description="The largest part of a shape: `16:9`.")] = None,
        gravity: GravityOf = "center",
        trim: Annotated[bool, Field(description="Cut off a border of one colour, or of clear pixels.")] = False,
        tolerance: Annotated[int, Field(ge=0, le=255, description="How unlike its colour a border may be.")] = 12,
        margin: Annotated[int, Field(ge=0, le=10_000, description="Pixels of the border that stay.")] = 0,
        format: FormatOf = None,
        quality: Quality = None,
        frames: Frames = "all",
        keep_location: Keep = False,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Take a part of a picture: a box, the largest part of a shape, or all but its border."""
        options = {"box": box.model_dump() if box else None, "aspect": aspect, "trim": trim or None}
        options |= {"gravity": gravity, "tolerance": tolerance, "margin": margin}
        options |= {"format": format, "quality": quality, "frames": frames, "keep_location": keep_location}
        saving = desk.saving(path, stem_of(source, "part"), overwrite=overwrite)
        return await desk.make(context, "editing:crop", options, saving, files=[source])

    return crop


def _convert(desk: Desk) -> Tool:
    @tool
    async def convert(
        source: Source,
        context: ToolContext,
        path: Output = None,
        format: FormatOf = None,
        quality: Quality = None,
        background: Annotated[Colour, Field(description="Under clear pixels, where the format has none.")] = "white",
        frames: Frames = "all",
        description: Annotated[str | None, Field(max_length=2_000, description="Text to write into the file.")] = None,
        keep_location: Keep = False,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Write a picture in another format: png, jpeg, webp, avif, gif, tiff, bmp or ico.

        It is turned upright, its colours become sRGB, and what the format cannot hold is said.
        """
        options = {"format": format, "quality": quality, "background": background, "frames": frames}
        options |= {"description": description, "keep_location": keep_location}
        saving = desk.saving(path, stem_of(source, "converted"), overwrite=overwrite)
        return await desk.make(context, "editing:convert", options, saving, files=[source])

    return convert


def _info(desk: Desk) -> Tool:
    @tool(access=["read"])
    async def info(sources: Sources, context: ToolContext) -> ToolResult:
        """Say the format, size, mode, frames and metadata of pictures; nothing of them is decoded."""
        result = await desk.make(context, "reading:info", {}, desk.saving(None, "info"), files=sources)
        pictures = [{"path": path} | each for path, each in zip(sources, result.structured["pictures"], strict=True)]
        lines = [
            f"{each['path']}: {each['format']}, {each['width']}x{each['height']}, {each['mode']}" for each in pictures
        ]
        return ToolResult(content=(Text(text="\n".join(lines)),), structured={"pictures": pictures})

    return info
