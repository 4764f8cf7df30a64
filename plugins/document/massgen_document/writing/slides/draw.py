"""Puts text, tables and pictures onto a slide."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from massgen_document.blocks import Line, Picture, Table, words
from massgen_document.writing.columns import column_widths
from massgen_document.writing.links import safe_link
from massgen_document.writing.pictures import ready
from massgen_document.writing.request import Job
from massgen_document.writing.slides.atoms import Piece, row_heights, size_of

_util: Any = import_module("pptx.util")
_oxml: Any = import_module("pptx.oxml")
_color: Any = import_module("pptx.dml.color").RGBColor
_theme: Any = import_module("pptx.enum.dml").MSO_THEME_COLOR
_text: Any = import_module("pptx.enum.text")

_NAMES = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_STEP = 22.0
_CODE = "Consolas"
_INK, _QUIET = "1F2933", "6B7785"
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The built-in style "No Style, No Grid"."""

Box = tuple[float, float, float, float]
"""Left, top, width and height in points."""


def pieces_into(frame: Any, pieces: Sequence[Piece], size: float) -> None:
    """Fill a text frame with paragraphs, ``size`` points large."""
    frame.word_wrap = True
    frame.auto_size = _text.MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = _text.MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, piece in enumerate(pieces):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        _paragraph(paragraph, piece, size)


def _paragraph(paragraph: Any, piece: Piece, size: float) -> None:
    own = size_of(piece.look, size)
    paragraph.level = min(piece.level, 8)
    paragraph.line_spacing = 1.0
    paragraph.space_before = _util.Pt(0)
    paragraph.space_after = _util.Pt(0 if piece.look == "code" else size * 0.4)
    line_into(paragraph, piece.line, own, look=piece.look)
    _mark(paragraph, piece)


def line_into(paragraph: Any, line: Line, size: float, *, look: str = "text", color: str = _INK) -> None:
    """Fill a paragraph with the runs of a line."""
    for span in line:
        for number, part in enumerate(span.text.split("\n")):
            if number:
                paragraph.add_line_break()
            run = paragraph.add_run()
            run.text = part
            font = run.font
            font.size = _util.Pt(round(size * (0.92 if span.code and look != "code" else 1), 1))
            font.bold = True if span.bold or look == "heading" else None
            font.italic = True if span.italic else None
            font.color.rgb = _color.from_string(_QUIET if look == "quote" else color)
            if look == "heading":
                font.color.theme_color = _theme.TEXT_2
            if span.code or look == "code":
                font.name = _CODE
            if span.struck:
                run._r.get_or_add_rPr().set("strike", "sngStrike")
            if (address := safe_link(span.link)) and part:
                run.hyperlink.address = address


def _mark(paragraph: Any, piece: Piece) -> None:
    """Set the indent, and a bullet or number; none where the piece has none."""
    properties = paragraph._p.get_or_add_pPr()
    indent = _util.Pt(_STEP) if piece.mark else 0
    left = _util.Pt(_STEP * piece.level + (12 if piece.look in ("quote", "code") else 0)) + indent
    properties.set("marL", str(int(left)))
    properties.set("indent", str(-int(indent)))
    if not piece.mark:
        properties.append(_oxml.parse_xml(f"<a:buNone {_NAMES}/>"))
    elif piece.mark.endswith("."):
        start = f'startAt="{piece.mark[:-1]}"' if 1 <= int(piece.mark[:-1]) <= 32767 else ""
        properties.append(_oxml.parse_xml(f'<a:buAutoNum {_NAMES} type="arabicPeriod" {start}/>'))
    else:
        properties.append(_oxml.parse_xml(f'<a:buClr {_NAMES}><a:schemeClr val="accent1"/></a:buClr>'))
        properties.append(_oxml.parse_xml(f'<a:buFont {_NAMES} typeface="Arial"/>'))
        properties.append(_oxml.parse_xml(f'<a:buChar {_NAMES} char="•"/>'))


def shaded(slide: Any, box: Box) -> Any:
    """A text box on a light ground, for code."""
    shape = slide.shapes.add_textbox(*(_util.Pt(side) for side in box))
    shape.fill.solid()
    shape.fill.fore_color.theme_color = _theme.BACKGROUND_2
    return shape


def table_into(slide: Any, table: Table, box: Box, size: float) -> None:
    """Put a table onto the slide: hairlines, a strong line under the header."""
    left, top, width, _ = box
    heights = row_heights(table, width, size)
    wide = column_widths(table.rows, table.width, width, size)
    frame = slide.shapes.add_table(
        len(table.rows), table.width, *(_util.Pt(side) for side in (left, top, sum(wide), sum(heights)))
    )
    made = frame.table
    made._tbl.tblPr.find(f"{{{_A}}}tableStyleId").text = _PLAIN_TABLE
    made.first_row, made.horz_banding = table.has_header, False
    for column, points in enumerate(wide):
        made.columns[column].width = _util.Pt(points)
    columns = len(wide)
    aligns = [*table.aligns, *[""] * columns]
    for number, row in enumerate(table.rows):
        made.rows[number].height = _util.Pt(heights[number])
        is_head = table.has_header and number == 0
        for column in range(columns):
            line = row[column] if column < len(row) else ()
            _cell(made.cell(number, column), line, aligns[column], size, is_head=is_head)


_A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def _cell(cell: Any, line: Line, align: str, size: float, *, is_head: bool) -> None:
    cell.margin_left = cell.margin_right = _util.Pt(6)
    cell.margin_top = cell.margin_bottom = _util.Pt(4)
    cell.vertical_anchor = _text.MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = getattr(_text.PP_ALIGN, align.upper(), None) if align else None
    line_into(paragraph, line, size, look="heading" if is_head else "text")
    points, color = (14_000, "14304F") if is_head else (6_350, "D5DBE1")
    border = f'<a:lnB {_NAMES} w="{points}"><a:solidFill><a:srgbClr val="{color}"/></a:solidFill></a:lnB>'
    cell._tc.get_or_add_tcPr().append(_oxml.parse_xml(border))


def picture_into(slide: Any, picture: Picture, job: Job, *, box: Box, at_top: bool = False) -> None:
    """Put a picture into the middle of a box, as large as it fits but not larger than it is at 96 dpi times two."""
    left, top, width, height = box
    file = job.pictures.get(picture.source)
    if file is None:
        job.warn(f"the picture {picture.source} is not in the document: it was not found in the workspace")
        shape = slide.shapes.add_textbox(*(_util.Pt(side) for side in box))
        pieces_into(shape.text_frame, [Piece(line=words(f"[{picture.alt or picture.source}]"), look="quote")], 14)
        return
    drawn = ready(file, picture.source)
    scale = min(width / drawn.width, height / drawn.height, 1.5)
    wide, high = drawn.width * scale, drawn.height * scale
    place = (left + (width - wide) / 2, top + (0 if at_top else (height - high) / 2), wide, high)
    shape = slide.shapes.add_picture(io.BytesIO(drawn.data), *(_util.Pt(side) for side in place))
    shape._element.nvPicPr.cNvPr.set("descr", picture.alt)


def number_into(slide: Any, number: int, title: str, *, width: float, top: float, left: float) -> None:
    """The deck's title and the slide's number at the foot."""
    shape = slide.shapes.add_textbox(*(_util.Pt(side) for side in (left, top, width, 18)))
    shape.name = "Foot"
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = 0
    paragraph = frame.paragraphs[0]
    stops = f'<a:tabLst {_NAMES}><a:tab pos="{int(_util.Pt(width))}" algn="r"/></a:tabLst>'
    paragraph._p.get_or_add_pPr().append(_oxml.parse_xml(stops))
    line_into(paragraph, words(f"{title[:90]}\t"), 10, color=_QUIET)
    look = f'<a:rPr lang="en-US" sz="1000"><a:solidFill><a:srgbClr val="{_QUIET}"/></a:solidFill></a:rPr>'
    start = f'<a:fld {_NAMES} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">'
    paragraph._p.append(_oxml.parse_xml(f"{start}{look}<a:t>{number}</a:t></a:fld>"))
