"""Any document, opened by the reader of its kind."""

from __future__ import annotations

from importlib import import_module
from typing import Any, BinaryIO

from massgen_document.reading.kinds import Kind, kind_of
from massgen_document.reading.opened import Opened


def open_document(
    file: BinaryIO, name: str, *, password: str | None = None, formulas: bool = False, cells: str | None = None
) -> Opened:
    """Open a document by its content; ``name`` decides only between kinds of text.

    Raises:
        ToolFailed: It is none, a broken one, one that is encrypted, or a bomb.
    """
    kind = kind_of(file, name)
    options: dict[Kind, dict[str, Any]] = {
        "pdf": {"password": password},
        "xlsx": {"formulas": formulas, "cells": cells},
        "text": {"name": name},
    }
    module, function = _READERS[kind]
    opener = getattr(import_module(f"massgen_document.reading.{module}"), function)
    return opener(file, **options.get(kind, {}))


_READERS: dict[Kind, tuple[str, str]] = {
    "pdf": ("pdf", "open_pdf"),
    "docx": ("word", "open_word"),
    "pptx": ("deck", "open_deck"),
    "xlsx": ("sheet", "open_sheets"),
    "odt": ("opendocument", "open_text"),
    "odp": ("opendocument", "open_slides"),
    "ods": ("opendocument", "open_sheets"),
    "epub": ("epub", "open_book"),
    "rtf": ("rtf", "open_rtf"),
    "html": ("text", "open_html"),
    "text": ("text", "open_text"),
}
