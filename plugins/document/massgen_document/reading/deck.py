"""PowerPoint, by python-pptx: the title of each slide, what is on it from top to bottom, and the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Break, Code, Heading, Line, Note, Paragraph, Picture, Span, Table, words
from massgen_document.reading.lists import Entry, gathered
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.package import open_package
from massgen_document.reading.told import told
from massgen_document.text.markdown import joined, trimmed

_pptx: Any = import_module("pptx")

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MONO = ("consolas", "courier", "mono", "menlo")
_MOST_GROUPS = 20
_MOST_ROWS = 5_000


def open_deck(file: BinaryIO) -> Opened:
    """A presentation.

    Raises:
        ToolFailed: It is broken or a bomb.
    """
    open_package(file)
    file.seek(0)
    with told("the presentation is broken"):
        deck = _pptx.Presentation(file)
        slides = list(deck.slides)
        names = [_title_text(slide) for slide in slides]
        facts = _facts(deck)
    opened = Opened(
        kind="pptx", word="slide", count=len(slides), parts=lambda first: _slides(opened, slides, first), facts=facts
    )
    opened.facts["outline"] = [{"title": name, "slide": number} for number, name in enumerate(names[:200], 1) if name]
    return opened


def _facts(deck: Any) -> dict[str, Any]:
    about = deck.core_properties
    named = (("title", about.title), ("author", about.author), ("subject", about.subject), ("keywords", about.keywords))
    facts: dict[str, Any] = {key: str(value)[:500] for key, value in named if value}
    if deck.slide_width and deck.slide_height:
        facts["slide_size"] = f"{round(deck.slide_width / 12700)} x {round(deck.slide_height / 12700)} points"
    return facts


def _title_text(slide: Any) -> str:
    title = slide.shapes.title
    return title.text_frame.text.replace("\v", " ").strip()[:200] if title is not None else ""


def _slides(opened: Opened, slides: list[Any], first: int) -> Iterator[Part]:
    for number in range(first, opened.count + 1):
        yield _part(opened, slides[number - 1], number)


def _part(opened: Opened, slide: Any, number: int) -> Part:
    def blocks() -> Iterator[Block]:
        try:
            with told(f"slide {number} is broken from some point on"):
                yield from _slide(opened, slide, number)
        except ToolFailed as problem:
            opened.say(str(problem))

    def shown() -> Iterator[str]:
        own = Part(number=number, blocks=lambda: (block for block in blocks() if not isinstance(block, Break)))
        yield from own.texts()

    label = f"<!-- slide {number} of {opened.count} -->\n\n"
    return Part(number=number, label=label, blocks=blocks, texts_of=shown)


def _slide(opened: Opened, slide: Any, number: int) -> Iterator[Block]:
    if number > 1:
        yield Break()
    if slide._element.get("show") == "0":
        yield Note(text="this slide is hidden")
    links = _links(slide)
    title = slide.shapes.title
    if title is not None and (line := _flat(title.text_frame, links)):
        is_first = number == 1 or "title slide" in slide.slide_layout.name.lower()
        yield Heading(level=1 if is_first else 2, line=line)
    others = (shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id)
    for shape in sorted(others, key=_place):
        yield from _shape(opened, shape, links, 0)
    if notes := _notes(slide):
        yield Note(text=notes)


def _notes(slide: Any) -> str:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return frame.text.strip() if frame is not None else ""


def _place(shape: Any) -> tuple[int, int]:
    return (shape.top or 0) // 200_000, shape.left or 0


def _shape(opened: Opened, shape: Any, links: Mapping[str, str], depth: int) -> Iterator[Block]:
    if shape.name == "Foot" or (shape.is_placeholder and _type(shape) in _RUNNING):
        return
    if hasattr(shape, "shapes"):
        if depth < _MOST_GROUPS:
            for inner in sorted(shape.shapes, key=_place):
                yield from _shape(opened, inner, links, depth + 1)
    elif getattr(shape, "has_table", False):
        yield _table(shape.table, links)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    elif shape.has_text_frame:
        bulleted = shape.is_placeholder and _type(shape) in ("BODY", "OBJECT")
        yield from gathered(_entries(shape.text_frame, links, bulleted=bulleted))
    elif hasattr(shape, "image"):
        yield _picture(shape)
    elif "diagram" in str(shape._element.xml[:4000]):
        opened.say("a diagram (SmartArt) was left out: its text is not read")


_RUNNING = ("SLIDE_NUMBER", "FOOTER", "DATE")
"""Placeholders that say the same on every slide."""


def _type(shape: Any) -> str:
    return str(shape.placeholder_format.type).split(" ")[0]


def _picture(shape: Any) -> Picture:
    about = shape._element.nvPicPr.cNvPr
    return Picture(source=str(shape.name), alt=str(about.get("descr") or ""))


def _entries(frame: Any, links: Mapping[str, str], *, bulleted: bool) -> Iterator[Entry]:
    for paragraph in frame.paragraphs:
        line = _line(paragraph._p, links)
        if not line:
            continue
        if all(span.code for span in line):
            yield Entry(block=Code(text="".join(span.text for span in _spans(paragraph._p, links))))
            continue
        mark = _mark(paragraph._p)
        if (mark is None and not bulleted) or mark == "none":
            yield Entry(block=Paragraph(line=line))
            continue
        start = paragraph._p.find(f"{_A}pPr/{_A}buAutoNum")
        yield Entry(
            block=Paragraph(line=line),
            level=paragraph.level or 0,
            ordered=mark == "number",
            start=int(start.get("startAt", "1")) if start is not None else 1,
            group=mark or "bullet",
        )


def _mark(element: Any) -> str | None:
    """What stands before a paragraph: none, a bullet or a number; None where that is left to the layout."""
    properties = element.find(f"{_A}pPr")
    for child in properties if properties is not None else ():
        match child.tag.removeprefix(_A):
            case "buNone":
                return "none"
            case "buAutoNum":
                return "number"
            case "buChar" | "buBlip":
                return "bullet"
            case _:
                pass
    return None


def _flat(frame: Any, links: Mapping[str, str]) -> Line:
    spans: list[Span] = []
    for paragraph in frame.paragraphs:
        spans += [Span(text=" ")] if spans else []
        spans += (Span(text=span.text.replace("\n", " "), italic=span.italic) for span in _spans(paragraph._p, links))
    return trimmed(joined(spans))


def _line(element: Any, links: Mapping[str, str]) -> Line:
    return trimmed(joined(list(_spans(element, links))))


def _spans(element: Any, links: Mapping[str, str]) -> Iterator[Span]:
    for child in element:
        match child.tag.removeprefix(_A):
            case "r":
                yield from _run(child, links)
            case "br":
                yield Span(text="\n")
            case "fld":
                yield Span(text=child.findtext(f"{_A}t") or "")
            case _:
                pass


def _run(element: Any, links: Mapping[str, str]) -> Iterator[Span]:
    text = (element.findtext(f"{_A}t") or "").replace("\v", "\n")
    look = element.find(f"{_A}rPr")
    if not text:
        return
    if look is None:
        yield Span(text=text)
        return
    font = look.find(f"{_A}latin")
    yield Span(
        text=text,
        bold=look.get("b") in ("1", "true"),
        italic=look.get("i") in ("1", "true"),
        struck=look.get("strike", "noStrike") != "noStrike",
        code=font is not None and any(name in font.get("typeface", "").lower() for name in _MONO),
        link=_target(look, links),
    )


def _target(look: Any, links: Mapping[str, str]) -> str:
    link = look.find(f"{_A}hlinkClick")
    return links.get(link.get(_ID, ""), "") if link is not None else ""


def _links(slide: Any) -> dict[str, str]:
    relations = slide.part.rels.items()
    return {name: str(relation.target_ref) for name, relation in relations if relation.is_external}


def _table(table: Any, links: Mapping[str, str]) -> Table:
    rows: list[tuple[Line, ...]] = []
    for number, row in enumerate(table._tbl.tr_lst[:_MOST_ROWS]):
        cells = (_cell(cell, links) for cell in row.tc_lst)
        rows.append(tuple(tuple(replace(s, bold=s.bold and number > 0) for s in line) for line in cells))
    return Table(rows=tuple(rows))


def _cell(cell: Any, links: Mapping[str, str]) -> Line:
    spans: list[Span] = []
    for paragraph in cell.iter(f"{_A}p"):
        spans += [Span(text="\n")] if spans else []
        spans += _spans(paragraph, links)
    return trimmed(joined(spans))


def _chart(chart: Any) -> Iterator[Block]:
    """A chart as the table of its numbers."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Paragraph(line=words(f"Chart: {chart.chart_title.text_frame.text}"))
    for plot in list(chart.plots)[:8]:
        series = list(plot.series)[:50]
        head = (words(""), *(words(str(one.name)) for one in series))
        rows = _points([str(label) for label in plot.categories][:1000], [list(one.values)[:1000] for one in series])
        yield Table(rows=(head, *rows))


def _points(labels: list[str], values: list[list[Any]]) -> Iterable[tuple[Line, ...]]:
    for number, label in enumerate(labels):
        numbers = (column[number] if number < len(column) else None for column in values)
        yield (words(label), *(words("" if value is None else f"{value:.15g}") for value in numbers))
