"""Excel (SpreadsheetML, ISO/IEC 29500), by XlsxWriter: a sheet for every table, cells typed, nothing that runs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Heading, Line, Note, Table, plain, walk
from massgen_document.writing.facts import without_dates
from massgen_document.writing.request import Job
from massgen_document.writing.values import Value, is_reaching, value_of
from massgen_document.writing.zipping import pack_again

_xlsxwriter: Any = import_module("xlsxwriter")

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet can hold."""

_LONGEST_TEXT = 32_767
"""Characters in a cell."""
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_WIDEST = 60


def write_sheets(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write an Excel file; returns its sheets, each with its name, rows and columns.

    Raises:
        ToolFailed: There is no table, one is too large, or a formula reads from outside the file.
    """
    tables = list(named_tables(blocks))
    if not tables:
        raise ToolFailed("", "there is no table in `text`, each becomes a sheet; write Markdown tables, CSV or JSON")
    _say_what_is_left_out(blocks, job)
    made = io.BytesIO()
    book = _xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    about = job.about
    book.set_properties(
        {
            "title": about.title,
            "author": about.author,
            "subject": about.subject,
            "keywords": about.keywords,
            "comments": f"Written by {about.program}",
            "created": datetime(2000, 1, 1),
        }
    )
    writer = _Writer(book, job)
    sheets = [writer.sheet(name, table) for name, table in tables]
    book.close()
    pack_again(made, out, without_dates)
    return {"sheets": sheets}


def named_tables(blocks: Sequence[Block]) -> Iterator[tuple[str, Table]]:
    """Every table under the name of the heading before it, as a sheet's name."""
    name, taken = "", set[str]()
    for block in walk(blocks):
        if isinstance(block, Heading):
            name = plain(block.line)
        elif isinstance(block, Table) and block.rows:
            yield _sheet_name(name, taken), block


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name of at most 31 characters that Excel takes and no other sheet has."""
    base = re.sub(r"[\[\]:*?/\\\s]+", " ", wanted).strip(" '")[:31].strip(" '") or "Sheet"
    if base.lower() == "history":
        base = "History_"  # the one name that Excel keeps for itself
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        ending = f" {number}"
        name = base[: 31 - len(ending)] + ending
    taken.add(name.lower())
    return name


def _say_what_is_left_out(blocks: Sequence[Block], job: Job) -> None:
    others = sum(not isinstance(block, Table | Heading | Note) for block in blocks)
    if others:
        job.warn(f"text outside of tables was left out ({others} blocks): a workbook holds tables")


class _Writer:
    def __init__(self, book: Any, job: Job) -> None:
        self._book = book
        self._job = job
        self._formats: dict[tuple[Any, ...], Any] = {}

    def sheet(self, name: str, table: Table) -> dict[str, Any]:
        """Write one sheet, its header frozen and filtered."""
        if len(table.rows) > MOST_ROWS or table.width > MOST_COLUMNS:
            size = f"{len(table.rows)} rows by {table.width} columns"
            raise ToolFailed("", f"sheet {name}: {size}; a sheet holds {MOST_ROWS} by {MOST_COLUMNS}")
        sheet = self._book.add_worksheet(name)
        widths = [8.0] * table.width
        for number, row in enumerate(table.rows):
            for column, line in enumerate(row):
                text = self._cell(sheet, number, column, line, table)
                longest = max((len(part) for part in text.split("\n")), default=0)
                widths[column] = max(widths[column], min(longest * 1.05 + 2.5, _WIDEST))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if table.has_header:
            sheet.freeze_panes(1, 0)
            if len(table.rows) > 1:
                sheet.autofilter(0, 0, len(table.rows) - 1, table.width - 1)
        return {"name": name, "rows": len(table.rows), "columns": table.width}

    def _cell(self, sheet: Any, row: int, column: int, line: Line, table: Table) -> str:
        text = plain(line)
        align = table.aligns[column] if column < len(table.aligns) else ""
        if table.has_header and row == 0:
            sheet.write_string(row, column, text[:_LONGEST_TEXT], self._format(head=True, align=align))
            return text
        value = value_of(text, formulas=self._job.formulas)
        look = self._format(
            align=align,
            bold=any(span.bold for span in line),
            shown_as=value.shown_as,
            wrap="\n" in text or len(text) > _WIDEST,
            quoted=value.kind == "text" and text.startswith(_STARTS_FORMULA),
        )
        self._write(sheet, row, column, value, look)
        return text

    def _write(self, sheet: Any, row: int, column: int, value: Value, look: Any) -> None:
        match value.kind:
            case "number":
                sheet.write_number(row, column, value.value, look)
            case "date" | "datetime":
                sheet.write_datetime(row, column, value.value, look)
            case "formula":
                self._formula(sheet, row, column, str(value.value), look)
            case "text" if value.value:
                if len(str(value.value)) > _LONGEST_TEXT:
                    self._job.warn(f"texts longer than {_LONGEST_TEXT} characters, what a cell holds, were cut")
                sheet.write_string(row, column, str(value.value)[:_LONGEST_TEXT], look)
            case "text":
                sheet.write_blank(row, column, None, look)

    def _formula(self, sheet: Any, row: int, column: int, formula: str, look: Any) -> None:
        if is_reaching(formula):
            raise ToolFailed("", f"row {row + 1}: the formula {formula[:80]} reads from outside the file; leave it out")
        sheet.write_formula(row, column, formula, look)

    def _format(
        self,
        *,
        head: bool = False,
        align: str = "",
        bold: bool = False,
        shown_as: str = "",
        wrap: bool = False,
        quoted: bool = False,
    ) -> Any:
        key = head, align, bold, shown_as, wrap, quoted
        if key not in self._formats:
            look: dict[str, Any] = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
            if head:
                look |= {
                    "bold": True,
                    "font_color": "#14304F",
                    "bg_color": "#F4F6F8",
                    "bottom": 2,
                    "bottom_color": "#14304F",
                }
            if align:
                look["align"] = align
            look |= {"bold": bold or head, "text_wrap": wrap, "quote_prefix": quoted}
            if shown_as:
                look["num_format"] = shown_as
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]
