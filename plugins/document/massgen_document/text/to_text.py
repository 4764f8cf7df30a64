"""Blocks into plain text that reads well without any program."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from massgen_document.blocks import (
    Block,
    Break,
    Code,
    Heading,
    Items,
    Line,
    Note,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
)

_WIDTH = 100


def to_text(blocks: Iterable[Block], width: int = _WIDTH) -> str:
    """The plain text of blocks: lines of ``width`` characters, lists indented, tables in columns."""
    return "\n\n".join(part for block in blocks if (part := _block(block, width)))


def _block(block: Block, width: int) -> str:
    match block:
        case Heading():
            text = _words(block.line).replace("\n", " ")
            return f"{text}\n{('=' if block.level == 1 else '-') * len(text)}" if block.level < 3 else text
        case Paragraph():
            return "\n".join(_wrapped(line, width) for line in _words(block.line).split("\n"))
        case Items():
            return _items(block, width)
        case Table():
            return _table(block)
        case Quote():
            return textwrap.indent(to_text(block.blocks, width - 2), "> ", lambda _: True)
        case Code():
            return textwrap.indent(block.text, "    ")
        case Picture():
            return f"[picture: {block.alt or block.source}]"
        case Break():
            return "-" * 20
        case Note():
            return ""


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, max(width, 20), break_long_words=False, break_on_hyphens=False)


def _items(block: Items, width: int) -> str:
    marks = [f"{n}. " if block.ordered else "- " for n in range(block.start, block.start + len(block.items))]
    deep = max((len(mark) for mark in marks), default=2)
    texts: list[str] = []
    for mark, item in zip(marks, block.items, strict=True):
        inner = textwrap.indent("\n".join(_block(part, width - deep) for part in item), " " * deep)
        texts.append(mark.ljust(deep) + inner[deep:])
    return "\n".join(texts)


def _table(block: Table) -> str:
    columns = block.width
    rows = [[_words(cell).replace("\n", " ") for cell in row] + [""] * (columns - len(row)) for row in block.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(columns)]
    aligns = [*block.aligns, *[""] * columns]
    lines = [
        "  ".join(
            cell.rjust(wide) if align == "right" else cell.ljust(wide)
            for cell, wide, align in zip(row, widths, aligns, strict=False)
        ).rstrip()
        for row in rows
    ]
    if block.has_header:
        lines.insert(1, "  ".join("-" * wide for wide in widths))
    return "\n".join(lines)


def _words(line: Line) -> str:
    return "".join(_shown(span) for span in line)


def _shown(span: Span) -> str:
    return (
        f"{span.text} ({span.link})" if span.link and span.link not in (span.text, f"mailto:{span.text}") else span.text
    )
