"""What a document is made of: blocks of spans, the same for every format that is written or read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a line in one style; ``\\n`` in the text is a line break."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    struck: bool = False
    link: str = ""


Line = tuple[Span, ...]
"""The text of a paragraph, a heading or a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list; each item holds blocks, further lists among them. ``start`` is the first number of an ordered one."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first row is the header where ``has_header``. Rows may be of different lengths."""

    rows: tuple[tuple[Line, ...], ...]
    aligns: tuple[Align, ...] = ()
    has_header: bool = True

    @property
    def width(self) -> int:
        """How many columns the longest row has."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Blocks that somebody else said."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Lines that keep their spaces."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture by its path, with the words that stand for it."""

    source: str
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The end of a page or slide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark beside the text: what the speaker says, a comment."""

    text: str


Block = Heading | Paragraph | Items | Table | Quote | Code | Picture | Break | Note


def plain(line: Iterable[Span]) -> str:
    """The words of a line, without style."""
    return "".join(span.text for span in line)


_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def clean(text: str) -> str:
    """The text with a mark for each character that XML 1.0 does not admit, and for DEL."""
    return _UNWRITABLE.sub("\ufffd", text)


def words(text: str) -> Line:
    """A line of plain text."""
    return (Span(text=clean(text)),) if text else ()


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """Every block, those inside lists and quotes too, in reading order."""
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from walk(block.blocks)
        elif isinstance(block, Items):
            for item in block.items:
                yield from walk(item)


def lines_of(block: Block) -> tuple[Line, ...]:
    """The lines that the block itself holds; those of blocks inside it are theirs."""
    if isinstance(block, Heading | Paragraph):
        return (block.line,)
    if isinstance(block, Table):
        return tuple(cell for row in block.rows for cell in row)
    return ()


def all_text(blocks: Iterable[Block]) -> str:
    """All words, a line break between blocks: what fonts must be able to show."""
    parts: list[str] = []
    for block in walk(blocks):
        parts += [plain(line) for line in lines_of(block)]
        if isinstance(block, Code):
            parts.append(block.text)
        elif isinstance(block, Picture):
            parts.append(block.alt)
    return "\n".join(parts)
