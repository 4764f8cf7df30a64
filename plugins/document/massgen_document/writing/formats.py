"""The formats that can be written, by their ending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block
from massgen_document.writing.request import Job

Writer = Callable[[Sequence[Block], Job, BinaryIO], dict[str, Any]]

_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORD, _SLIDES, _SHEETS = (
    f"{_OFFICE}{kind}" for kind in ("wordprocessingml.document", "presentationml.presentation", "spreadsheetml.sheet")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format: what it is called, its media type, and the function that writes it."""

    name: str
    mime_type: str
    writer: str

    def load(self) -> Writer:
        """The writer; its libraries are imported now."""
        module, _, function = self.writer.partition(":")
        return getattr(import_module(f"massgen_document.writing.{module}"), function)


FORMATS = {
    "txt": Format(name="plain text", mime_type="text/plain", writer="plain:write_text"),
    "md": Format(name="Markdown", mime_type="text/markdown", writer="plain:write_markdown"),
    "html": Format(name="HTML", mime_type="text/html", writer="web:write_web"),
    "csv": Format(name="CSV", mime_type="text/csv", writer="plain:write_csv"),
    "pdf": Format(name="PDF", mime_type="application/pdf", writer="pdf.document:write_pdf"),
    "docx": Format(name="Word", mime_type=_WORD, writer="word:write_word"),
    "pptx": Format(name="PowerPoint", mime_type=_SLIDES, writer="slides.deck:write_slides"),
    "xlsx": Format(name="Excel", mime_type=_SHEETS, writer="sheets:write_sheets"),
}


def format_of(path: str) -> str:
    """The format that a path's ending asks for.

    Raises:
        ToolFailed: No document is written with that ending; which ones are.
    """
    ending = PurePosixPath(path).suffix.lstrip(".").lower()
    ending = {"htm": "html", "markdown": "md", "text": "txt"}.get(ending, ending)
    if ending not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise ToolFailed(
            "", f"`path` ends in {'.' + ending if ending else 'nothing'}; documents are written as {known}"
        )
    return ending
