"""A job's results as an agent is told them: a line for each file, a picture to look at, facts as data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massgen_core.media.artefacts import Artefact, MediaOutput
from massgen_core.result import FileReference, Image, Part, Text, ToolResult

if TYPE_CHECKING:
    from massgen_core.media.studio import Made

_SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""What models look at."""
_LARGEST_SHOWN = 1_500_000
_UNITS = ((1 << 20, "MiB"), (1 << 10, "KiB"))


def result_of(made: Made) -> ToolResult:
    """The result of a tool that has made something; reads the job's folder, and blocks."""
    outputs, warnings = list(made.outputs), list(dict.fromkeys(_warnings(made)))
    content: list[Part] = [Text(text="\n".join(_lines(made, warnings)))]
    content += [Text(text=output.text) for output in outputs if output.text]
    content += [image for output in outputs if (image := _picture(made.job.folder, output)) is not None]
    content += [_reference(artefact) for artefact in made.artefacts]
    return ToolResult(content=tuple(content), structured=_structured(made, warnings))


def _structured(made: Made, warnings: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {"operation": made.operation}
    if made.selection is not None:
        facts |= {"engine": made.selection.engine.name, "selected_by": made.selection.why}
    if made.change is not None:
        facts["change"] = made.change
    facts |= made.facts
    facts["artefacts"] = [artefact.to_json() for artefact in made.artefacts]
    if texts := [output.text for output in made.outputs if output.text is not None]:
        facts["texts"] = texts
    if details := [dict(output.details) for output in made.outputs if output.file is None and output.details]:
        facts["details"] = details
    if costs := [output.cost for output in made.outputs if output.cost is not None]:
        facts["cost"] = sum(costs)
    return facts | {"warnings": warnings, "job": made.job.to_json()}


def _warnings(made: Made) -> Iterator[str]:
    yield from made.job.warnings
    for output in made.outputs:
        yield from output.warnings


def _lines(made: Made, warnings: list[str]) -> Iterator[str]:
    for artefact in made.artefacts:
        yield f"{artefact.path}: {', '.join(_facts(artefact))}"
    if made.selection is not None:
        engine = made.selection.engine
        yield f"Made by the engine {engine.name!r} ({engine.capabilities.label}), chosen by: {made.selection.why}."
    if made.change is not None:
        yield f"Change {made.change}: `undo_change` takes it back."
    yield from (f"Note: {warning}" for warning in warnings)


def _facts(artefact: Artefact) -> Iterator[str]:
    yield artefact.mime_type
    if artefact.width and artefact.height:
        yield f"{artefact.width}x{artefact.height}"
    if artefact.duration is not None:
        yield f"{artefact.duration:.2f} s"
    if artefact.sample_rate:
        yield f"{artefact.sample_rate} Hz"
    if artefact.pages:
        yield f"{artefact.pages} page{'s' if artefact.pages > 1 else ''}"
    yield _size(artefact.size)
    if artefact.provenance.seed is not None:
        yield f"seed {artefact.provenance.seed}"


def _size(size: int) -> str:
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def _picture(folder: Path, output: MediaOutput) -> Image | None:
    """What an agent can look at: the preview, or the file itself where it is small."""
    if output.preview is not None:
        mime_type = "image/png" if output.preview.suffix == ".png" else "image/jpeg"
        data = _read(folder, output.preview)
    elif output.file is not None and output.mime_type in _SHOWN:
        data, mime_type = _read(folder, output.file), output.mime_type
    else:
        return None
    return Image(data=data, mime_type=mime_type) if data is not None else None


def _read(folder: Path, file: Path) -> bytes | None:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(folder / file.name, flags)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as opened:
        data = opened.read(_LARGEST_SHOWN + 1)
    return data if len(data) <= _LARGEST_SHOWN else None


def _reference(artefact: Artefact) -> FileReference:
    path = artefact.path if artefact.path.startswith("/") else f"/workspace/{artefact.path}"
    return FileReference(
        uri=f"file://{path}",
        name=artefact.path,
        mime_type=artefact.mime_type,
        description=artefact.alt,
        size=artefact.size,
    )
