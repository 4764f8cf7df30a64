"""A tool's result on stdout, and its images, audio and video in files."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import click

from massgen_core.cli.output import clean, print_json, print_text
from massgen_core.result import Audio, Data, FileReference, Image, Part, Text, ToolResult, Video, part_to_json


def print_result(tool: str, result: ToolResult, *, output: Literal["text", "json"], save: Path | None) -> None:
    """Print a result, and write its binary parts to new files in the folder ``save``."""
    files = _save(tool, result, save) if save is not None else {}
    if output == "json":
        print_json(_as_json(result, files))
        return
    for number, part in enumerate(result.content):
        if number in files:
            print_text(str(files[number]))
        else:
            _print_part(part)
    if not result.content and result.structured is not None:
        print_json(result.structured)


def _print_part(part: Part) -> None:
    match part:
        case Text():
            print_text(part.text)
        case Data():
            print_json(part.value)
        case FileReference() if _bytes_of(part) is None:
            print_text(part.text if part.text is not None else part.uri)
        case _:
            size = len(_bytes_of(part) or b"")
            words = f"{type(part).__name__.lower()}, {part.mime_type or 'unknown type'}, {size} bytes"
            click.echo(clean(f"({words}; --save DIR writes it to a file)"), err=True)


def _as_json(result: ToolResult, files: Mapping[int, Path]) -> dict[str, Any]:
    """The result as MCP has it; untouched where it was relayed, saved parts with their file instead of their data."""
    if result.raw is not None and not files:
        return dict(result.raw)
    content = [
        _saved(part, files[number]) if number in files else part_to_json(part)
        for number, part in enumerate(result.content)
    ]
    optional = {"structuredContent": result.structured, "_meta": dict(result.meta) or None}
    present = {key: value for key, value in optional.items() if value is not None}
    return {"content": content, **present, "isError": result.is_error}


def _saved(part: Part, file: Path) -> dict[str, Any]:
    mime_type = getattr(part, "mime_type", None)
    return {"type": type(part).__name__.lower(), "mimeType": mime_type, "file": str(file), "size": file.stat().st_size}


def _save(tool: str, result: ToolResult, folder: Path) -> dict[int, Path]:
    """Write every binary part to a file of its own; the name is ours, never the tool's."""
    found = {number: data for number, part in enumerate(result.content) if (data := _bytes_of(part)) is not None}
    if found:
        folder.mkdir(parents=True, exist_ok=True)
    return {number: _write(folder, tool, result.content[number], data) for number, data in found.items()}


def _write(folder: Path, tool: str, part: Part, data: bytes) -> Path:
    stem = re.sub(r"[^a-zA-Z0-9_-]", "_", tool)
    suffix = mimetypes.guess_extension(getattr(part, "mime_type", None) or "") or ".bin"
    number = 1
    while True:
        path = folder / f"{stem}-{number}{suffix}"
        try:
            file = path.open("xb")
        except FileExistsError:
            number += 1
            continue
        with file:
            file.write(data)
        return path


def _bytes_of(part: Part) -> bytes | None:
    match part:
        case Image() | Audio() | Video():
            return part.data
        case FileReference():
            return part.data
        case _:
            return None
