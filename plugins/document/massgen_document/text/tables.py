"""Tables from CSV and JSON, and plain text into paragraphs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Literal, cast

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Code, Heading, Paragraph, Table, clean, words
from massgen_document.text.markdown import parse_markdown

Syntax = Literal["markdown", "text", "csv", "json"]


def parse(text: str, syntax: Syntax) -> tuple[Block, ...]:
    """The blocks of a text in one of the notations that can be written from.

    Raises:
        ToolFailed: The text is not what ``syntax`` says; where and what to do.
    """
    match syntax:
        case "markdown":
            return parse_markdown(text)
        case "csv":
            return (parse_csv(text),)
        case "json":
            return parse_json(text)
        case "text":
            parts = (part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n"))
            return tuple(Paragraph(line=words(part)) for part in parts if part.strip())


def parse_csv(text: str) -> Table:
    """The table of comma-separated values (RFC 4180); semicolons and tabs are recognised in the first line."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=delimiter) if row]
    except csv.Error as problem:
        raise ToolFailed(
            "", f"`text` is not CSV: {problem}. Put fields with line breaks or quotes in quotes."
        ) from None
    return Table(rows=tuple(tuple(words(cell.strip()) for cell in row) for row in rows))


def parse_json(text: str) -> tuple[Block, ...]:
    """Blocks of JSON: a list of rows or records is a table, an object of such lists is one table under each name."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ToolFailed("", f"`text` is not JSON: {problem}") from None
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        if named and all(_is_table(part) for part in named.values()):
            return tuple(
                block
                for name, part in named.items()
                for block in (Heading(level=2, line=words(name)), _table(cast("list[Any]", part)))
            )
        return (_table([named]),)
    if _is_table(value):
        return (_table(cast("list[Any]", value)),)
    return (Code(text=clean(json.dumps(value, ensure_ascii=False, indent=2)), language="json"),)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, list | dict) for row in cast("list[Any]", value))


def _table(rows: list[Any]) -> Table:
    if all(isinstance(row, dict) for row in rows):
        records = cast("list[dict[str, Any]]", rows)
        names = list(dict.fromkeys(name for record in records for name in record))
        rows = [names, *([record.get(name) for name in names] for record in records)]
    lists = [list(cast("dict[str, Any]", row).values()) if isinstance(row, dict) else row for row in rows]
    return Table(rows=tuple(tuple(words(_shown(cell)) for cell in row) for row in lists))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
