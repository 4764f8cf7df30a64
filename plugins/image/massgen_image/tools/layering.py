"""Tools that bring several things together: compose, annotate, contact sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from massgen_core.config import STRICT
from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_image.tools.common import (
    Colour,
    Desk,
    FormatOf,
    Frames,
    Keep,
    Output,
    Overwrite,
    Quality,
    Source,
    Sources,
    stem_of,
)

Pixels = Annotated[int, Field(ge=-32_768, le=32_768)]
Length = Annotated[int, Field(ge=1, le=32_768)]


class LayerOf(BaseModel):
    """A picture that is laid over what is below."""

    model_config = STRICT

    path: Annotated[str, Role("read"), Field(min_length=1, description="The picture.")]
    x: Pixels | None = Field(default=None, description="Its left edge; below 0 from the right; the middle if unset.")
    y: Pixels | None = Field(default=None, description="Its upper edge; below 0 from the foot; the middle if unset.")
    width: Length | None = Field(default=None, description="Pixels that it is made to fit.")
    height: Length | None = Field(default=None, description="Pixels that it is made to fit.")
    fit: Literal["inside", "fill", "pad", "exact"] = "inside"
    opacity: float = Field(default=1.0, ge=0, le=1)
    blend: Literal["normal", "multiply", "screen", "overlay", "darken", "lighten", "difference"] = "normal"
    rotate: float = Field(default=0.0, ge=-360, le=360, description="Degrees clockwise.")


class MarkOf(BaseModel):
    """A mark on a picture."""

    model_config = STRICT

    what: Literal["text", "box", "ellipse", "arrow", "line", "number", "highlight", "blur", "pixelate", "redact"]
    x: Pixels = Field(description="Left edge; where an arrow begins; the middle of a number.")
    y: Pixels = Field(description="Upper edge; where an arrow begins; the middle of a number.")
    text: str = Field(
        default="", max_length=2_000, description="Words of a text, a box or an arrow; a number's digits."
    )
    width: int = Field(default=0, ge=0, le=32_768, description="Of a box or region; the room that a text wraps in.")
    height: int = Field(default=0, ge=0, le=32_768, description="Of a box or region.")
    to_x: Pixels = Field(default=0, description="Where an arrow or line ends.")
    to_y: Pixels = Field(default=0, description="Where an arrow or line ends.")
    colour: Colour = "#e5484d"
    background: str = Field(default="", max_length=40, description="Ground of a text or box; a colour, #rrggbbaa too.")
    size: float = Field(default=0.0, ge=0, le=2_000, description="Of letters, or thickness of lines; 0 chooses.")


def layering_tools(desk: Desk) -> Iterator[Tool]:
    """Compose, annotate, contact sheet."""
    yield _compose(desk)
    yield _annotate(desk)
    yield _contact_sheet(desk)


def _compose(desk: Desk) -> Tool:
    @tool
    async def compose(
        layers: Annotated[list[LayerOf], Field(min_length=1, max_length=50, description="The lowest first.")],
        context: ToolContext,
        base: Annotated[
            str | None, Role("read"), Field(description="A picture below them, which gives the size.")
        ] = None,
        width: Annotated[Length | None, Field(description="Of an empty ground, where there is no base.")] = None,
        height: Annotated[Length | None, Field(description="Of an empty ground, where there is no base.")] = None,
        background: Annotated[Colour, Field(description="Colour of an empty ground.")] = "transparent",
        path: Output = None,
        format: FormatOf = None,
        quality: Quality = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Lay pictures over each other: a logo on a photograph, a collage, a watermark."""
        if (base is None) == (width is None or height is None):
            raise ToolFailed("", "give either a base picture, or width and height of an empty ground")
        files = [*([base] if base else ()), *(layer.path for layer in layers)]
        first = len(files) - len(layers)
        raw = [layer.model_dump(exclude={"path"}) | {"input": first + at} for at, layer in enumerate(layers)]
        options: dict[str, Any] = {"layers": raw, "width": width, "height": height, "ground": background}
        options |= {"format": format, "quality": quality}
        saving = desk.saving(path, "composed", overwrite=overwrite)
        return await desk.make(context, "editing:compose", options, saving, files=files)

    return compose


def _annotate(desk: Desk) -> Tool:
    @tool
    async def annotate(
        source: Source,
        marks: Annotated[list[MarkOf], Field(min_length=1, max_length=200)],
        context: ToolContext,
        path: Output = None,
        format: FormatOf = None,
        quality: Quality = None,
        frames: Frames = "all",
        keep_location: Keep = False,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Mark a picture: text, boxes, arrows, numbers in circles; hide regions by blur, pixelate or redact.

        What is hidden cannot be read back. `image_info` says the size that the places count in.
        """
        options = {"marks": [mark.model_dump() for mark in marks], "format": format, "quality": quality}
        options |= {"frames": frames, "keep_location": keep_location}
        saving = desk.saving(path, stem_of(source, "annotated"), overwrite=overwrite)
        return await desk.make(context, "editing:annotate", options, saving, files=[source])

    return annotate


def _contact_sheet(desk: Desk) -> Tool:
    @tool
    async def contact_sheet(
        sources: Sources,
        context: ToolContext,
        path: Output = None,
        labels: Annotated[
            list[str] | None, Field(max_length=200, description="One for each picture; their names if unset.")
        ] = None,
        title: Annotated[str, Field(max_length=200)] = "",
        columns: Annotated[int, Field(ge=0, le=50, description="0 chooses.")] = 0,
        cell: Annotated[int, Field(ge=32, le=1024, description="Pixels that each picture fits into.")] = 256,
        background: Colour = "#ffffff",
        format: FormatOf = None,
        quality: Quality = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Show many pictures on one sheet with their names, to compare them at a look."""
        if labels is not None and len(labels) != len(sources):
            raise ToolFailed("", f"there are {len(sources)} pictures and {len(labels)} labels: give one for each")
        sheet = {"title": title, "columns": columns, "cell": cell, "background": background}
        options = {"sheet": sheet, "labels": labels, "format": format, "quality": quality}
        saving = desk.saving(path, title or "contact sheet", overwrite=overwrite)
        return await desk.make(context, "editing:sheet", options, saving, files=sources)

    return contact_sheet
