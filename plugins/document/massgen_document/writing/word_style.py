"""The look of a Word file, put into its styles, so that whoever edits it changes it in one place."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from massgen_document.writing.request import Job

_shared: Any = import_module("docx.shared")
_oxml: Any = import_module("docx.oxml")
_qn: Any = import_module("docx.oxml.ns").qn
_kinds: Any = import_module("docx.enum.style").WD_STYLE_TYPE
_alignments: Any = import_module("docx.enum.text").WD_ALIGN_PARAGRAPH

_TEXT, _CODE = "Calibri", "Consolas"
_DARK, _INK, _QUIET, _ACCENT = "14304F", "1F2933", "6B7785", "1C6DD0"
_HAIRLINE, _SHADE = "D5DBE1", "F4F6F8"
_HEADINGS = {1: (22, 20, 8), 2: (16, 16, 6), 3: (13, 12, 4), 4: (11.5, 10, 3), 5: (11, 8, 2), 6: (11, 8, 2)}
"""Size, space before and after, in points."""


def prepare(document: Any, job: Job) -> None:
    """Set page, styles and footer of a new document."""
    section = document.sections[0]
    paper = (21.0, 29.7) if job.paper == "A4" else (21.59, 27.94)
    section.page_width, section.page_height = (_shared.Cm(side) for side in paper)
    section.left_margin = section.right_margin = _shared.Cm(2.4)
    section.top_margin, section.bottom_margin = _shared.Cm(2.3), _shared.Cm(2.3)
    _text_styles(document.styles)
    for level, look in _HEADINGS.items():
        _heading(document.styles[f"Heading {level}"], *look)
    _footer(section, job.about.title)


def _text_styles(styles: Any) -> None:
    normal = styles["Normal"]
    _font(normal, _TEXT, 11, _INK)
    normal.paragraph_format.space_after = _shared.Pt(8)
    normal.paragraph_format.line_spacing = 1.2
    for name in ("List Bullet", "List Number", "List Continue"):
        styles[name].paragraph_format.space_after = _shared.Pt(3)
    quote = styles["Quote"]
    _font(quote, _TEXT, 11, _QUIET)
    quote.font.italic = False
    quote.paragraph_format.left_indent = _shared.Cm(0.6)
    _border(quote.element.get_or_add_pPr(), "left", 18, 10)
    caption = styles["Caption"]
    _font(caption, _TEXT, 9, _QUIET)
    caption.font.bold = False
    caption.paragraph_format.alignment = _alignments.CENTER
    gap = styles.add_style("Table Gap", _kinds.PARAGRAPH)
    _font(gap, _TEXT, 6, _INK)
    gap.paragraph_format.space_after = _shared.Pt(4)
    cell = styles.add_style("Table Words", _kinds.PARAGRAPH)
    _font(cell, _TEXT, 10, _INK)
    cell.paragraph_format.space_after = 0
    cell.paragraph_format.line_spacing = 1.1
    code = styles.add_style("Code", _kinds.PARAGRAPH)
    _font(code, _CODE, 9, _INK)
    code.paragraph_format.line_spacing = 1.15
    inline = styles.add_style("Code Words", _kinds.CHARACTER)
    _font(inline, _CODE, 9.5, _INK)
    link = styles.add_style("Hyperlink", _kinds.CHARACTER)
    link.font.color.rgb = _shared.RGBColor.from_string(_ACCENT)


def _heading(style: Any, size: float, before: float, after: float) -> None:
    _font(style, _TEXT, size, _DARK)
    style.font.bold, style.font.italic = True, False
    style.paragraph_format.space_before = _shared.Pt(before)
    style.paragraph_format.space_after = _shared.Pt(after)
    style.paragraph_format.keep_with_next = True


def _font(style: Any, name: str, size: float, color: str) -> None:
    style.font.name = name
    style.font.size = _shared.Pt(size)
    style.font.color.rgb = _shared.RGBColor.from_string(color)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(_qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(_qn(f"w:{script}"), name)


def _border(properties: Any, side: str, eighths: int, space: int, color: str = _HAIRLINE) -> None:
    borders = _oxml.OxmlElement("w:pBdr")
    borders.append(_edge(side, eighths, color, space))
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc"
    )


def _edge(side: str, eighths: int, color: str, space: int = 0) -> Any:
    edge = _oxml.OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", eighths), ("space", space), ("color", color)):
        edge.set(_qn(f"w:{name}"), str(value))
    return edge


def shade(paragraph: Any) -> None:
    """Put a paragraph on a light ground."""
    ground = _oxml.OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        ground.set(_qn(f"w:{name}"), value)
    paragraph._p.get_or_add_pPr().append(ground)


def table_look(table: Any, widths: list[float], *, has_header: bool) -> None:
    """Hairlines between rows, room in the cells, columns ``widths`` points wide."""
    properties = table._tbl.tblPr
    borders = _oxml.OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH") if not has_header else ("bottom", "insideH"):
        borders.append(_edge(side, 4, _HAIRLINE))
    margins = _oxml.OxmlElement("w:tblCellMar")
    for side, room in (("top", 50), ("bottom", 60)):
        edge = _oxml.OxmlElement(f"w:{side}")
        edge.set(_qn("w:w"), str(room))
        edge.set(_qn("w:type"), "dxa")
        margins.append(edge)
    look = properties.find(_qn("w:tblLook"))
    table.autofit = False
    for element in (borders, properties.find(_qn("w:tblLayout")), margins, look):
        if element is not None:
            properties.append(element)  # in the order that the schema asks for
    if look is not None:
        look.set(_qn("w:firstRow"), "1" if has_header else "0")
    for column, width in zip(table.columns, widths, strict=True):
        column.width = _shared.Pt(width)


def finish_table(table: Any, *, has_header: bool) -> None:
    """Give the cells their columns' widths, and the header its line; it is repeated on every page."""
    widths = [column.width for column in table.columns]
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=False):
            cell.width = width
    if not has_header or not table._tbl.tr_lst:
        return
    first = table._tbl.tr_lst[0]
    first.get_or_add_trPr().append(_valued("w:tblHeader", "true"))
    for cell in first.tc_lst:
        borders = _oxml.OxmlElement("w:tcBorders")
        borders.append(_edge("bottom", 9, _DARK))
        cell.get_or_add_tcPr().append(borders)


def numbering(document: Any, *, ordered: bool, start: int) -> int:
    """A list of its own (its numbers start anew), nine levels deep; returns its number."""
    root = document.part.numbering_part.element
    kind = _oxml.OxmlElement("w:abstractNum")
    number = max((int(one.get(_qn("w:abstractNumId"))) for one in root.findall(_qn("w:abstractNum"))), default=-1) + 1
    kind.set(_qn("w:abstractNumId"), str(number))
    kind.append(_valued("w:multiLevelType", "multilevel"))
    for level in range(9):
        kind.append(_level(level, ordered=ordered, start=start if level == 0 else 1))
    first = root.find(_qn("w:num"))
    root.insert(root.index(first) if first is not None else len(root), kind)
    return root.add_num(number).numId


def _level(level: int, *, ordered: bool, start: int) -> Any:
    element = _oxml.OxmlElement("w:lvl")
    element.set(_qn("w:ilvl"), str(level))
    element.append(_valued("w:start", str(start)))
    element.append(_valued("w:numFmt", "decimal" if ordered else "bullet"))
    element.append(_valued("w:lvlText", f"%{level + 1}." if ordered else "•–◦"[level % 3]))
    element.append(_valued("w:lvlJc", "left"))
    properties = _oxml.OxmlElement("w:pPr")
    indent = _oxml.OxmlElement("w:ind")
    indent.set(_qn("w:left"), str(425 * (level + 1)))
    indent.set(_qn("w:hanging"), "425")
    properties.append(indent)
    element.append(properties)
    return element


def _valued(name: str, value: str) -> Any:
    element = _oxml.OxmlElement(name)
    element.set(_qn("w:val"), value)
    return element


def _footer(section: Any, title: str) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.style.font.size = _shared.Pt(8.5)
    paragraph.style.paragraph_format.tab_stops.clear_all()
    paragraph.style.font.color.rgb = _shared.RGBColor.from_string(_QUIET)
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(section.page_width - section.left_margin - section.right_margin, 2)
    paragraph.add_run(f"{title}\t")
    for field in ("PAGE", "NUMPAGES"):
        if field == "NUMPAGES":
            paragraph.add_run(" / ")
        element = _oxml.OxmlElement("w:fldSimple")
        element.set(_qn("w:instr"), field)
        run = paragraph.add_run("1")
        element.append(run._r)
        paragraph._p.append(element)
