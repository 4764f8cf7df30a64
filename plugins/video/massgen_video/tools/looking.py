"""Tools that look at films."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_video.tools.desk import Desk, End, Overwrite, Path, Start, Video, beside, ending

_PICTURES = ("jpg", "png")


def info(desk: Desk) -> Tool:
    """``video_info``."""

    @tool
    async def info(video: Video, context: ToolContext) -> ToolResult:
        """Tell what is in a film: length, size, frame rate, codecs, sound, subtitles, chapters, tags.

        Reads headers and the first picture, so that the length of the film does not matter.
        """
        made = await desk.make(context, "looking:info", {}, [video])
        facts = {name: value for name, value in made.facts.items() if name != "names"}
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        return ToolResult(content=(Text(text=text),), structured=made.result.structured)

    return info


def thumbnail(desk: Desk) -> Tool:
    """``video_thumbnail``."""

    @tool
    async def thumbnail(
        video: Video,
        context: ToolContext,
        times: Annotated[
            list[float] | None, Field(max_length=100, description="Seconds from the beginning, one for each picture.")
        ] = None,
        width: Annotated[int | None, Field(ge=16, le=4096, description="Pixels; the film's own when unset.")] = None,
        format: Literal["jpg", "png"] | None = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Take single pictures out of a film, exactly at some moments; without `times` one from near its beginning."""
        options = {"times": times, "width": width, "format": format or ending(path, _PICTURES)}
        saving = beside(video, "picture", path, overwrite=overwrite)
        return (await desk.make(context, "looking:thumbnail", options, [video], saving)).result

    return thumbnail


def contact_sheet(desk: Desk) -> Tool:
    """``video_contact_sheet``."""

    @tool
    async def contact_sheet(
        video: Video,
        context: ToolContext,
        count: Annotated[int, Field(ge=1, le=100, description="How many pictures.")] = 12,
        columns: Annotated[int | None, Field(ge=1, le=20)] = None,
        width: Annotated[int, Field(ge=128, le=4096, description="Pixels of the whole sheet.")] = 1280,
        start: Start = None,
        end: End = None,
        format: Literal["jpg", "png"] | None = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Put pictures from all over a film onto one sheet, each with its time: a film at a glance."""
        options: dict[str, Any] = {"count": count, "columns": columns, "width": width, "start": start, "end": end}
        options["format"] = format or ending(path, _PICTURES)
        saving = beside(video, "sheet", path, overwrite=overwrite)
        return (await desk.make(context, "looking:contact_sheet", options, [video], saving)).result

    return contact_sheet


def gif(desk: Desk) -> Tool:
    """``video_gif``."""

    @tool
    async def gif(
        video: Video,
        context: ToolContext,
        start: Start = None,
        end: End = None,
        width: Annotated[int, Field(ge=16, le=1280, description="Pixels.")] = 480,
        fps: Annotated[float | None, Field(ge=1, le=50, description="Frames a second; about 12 when unset.")] = None,
        colours: Annotated[int, Field(ge=4, le=256, description="Colours of a GIF's palette.")] = 256,
        quality: Annotated[int, Field(ge=1, le=100, description="Of a WebP.")] = 75,
        loop: Annotated[bool, Field(description="Play it again and again.")] = True,
        format: Annotated[
            Literal["gif", "webp"] | None, Field(description="By `path` when unset, else gif; webp is much smaller.")
        ] = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Make a part of a film into an animation without sound, at most 120 seconds long."""
        options = {"start": start, "end": end, "width": width, "fps": fps, "colours": colours, "quality": quality}
        options |= {"loop": loop, "format": format or ending(path, ("gif", "webp"))}
        saving = beside(video, "animation", path, overwrite=overwrite)
        return (await desk.make(context, "animating:animate", options, [video], saving)).result

    return gif
