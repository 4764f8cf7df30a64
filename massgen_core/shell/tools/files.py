"""Files, into the sandbox and out of it."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.result import FileReference, Image, Text, ToolResult
from massgen_core.sandbox import Sandbox, download, upload
from massgen_core.shell.letters import whole_letters
from massgen_core.shell.place import Place
from massgen_core.tools import Tool, ToolContext, tool


def file_tools(place: Place) -> Iterator[Tool]:
    """Put a file there, get one."""

    @tool(access=["write"])
    async def upload_file(
        path: Annotated[str, Field(min_length=1, description="Where it goes in the sandbox.")],
        content: str,
        context: ToolContext,
        encoding: Annotated[Literal["utf-8", "base64"], Field(description="How `content` is written.")] = "utf-8",
        mode: Annotated[str | None, Field(pattern="^[0-7]{3,4}$", description="Permissions, 755 say.")] = None,
    ) -> str:
        """Put a file into this session's sandbox; it is there as a whole or not at all."""
        data = _decoded(content, encoding)
        shell = await place.shell(context)
        await upload(shell.sandbox, path, data, mode=None if mode is None else int(mode, 8))
        return f"{len(data)} bytes are in {path}"

    @tool(access=["read"])
    async def download_file(
        path: Annotated[str, Field(min_length=1, description="The file in the sandbox.")],
        context: ToolContext,
        offset: Annotated[int, Field(ge=0, description="Bytes to leave out at its beginning.")] = 0,
        limit: Annotated[int, Field(gt=0, le=32 * 1024 * 1024, description="Bytes at most.")] = 1024 * 1024,
    ) -> ToolResult:
        """Get a file, or a part of it, out of this session's sandbox."""
        shell = await place.shell(context)
        data, more = await _part(shell.sandbox, path, offset, limit)
        if offset and not data:
            return ToolResult(content=(Text(text=f"[there is nothing from offset {offset} on: the file is shorter]"),))
        note = (Text(text=f"[there is more; go on at offset {offset + len(data)}]"),) if more else ()
        return ToolResult(content=(_as_content(path, data), *note))

    yield upload_file
    yield download_file


def _decoded(content: str, encoding: str) -> bytes:
    if encoding == "utf-8":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except ValueError as error:
        raise ToolFailed("", f"`content` is not base64: {error}") from None


async def _part(sandbox: Sandbox, path: str, offset: int, limit: int) -> tuple[bytes, bool]:
    """Bytes of a file, cut between letters, and whether more follow."""
    found, left = bytearray(), offset
    async with download(sandbox, path) as pieces:
        async for piece in pieces:
            skipped = min(left, len(piece))
            left -= skipped
            found += piece[skipped:]
            if len(found) > limit:
                break
    more = len(found) > limit
    return whole_letters(bytes(found[:limit])) if more else bytes(found), more


def _as_content(path: str, data: bytes) -> Text | Image | FileReference:
    kind = mimetypes.guess_type(path)[0] or ""
    if kind.startswith("image/"):
        return Image(data=data, mime_type=kind)
    try:
        return Text(text=data.decode())
    except UnicodeDecodeError:
        return FileReference(
            uri=f"sandbox:{path}", mime_type=kind or "application/octet-stream", size=len(data), data=data
        )
