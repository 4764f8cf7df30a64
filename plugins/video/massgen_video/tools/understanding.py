"""The tool that tells what is in a film."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.media import MediaRequest, Saving
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_video.engines.abilities import UNDERSTAND
from massgen_video.tools.desk import Background, Desk, End, Engine, Start, Video


def understand(desk: Desk) -> Tool:
    """``video_understand``."""

    @tool
    async def understand(
        video: Video,
        context: ToolContext,
        question: Annotated[
            str, Field(max_length=4000, description="For engines that answer; the embedded one shows pictures instead.")
        ] = "",
        frames: Annotated[int | None, Field(ge=1, le=60, description="How many pictures; 12 when unset.")] = None,
        mode: Annotated[
            Literal["scenes", "uniform"] | None,
            Field(description="One picture of each scene (when unset), or pictures at equal distances."),
        ] = None,
        start: Start = None,
        end: End = None,
        transcribe: Annotated[bool | None, Field(description="Have the speech written down; on when unset.")] = None,
        read_text: Annotated[bool | None, Field(description="Have text in pictures read; on when unset.")] = None,
        language: Annotated[str | None, Field(max_length=35, description="What is spoken: `en`.")] = None,
        frames_path: Annotated[
            str | None, Role("write"), Field(description="`frames/a.jpg`: write each picture as a file, numbered.")
        ] = None,
        engine: Engine = None,
        background: Background = False,
    ) -> ToolResult:
        """Look at a film: facts, its scenes on one sheet of pictures, what is said with times, text in its pictures.

        A film of hours is searched in, not watched. Look at the sheet yourself; the embedded engine describes nothing.
        """
        options: dict[str, Any] = {
            "frames": frames, "mode": mode, "start": start, "end": end, "transcribe": transcribe,
            "read_text": read_text, "language": language, "keep_frames": True if frames_path else None,
        }  # fmt: skip
        given = {name: value for name, value in options.items() if value is not None}
        request = MediaRequest(operation=UNDERSTAND, prompt=question, options=given)
        saving = Saving(path=frames_path) if frames_path else None

        async def work(context: ToolContext) -> ToolResult:
            made = await desk.studio.generate(context, request, inputs={"video": [video]}, engine=engine, saving=saving)
            return made.result

        return await (desk.studio.later(context, work) if background else work(context))

    return understand
