"""Excel, by openpyxl's streaming reader: rows as they come, never a whole sheet in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from importlib import import_module
from itertools import zip_longest
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Heading, Table, words
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.package import holds, open_package
from massgen_document.reading.told import told

_openpyxl: Any = import_module("openpyxl")
_utils: Any = import_module("openpyxl.utils")

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
_SHOWN_COLUMNS = 200
_MOST_CELLS = 500_000
"""Cells of one table that is made of a sheet."""
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?\Z")

Corner = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


def open_sheets(file: BinaryIO, *, formulas: bool = False, cells: str | None = None) -> Opened:
    """A workbook: the values as they were computed last, or the formulas.

    ``cells`` is a range like ``B2:F40``, for every sheet.

    Raises:
        ToolFailed: It is broken, a bomb, or the range is none.
    """
    corner = _corner(cells) if cells else (1, 1, MOST_ROWS, MOST_COLUMNS)
    package = open_package(file)
    with told("the workbook is broken"):
        values = _load(file, data_only=not formulas)
        names = [str(name) for name in values.sheetnames]
    sources = _Sources(file, package, values, computed=not formulas)
    opened = Opened(
        kind="xlsx",
        word="sheet",
        count=len(names),
        names=names,
        parts=lambda first: _sheets(opened, sources, corner, first),
    )
    opened.facts = _facts(values)
    return opened


def _load(file: BinaryIO, *, data_only: bool) -> Any:
    file.seek(0)
    return _openpyxl.load_workbook(file, read_only=True, data_only=data_only, keep_links=False)


class _Sources:
    """The workbook with values, and the one with formulas where a sheet has some that were never computed."""

    def __init__(self, file: BinaryIO, package: Any, values: Any, *, computed: bool) -> None:
        self._file = file
        self._package = package
        self._formulas: Any = None
        self._computed = computed
        self.values = values

    def rows(self, name: str, corner: Corner) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
        """Pairs of rows: values, and what to show where there is none."""
        sheet = self.values[name]
        if not hasattr(sheet, "iter_rows") or not hasattr(sheet, "reset_dimensions"):
            return  # a sheet that is one chart
        shown = _rows(sheet, corner)
        if not self._computed or not self._has_formulas(sheet):
            yield from ((row, ()) for row in shown)
            return
        if self._formulas is None:
            self._formulas = _load(self._file, data_only=False)
        yield from zip_longest(shown, _rows(self._formulas[name], corner), fillvalue=())

    def _has_formulas(self, sheet: Any) -> bool:
        path = str(sheet._worksheet_path).lstrip("/")
        return path in self._package.namelist() and holds(self._package, path, b"<f")


def _rows(sheet: Any, corner: Corner) -> Iterator[Sequence[Any]]:
    first_row, first_column, last_row, last_column = corner
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    last = None if last_row == MOST_ROWS else last_row
    right = None if last_column == MOST_COLUMNS else last_column
    rows = sheet.iter_rows(first_row, last, first_column, right, values_only=True)
    for number, row in enumerate(rows, first_row):
        if number > last_row:
            if last_row == MOST_ROWS:
                raise ToolFailed("", f"a sheet has a row beyond {MOST_ROWS}: the file is broken")
            return
        yield row


def _corner(cells: str) -> Corner:
    match = _RANGE.match(cells.strip().upper())
    if match is None:
        raise ToolFailed("", f"`cells` is {cells!r}; write a range like B2:F40")
    first_column, first_row = _utils.column_index_from_string(match[1]), int(match[2])
    last_column = _utils.column_index_from_string(match[3]) if match[3] else first_column
    last_row = int(match[4]) if match[4] else first_row
    if not 1 <= first_row <= last_row <= MOST_ROWS or not first_column <= last_column <= MOST_COLUMNS:
        raise ToolFailed("", f"`cells` is {cells!r}, which is no range of a sheet; the first corner is the upper left")
    return first_row, first_column, last_row, last_column


def _facts(book: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    about = book.properties
    for key in ("title", "subject", "creator", "keywords"):
        if value := getattr(about, key, None):
            facts["author" if key == "creator" else key] = str(value)[:500]
    facts["sheets"] = [
        {"name": sheet.title, "range": _declared(sheet)} | ({"hidden": True} if sheet.sheet_state != "visible" else {})
        for sheet in book.worksheets[:200]
    ]
    return facts


def _declared(sheet: Any) -> str:
    with suppress(ToolFailed), told("broken"):
        return str(sheet.calculate_dimension())
    return "unknown"


def _sheets(opened: Opened, sources: _Sources, corner: Corner, first: int) -> Iterator[Part]:
    for number, name in enumerate(opened.names[first - 1 :], first):
        yield _sheet(opened, sources, corner, number, name)


def _sheet(opened: Opened, sources: _Sources, corner: Corner, number: int, name: str) -> Part:
    widths: list[int] = []

    def rows() -> Iterator[tuple[int, list[str]]]:
        with told(f"sheet {name} is broken"):
            for at, (row, formulas) in enumerate(sources.rows(name, corner), corner[0]):
                if shown := _shown(opened, row, formulas):
                    yield at, shown

    def wide() -> int:
        if not widths:
            with told(f"sheet {name} is broken"):
                widths.append(_width(sources.rows(name, corner)))
        return widths[0]

    def head() -> str:
        letters = [_utils.get_column_letter(corner[1] + column) for column in range(wide())]
        return f"|  | {' | '.join(letters)} |\n|---|{'---|' * wide()}\n" if letters else ""

    def texts() -> Iterator[str]:
        if not wide():
            yield "(empty)\n"
        yield from (_row_text(at, cells, wide()) for at, cells in rows() if wide())
        yield "\n"

    def blocks() -> Iterator[Block]:
        yield Heading(level=2, line=words(name))
        yield from _table(opened, name, rows())

    label = f"<!-- sheet {name} ({number} of {opened.count}) -->\n\n"
    return Part(number=number, label=label, head=head, blocks=blocks, texts_of=texts)


def _row_text(number: int, cells: list[str], width: int) -> str:
    padded = [*cells, *[""] * (width - len(cells))]
    return f"| {number} | {' | '.join(_cell(cell) for cell in padded)} |\n"


def _width(rows: Iterator[tuple[Sequence[Any], Sequence[Any]]]) -> int:
    """Columns of the first rows, as far as they hold something."""
    widest = 0
    for number, (row, formulas) in enumerate(rows):
        if number >= 200:
            break
        for column, (value, formula) in enumerate(zip_longest(row, formulas)):
            if value is not None or formula is not None:
                widest = max(widest, column + 1)
    return min(widest, _SHOWN_COLUMNS)


def _shown(opened: Opened, row: Sequence[Any], formulas: Sequence[Any]) -> list[str]:
    cells: list[str] = []
    for value, formula in zip_longest(row[:_SHOWN_COLUMNS], formulas[:_SHOWN_COLUMNS]):
        if value is None and isinstance(formula, str) and formula.startswith("="):
            opened.say("formulas that no program has computed yet are shown as formulas")
            value = formula
        cells.append(in_words(value))
    if len(row) > _SHOWN_COLUMNS and any(value is not None for value in row[_SHOWN_COLUMNS:]):
        opened.say(f"columns beyond the {_SHOWN_COLUMNS}th are left out; ask for them with `cells`")
    while cells and not cells[-1]:
        cells.pop()
    return cells


def in_words(value: Any) -> str:
    """A cell's value as text: dates in ISO 8601, numbers without needless digits."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{value:.15g}"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(getattr(value, "text", value))  # an array formula holds its text


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>")


def _table(opened: Opened, name: str, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Table]:
    found: list[tuple[Any, ...]] = []
    cells = 0
    for _, row in rows:
        cells += len(row)
        if cells > _MOST_CELLS:
            opened.say(f"sheet {name}: only the first {len(found):,} rows were taken")
            break
        found.append(tuple(words(cell) for cell in row))
    if found:
        yield Table(rows=tuple(found))
