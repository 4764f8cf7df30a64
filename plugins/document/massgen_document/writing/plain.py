"""Files of plain text: the text itself, Markdown, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Table, plain, walk
from massgen_document.text.to_markdown import to_markdown
from massgen_document.text.to_text import to_text
from massgen_document.writing.request import Job
from massgen_document.writing.values import value_of

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_text(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write plain text that reads well: lines of 100 characters, tables in columns."""
    out.write((to_text(blocks) + "\n").encode("utf-8"))
    return {}


def write_markdown(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write Markdown."""
    out.write((to_markdown(blocks) + "\n").encode("utf-8"))
    return {}


def write_csv(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write the one table as CSV (RFC 4180); a cell that a spreadsheet would run gets an apostrophe in front.

    Raises:
        ToolFailed: There is no table, or more than one.
    """
    tables = [block for block in walk(blocks) if isinstance(block, Table) and block.rows]
    if len(tables) != 1:
        raise ToolFailed("", f"a CSV file holds one table, and there are {len(tables)}; write .xlsx, or choose a sheet")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in tables[0].rows:
        writer.writerow([_harmless(plain(cell), job) for cell in row])
    out.write(text.getvalue().encode("utf-8"))
    return {"rows": len(tables[0].rows), "columns": tables[0].width}


def _harmless(text: str, job: Job) -> str:
    if text.startswith(_STARTS_FORMULA) and value_of(text).kind == "text" and not job.formulas:
        job.warn("cells that a spreadsheet would take for formulas have an apostrophe in front")
        return f"'{text}"
    return text
