"""Tools that cut films, put them together, and convert them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_video.tools.desk import (
    Crf,
    Desk,
    End,
    FilmFormat,
    Fitting,
    Overwrite,
    Path,
    Quality,
    Rate,
    Size,
    Start,
    Video,
    beside,
)


def trim(desk: Desk) -> Tool:
    """``video_trim``."""

    @tool
    async def trim(
        video: Video,
        context: ToolContext,
        start: Start = None,
        end: End = None,
        copy: Annotated[
            bool,
            Field(
                description="Do not encode anew: much faster and without loss, but it begins at the key picture before"
                " `start`, often seconds early; the result says where."
            ),
        ] = False,
        format: FilmFormat = None,
        quality: Quality = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Cut a part out of a film, exactly to the frame."""
        options = {"start": start, "end": end, "copy": copy, **desk.look(path, format, quality)}
        saving = beside(video, "part", path, overwrite=overwrite)
        return (await desk.make(context, "cutting:trim", options, [video], saving)).result

    return trim


def concat(desk: Desk) -> Tool:
    """``video_concat``."""

    @tool
    async def concat(
        videos: Annotated[list[str], Role("read"), Field(min_length=1, max_length=50, description="Films, in order.")],
        context: ToolContext,
        size: Size = None,
        fps: Rate = None,
        fit: Fitting = "contain",
        format: FilmFormat = None,
        quality: Quality = None,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Put films together, one after the other; those of other sizes, rates and kinds become like the first one."""
        options = {"size": size, "fps": fps, "fit": fit, **desk.look(path, format, quality)}
        saving = beside(videos[0], "joined", path, overwrite=overwrite)
        return (await desk.make(context, "cutting:concat", options, videos, saving)).result

    return concat


def convert(desk: Desk) -> Tool:
    """``video_convert``."""

    @tool
    async def convert(
        video: Video,
        context: ToolContext,
        format: FilmFormat = None,
        size: Size = None,
        fps: Rate = None,
        fit: Fitting = "contain",
        quality: Quality = None,
        crf: Crf = None,
        sound: Annotated[bool, Field(description="Keep the sound.")] = True,
        path: Path = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Write a film in another format, size or frame rate; turned upright where a phone has filmed it sideways."""
        options = {"size": size, "fps": fps, "fit": fit, "sound": sound, **desk.look(path, format, quality, crf)}
        saving = beside(video, "converted", path, overwrite=overwrite)
        return (await desk.make(context, "cutting:convert", options, [video], saving)).result

    return convert
