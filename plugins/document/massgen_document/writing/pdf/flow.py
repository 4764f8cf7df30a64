"""Blocks into the pieces that flow over the pages of a PDF."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from html import escape
from importlib import import_module
from typing import Any

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
    plain,
    words,
)
from massgen_document.writing.columns import column_widths, in_parts
from massgen_document.writing.links import safe_link
from massgen_document.writing.pdf.fonts import Fonts
from massgen_document.writing.pdf.style import ACCENT, DARK, HAIRLINE, SHADE, Styles
from massgen_document.writing.pictures import ready
from massgen_document.writing.request import Job

_platypus: Any = import_module("reportlab.platypus")

_STEP = 16.0
"""Points that a list or quote is set in."""
_NARROW = 150.0
"""Points of a column in which nothing is set in any more."""


class Flow:
    """Makes flowables for a column ``width`` points wide and ``height`` high."""

    def __init__(
        self, job: Job, fonts: Fonts, styles: Styles, instead: dict[str, str], size: tuple[float, float]
    ) -> None:
        self._job = job
        self._fonts = fonts
        self._styles = styles
        self._instead = str.maketrans(instead)
        self._width, self._height = size

    def of(self, blocks: Iterable[Block], width: float | None = None, style: Any = None) -> list[Any]:
        """The flowables of blocks; paragraphs in ``style``."""
        width = self._width if width is None else width
        style = style or self._styles.body
        return [flowable for block in blocks for flowable in self._block(block, width, style)]

    def _block(self, block: Block, width: float, style: Any) -> Iterator[Any]:
        match block:
            case Heading():
                yield self._heading(block)
            case Paragraph():
                yield self._paragraph(block.line, style)
            case Items():
                yield from self._items(block, width, is_inner=style is self._styles.item)
            case Table():
                yield from (part for table in in_parts(block, width, self._job) for part in self._table(table, width))
            case Quote():
                yield from self._quote(block, width)
            case Code():
                yield from self._code(block, width)
            case Picture():
                yield from self._picture(block, width)
            case Break():
                yield _platypus.PageBreak()
            case Note():
                return

    def _paragraph(self, line: Line, style: Any, *, bold: bool = False) -> Any:
        return _platypus.Paragraph(self._markup(line, bold=bold), style)

    def _heading(self, block: Heading) -> Any:
        heading = self._paragraph(block.line, self._styles.heading(block.level), bold=True)
        heading.outline = (plain(block.line).replace("\n", " ") or " ", min(block.level - 1, 5))
        return heading

    def _items(self, block: Items, width: float, *, is_inner: bool) -> Iterator[Any]:
        if width < _NARROW:
            yield from (part for item in _flat(block) for part in self.of(item, width, self._styles.item))
            return
        inner = width - _STEP
        items: list[Any] = []
        for blocks in block.items:
            parts = self.of(blocks, inner, self._styles.item) or [self._paragraph((), self._styles.item)]
            items.append(_platypus.ListItem(parts, bulletColor=DARK if block.ordered else ACCENT))
        if items:
            yield _platypus.ListFlowable(items, **self._bullets(block))
            yield _platypus.Spacer(1, 2 if is_inner else 5)

    def _bullets(self, block: Items) -> dict[str, Any]:
        common = {"leftIndent": _STEP, "bulletFontName": self._fonts.plain[0], "spaceAfter": 0}
        if not block.ordered:
            return common | {"bulletType": "bullet", "start": "•", "bulletFontSize": 10}
        return common | {
            "bulletType": "1",
            "start": block.start,
            "bulletFormat": "%s.",
            "bulletFontSize": self._styles.item.fontSize,
            "leftIndent": _STEP + 5.5 * (len(str(block.start + len(block.items))) - 1),
        }

    def _quote(self, block: Quote, width: float) -> Iterator[Any]:
        is_narrow = width < _NARROW
        parts = self.of(block.blocks, width if is_narrow else width - _STEP, self._styles.quote)
        if is_narrow:
            yield from parts
        elif parts:
            rows = [[[part]] for part in parts]
            table = _platypus.Table(rows, colWidths=[width], splitInRow=1, hAlign="LEFT")
            table.setStyle([*_pad(left=_STEP, top=0, bottom=0), ("LINEBEFORE", (0, 0), (0, -1), 2.2, HAIRLINE)])
            yield table
            yield _platypus.Spacer(1, 8)

    def _code(self, block: Code, width: float) -> Iterator[Any]:
        lines = block.text.expandtabs(4).split("\n")
        wide = int((width - 20) / (self._styles.code.fontSize * 0.6))
        pieces = [line[at : at + wide] for line in lines for at in range(0, max(len(line), 1), wide)]
        rows = [[_platypus.Paragraph(self._code_markup(piece) or "&nbsp;", self._styles.code)] for piece in pieces]
        table = _platypus.Table(rows, colWidths=[width], hAlign="LEFT")
        table.setStyle(
            [
                *_pad(left=10, top=0, bottom=0),
                ("TOPPADDING", (0, 0), (0, 0), 7),
                ("BOTTOMPADDING", (0, -1), (0, -1), 8),
                ("BACKGROUND", (0, 0), (-1, -1), SHADE),
            ]
        )
        yield _platypus.Spacer(1, 2)
        yield table
        yield _platypus.Spacer(1, 11)

    def _code_markup(self, text: str) -> str:
        runs = self._fonts.runs(text.translate(self._instead), code=True)
        return "".join(f'<font name="{font}">{escape(part).replace(" ", "&nbsp;")}</font>' for font, part in runs)

    def _picture(self, block: Picture, width: float) -> Iterator[Any]:
        file = self._job.pictures.get(block.source)
        if file is None:
            self._job.warn(f"the picture {block.source} is not in the document: it was not found in the workspace")
            yield self._paragraph(words(f"[{block.alt or block.source}]"), self._styles.caption)
            return
        drawn = ready(file, block.source)
        scale = min(0.75, width / drawn.width, (self._height - 60) / drawn.height)
        picture = _platypus.Image(io.BytesIO(drawn.data), drawn.width * scale, drawn.height * scale)
        yield _platypus.Spacer(1, 4)
        if block.alt:
            yield _platypus.KeepTogether([picture, self._paragraph(words(block.alt), self._styles.caption)])
        else:
            yield picture
            yield _platypus.Spacer(1, 10)

    def _table(self, block: Table, width: float) -> Iterator[Any]:
        if not (columns := block.width):
            return
        aligns = [*block.aligns, *[""] * columns]
        rows = [
            [self._cell(cell, aligns[column], head=block.has_header and n == 0) for column, cell in enumerate(row)]
            + [""] * (columns - len(row))
            for n, row in enumerate(block.rows)
        ]
        table = _platypus.Table(
            rows,
            colWidths=column_widths(block.rows, columns, width),
            repeatRows=int(block.has_header and len(rows) > 1),
            splitInRow=1,
            hAlign="LEFT",
        )
        table.setStyle(_table_style(block))
        yield _platypus.Spacer(1, 3)
        yield table
        yield _platypus.Spacer(1, 14)

    def _cell(self, line: Line, align: str, *, head: bool) -> Any:
        style = self._styles.head if head else self._styles.cell
        return self._paragraph(line, self._styles.aligned(style, align), bold=head)

    def _markup(self, line: Line, *, bold: bool) -> str:
        """The line in reportlab's paragraph markup: every piece under the font that draws it."""
        parts: list[str] = []
        for span in line:
            text = span.text.translate(self._instead)
            runs = self._fonts.runs(text, bold=span.bold or bold, italic=span.italic, code=span.code)
            for font, piece in runs:
                shown = _shown(piece)
                if span.struck:
                    shown = f"<strike>{shown}</strike>"
                face = f'name="{font}" size="-0.7"' if span.code else f'name="{font}"'
                parts.append(self._linked(f"<font {face}>{shown}</font>", span.link))
        return "".join(parts)

    def _linked(self, markup: str, link: str) -> str:
        if address := safe_link(link):
            return f'<a href="{escape(address)}" color="{ACCENT.hexval().replace("0x", "#")}">{markup}</a>'
        return markup


def _flat(block: Items) -> Iterator[tuple[Block, ...]]:
    """The items of a list without indent: the mark is text."""
    for number, item in enumerate(block.items, block.start):
        mark = Span(text=f"{number}. " if block.ordered else "• ")
        first = item[0] if item else Paragraph(line=())
        yield (Paragraph(line=(mark, *first.line)), *item[1:]) if isinstance(first, Paragraph) else item


def _shown(text: str) -> str:
    return escape(text).replace("\n", "<br/>")


def _pad(*, left: float, top: float, bottom: float) -> list[tuple[Any, ...]]:
    whole = (0, 0), (-1, -1)
    return [
        ("LEFTPADDING", *whole, left),
        ("RIGHTPADDING", *whole, 0 if left else 6),
        ("TOPPADDING", *whole, top),
        ("BOTTOMPADDING", *whole, bottom),
        ("VALIGN", *whole, "TOP"),
    ]


def _table_style(block: Table) -> list[tuple[Any, ...]]:
    whole = (0, 0), (-1, -1)
    style: list[tuple[Any, ...]] = [
        ("LEFTPADDING", *whole, 6),
        ("RIGHTPADDING", *whole, 6),
        ("TOPPADDING", *whole, 4),
        ("BOTTOMPADDING", *whole, 5),
        ("VALIGN", *whole, "TOP"),
        ("LINEBELOW", *whole, 0.4, HAIRLINE),
    ]
    if block.has_header:
        style += [("LINEBELOW", (0, 0), (-1, 0), 1.1, DARK), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")]
    else:
        style.append(("LINEABOVE", (0, 0), (-1, 0), 0.4, HAIRLINE))
    return style
