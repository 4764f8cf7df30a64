"""Word (WordprocessingML, ISO/IEC 29500), by python-docx: real styles, lists and tables, so that it can be edited."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, BinaryIO

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
    words,
)
from massgen_document.writing.columns import column_widths, in_parts
from massgen_document.writing.facts import without_dates, write_facts
from massgen_document.writing.links import safe_link
from massgen_document.writing.pictures import ready
from massgen_document.writing.request import Job
from massgen_document.writing.word_style import finish_table, numbering, prepare, shade, table_look
from massgen_document.writing.zipping import pack_again

_docx: Any = import_module("docx")
_shared: Any = import_module("docx.shared")
_text: Any = import_module("docx.text.paragraph")
_oxml: Any = import_module("docx.oxml")
_qn: Any = import_module("docx.oxml.ns").qn
_breaks: Any = import_module("docx.enum.text").WD_BREAK
_alignments: Any = import_module("docx.enum.text").WD_ALIGN_PARAGRAPH

_DEEPEST = 9
"""Levels of a list in Word."""


def write_word(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write a Word file; returns how many paragraphs and tables it has.

    Raises:
        ToolFailed: A picture that cannot be read.
    """
    document = _docx.Document()
    prepare(document, job)
    _Writer(document, job).blocks(blocks, document)
    write_facts(document.core_properties, job.about)
    made = io.BytesIO()
    document.save(made)
    pack_again(made, out, without_dates)
    return {"paragraphs": len(document.paragraphs), "tables": len(document.tables)}


class _Writer:
    def __init__(self, document: Any, job: Job) -> None:
        self._document = document
        self._job = job
        self._styles = {style.name: style.style_id for style in document.styles}
        section = document.sections[0]
        self._width = _shared.Emu(section.page_width - section.left_margin - section.right_margin)
        self._height = section.page_height - section.top_margin - section.bottom_margin

    def _new(self, where: Any, style: str) -> Any:
        """A new paragraph; its style is set by its id, since looking for names takes long in long documents."""
        paragraph = where.add_paragraph()
        paragraph._p.style = self._styles[style]
        return paragraph

    def blocks(self, blocks: Iterable[Block], where: Any, style: str = "Normal", level: int = 0) -> None:
        """Put blocks at the end of a body or a cell."""
        for block in blocks:
            self._block(block, where, style, level)

    def _block(self, block: Block, where: Any, style: str, level: int) -> None:
        match block:
            case Heading():
                self._line(block.line, self._new(where, f"Heading {block.level}"))
            case Paragraph():
                self._line(block.line, self._new(where, style))
            case Items():
                self._items(block, where, level)
            case Table():
                self._tables(block, where)
            case Quote():
                self.blocks(block.blocks, where, "Quote", level)
            case Code():
                self._code(block, where)
            case Picture():
                self._picture(block, where)
            case Break():
                where.add_paragraph().add_run().add_break(_breaks.PAGE)
            case Note():
                self._note(block, where)

    def _line(self, line: Line, paragraph: Any, *, bold: bool = False) -> None:
        for span in line:
            if address := safe_link(span.link):
                self._link(span, address, paragraph)
            else:
                _dress(paragraph.add_run(span.text), span, self._styles["Code Words"], bold=bold)

    def _link(self, span: Span, address: str, paragraph: Any) -> None:
        related = import_module("docx.opc.constants").RELATIONSHIP_TYPE.HYPERLINK
        element = _oxml.OxmlElement("w:hyperlink")
        element.set(_qn("r:id"), paragraph.part.relate_to(address, related, is_external=True))
        run = paragraph.add_run(span.text)
        _dress(run, span, self._styles["Code Words"])
        run._r.style = self._styles["Hyperlink"]
        element.append(run._r)
        paragraph._p.append(element)

    def _items(self, block: Items, where: Any, level: int) -> None:
        depth = min(level, _DEEPEST - 1)
        number = numbering(self._document, ordered=block.ordered, start=block.start)
        style = "List Number" if block.ordered else "List Bullet"
        for item in block.items:
            first, rest = (item[0], item[1:]) if item and isinstance(item[0], Paragraph) else (Paragraph(line=()), item)
            paragraph = self._new(where, style)
            _set_level(paragraph, number, depth)
            self._line(first.line, paragraph)
            for part in rest:
                before = len(where.paragraphs)
                self._block(part, where, "List Continue", level + 1)
                if isinstance(part, Paragraph):
                    indent = _shared.Cm(0.75 * (depth + 1))
                    for added in where.paragraphs[before:]:
                        added.paragraph_format.left_indent = indent

    def _tables(self, block: Table, where: Any) -> None:
        for table in in_parts(block, self._width.pt, self._job):
            self._table(table, where)

    def _table(self, block: Table, where: Any) -> None:
        if not (columns := block.width):
            return
        at_top = where is self._document
        table = where.add_table(rows=0, cols=columns) if at_top else where.add_table(0, columns)
        table_look(table, column_widths(block.rows, columns, self._width.pt, 10), has_header=block.has_header)
        aligns = [*block.aligns, *[""] * columns]
        for number, row in enumerate(block.rows):
            made = table._tbl.add_tr()
            for column in range(columns):
                paragraph = _text.Paragraph(made.add_tc().p_lst[0], table)
                paragraph._p.style = self._styles["Table Words"]
                if aligns[column]:
                    paragraph.alignment = getattr(_alignments, aligns[column].upper())
                if column < len(row):
                    self._line(row[column], paragraph, bold=block.has_header and number == 0)
        finish_table(table, has_header=block.has_header)
        self._new(where, "Table Gap")

    def _code(self, block: Code, where: Any) -> None:
        paragraph = self._new(where, "Code")
        shade(paragraph)
        paragraph.add_run(block.text.expandtabs(4))

    def _picture(self, block: Picture, where: Any) -> None:
        file = self._job.pictures.get(block.source)
        if file is None:
            self._job.warn(f"the picture {block.source} is not in the document: it was not found in the workspace")
            self._line(words(f"[{block.alt or block.source}]"), self._new(where, "Caption"))
            return
        drawn = ready(file, block.source)
        scale = min(9525, self._width / drawn.width, self._height * 0.9 / drawn.height)
        paragraph = where.add_paragraph()
        paragraph.alignment = _alignments.CENTER
        shape = paragraph.add_run().add_picture(io.BytesIO(drawn.data), width=int(drawn.width * scale))
        shape._inline.docPr.set("descr", block.alt)
        if block.alt:
            paragraph.paragraph_format.keep_with_next = True
            self._line(words(block.alt), self._new(where, "Caption"))

    def _note(self, block: Note, where: Any) -> None:
        if where is self._document and where.paragraphs:
            runs = where.paragraphs[-1].runs or [where.paragraphs[-1].add_run()]
            self._document.add_comment(runs=runs, text=block.text, author=self._job.about.author or "Note")
        else:
            self._job.warn("a note inside a list, a quote or before the text was left out")


def _dress(run: Any, span: Span, code: str, *, bold: bool = False) -> None:
    run.bold = (span.bold or bold) or None
    run.italic = span.italic or None
    run.font.strike = span.struck or None
    if span.code:
        run._r.style = code


def _set_level(paragraph: Any, number: int, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = number
