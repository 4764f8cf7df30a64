"""Word, by python-docx for the package and its styles; the text itself is walked over in reading order.

The walk sees what python-docx's paragraphs do not: content controls, tracked insertions, text boxes, footnotes.
Deleted text is left out. Elements are those of ISO/IEC 29500-1, 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO

from massgen_document.blocks import (
    Align,
    Block,
    Break,
    Line,
    Note,
    Paragraph,
    Picture,
    Span,
    Table,
    words,
)
from massgen_document.reading.lists import Entry, gathered
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.package import open_package
from massgen_document.reading.told import told
from massgen_document.reading.word_styles import Styles
from massgen_document.reading.xml import parse_xml
from massgen_document.text.markdown import joined, trimmed

_docx: Any = import_module("docx")
_qn: Any = import_module("docx.oxml.ns").qn

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_INSIDE = {f"{_W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "smartTag", "moveTo", "fldSimple")}
"""What only wraps other content."""


def open_word(file: BinaryIO) -> Opened:
    """A Word document.

    Raises:
        ToolFailed: It is broken or a bomb.
    """
    open_package(file)
    file.seek(0)
    with told("the Word file is broken"):
        document = _docx.Document(file)
        reader = _Reader(document)
        facts = _facts(document)
    opened = Opened(
        kind="docx", word="document", count=1, parts=lambda first: iter([_whole(opened, reader)]), facts=facts
    )
    return opened


def _whole(opened: Opened, reader: _Reader) -> Part:
    def blocks() -> Iterator[Block]:
        with told("the Word file is broken"):
            yield from reader.blocks(opened)

    return Part(number=1, blocks=blocks)


def _facts(document: Any) -> dict[str, Any]:
    about = document.core_properties
    named = (("title", about.title), ("author", about.author), ("subject", about.subject), ("keywords", about.keywords))
    facts: dict[str, Any] = {key: str(value)[:500] for key, value in named if value}
    body = document.element.body
    facts["paragraphs"] = sum(1 for _ in body.iter(f"{_W}p"))
    facts["tables"] = sum(1 for _ in body.iter(f"{_W}tbl"))
    facts["pictures"] = sum(1 for _ in body.iter(f"{_W}drawing"))
    return facts


class _Reader:
    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = Styles(document)
        self._comments: dict[str, str] = {}

    def blocks(self, opened: Opened) -> Iterator[Block]:
        """Header, text, footnotes and footer."""
        self._comments = _texts(self._document.part, "comments", "comment")
        running = list(self._running())
        yield from (Note(text=f"{where}: {text}") for where, text in running if where == "header")
        yield from self._gathered(self._document.element.body)
        for kind in ("footnotes", "endnotes"):
            for number, text in _texts(self._document.part, kind, kind[:-1]).items():
                if text and not number.startswith("-") and number != "0":
                    yield Paragraph(line=words(f"[^{number}]: {text}"))
        yield from (Note(text=f"{where}: {text}") for where, text in running if where == "footer")
        if self._document.element.body.find(f".//{_W}del") is not None:
            opened.say("text that was deleted with changes tracked is left out, what was inserted is shown")

    def _running(self) -> Iterator[tuple[str, str]]:
        """What is at the head and the foot of pages, each once."""
        seen: set[str] = set()
        for section in self._document.sections[:50]:
            for where, part in (("header", section.header), ("footer", section.footer)):
                text = " / ".join(paragraph.text.strip() for paragraph in part.paragraphs if paragraph.text.strip())
                text = text.replace("\t", " ").strip()
                if not part.is_linked_to_previous and text and text not in seen:
                    seen.add(text)
                    yield where, text

    def _gathered(self, parent: Any) -> Iterator[Block]:
        return gathered(self._entries(parent))

    def _entries(self, parent: Any) -> Iterator[Entry]:
        for child in parent:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield Entry(block=self._table(child))
            elif child.tag in _INSIDE:
                yield from self._entries(child)

    def _paragraph(self, element: Any) -> Iterator[Entry]:
        spans = list(self._spans(element))
        line = trimmed(joined(spans))
        entry = self._styles.entry(element, line)
        if entry is not None:
            yield entry
        if any(one.get(f"{_W}type") == "page" for one in element.iter(f"{_W}br")):
            yield Entry(block=Break())
        for picture in _pictures(element):
            yield Entry(block=picture)
        for box in _outermost_boxes(element):
            yield from (Entry(block=block) for block in self._gathered(box))
        for mark in element.iter(f"{_W}commentReference"):
            if text := self._comments.get(mark.get(f"{_W}id", ""), ""):
                yield Entry(block=Note(text=text))

    def _spans(self, parent: Any, link: str = "") -> Iterator[Span]:
        for child in parent:
            if child.tag == f"{_W}r":
                yield from self._run(child, link)
            elif child.tag == f"{_W}hyperlink":
                yield from self._spans(child, self._target(child) or link)
            elif child.tag in _INSIDE:
                yield from self._spans(child, link)

    def _target(self, element: Any) -> str:
        relation = self._document.part.rels.get(element.get(_qn("r:id"), ""))
        return str(relation.target_ref) if relation is not None and relation.is_external else ""

    def _run(self, element: Any, link: str) -> Iterator[Span]:
        text = "".join(_words_of(child) for child in element)
        if text:
            look = element.find(f"{_W}rPr")
            yield Span(
                text=text,
                bold=_is_on(look, "b"),
                italic=_is_on(look, "i"),
                struck=_is_on(look, "strike"),
                code=self._styles.is_code(look),
                link=link,
            )

    def _table(self, element: Any) -> Table:
        rows: list[tuple[Line, ...]] = []
        for row in _rows(element):
            cells = (child for child in _unwrapped(row) if child.tag == f"{_W}tc")
            rows.append(tuple(line for cell in cells for line in self._cell(cell)))
        return Table(rows=tuple(_without_bold_head(rows)), aligns=_aligns(element))

    def _cell(self, cell: Any) -> Iterator[Line]:
        """The text of a cell, and an empty one for every further column that it spans; empty where it is merged up."""
        properties = cell.find(f"{_W}tcPr")
        merged = properties.find(f"{_W}vMerge") if properties is not None else None
        is_below = merged is not None and merged.get(f"{_W}val", "continue") == "continue"
        spans: list[Span] = []
        for paragraph in () if is_below else cell.iter(f"{_W}p"):
            if spans:
                spans.append(Span(text="\n"))
            spans += self._spans(paragraph)
        yield trimmed(joined(spans))
        span = properties.find(f"{_W}gridSpan") if properties is not None else None
        for _ in range(min(int(span.get(f"{_W}val", "1")), 64) - 1 if span is not None else 0):
            yield ()


def _aligns(table: Any) -> tuple[Align, ...]:
    """How the columns are set, as the second row says."""
    row = next(islice(_rows(table), 1, None), None)
    cells = [child for child in _unwrapped(row) if child.tag == f"{_W}tc"] if row is not None else []
    found = (cell.find(f"{_W}p/{_W}pPr/{_W}jc") for cell in cells)
    names = (one.get(f"{_W}val", "") if one is not None else "" for one in found)
    aligns: tuple[Align, ...] = tuple(_ALIGNS.get(name, "") for name in names)
    return aligns if any(aligns) else ()


_ALIGNS: dict[str, Align] = {"left": "left", "start": "left", "center": "center", "right": "right", "end": "right"}


def _rows(table: Any) -> Iterator[Any]:
    return (child for child in _unwrapped(table) if child.tag == f"{_W}tr")


def _unwrapped(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag in _INSIDE:
            yield from _unwrapped(child)
        else:
            yield child


def _without_bold_head(rows: list[tuple[Line, ...]]) -> Iterable[tuple[Line, ...]]:
    """Rows whose header is not bold as well: it is the header by its place."""
    for number, row in enumerate(rows):
        yield tuple(tuple(replace(span, bold=False) for span in line) for line in row) if number == 0 else row


def _words_of(element: Any) -> str:
    match element.tag.removeprefix(_W):
        case "t":
            return element.text or ""
        case "tab" | "ptab":
            return "\t"
        case "br" if element.get(f"{_W}type") in ("page", "column"):
            return ""
        case "br" | "cr":
            return "\n"
        case "noBreakHyphen":
            return "\u2011"
        case "sym":
            return "\ufffd"
        case "footnoteReference" | "endnoteReference":
            return f"[^{element.get(f'{_W}id')}]"
        case _:
            return ""


def _is_on(look: Any, name: str) -> bool:
    element = look.find(f"{_W}{name}") if look is not None else None
    return element is not None and element.get(f"{_W}val", "1") not in ("0", "false", "off", "none")


def _pictures(element: Any) -> Iterator[Picture]:
    for drawing in element.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
        parent = drawing.getparent()
        if parent.find(".//{http://schemas.openxmlformats.org/drawingml/2006/picture}pic") is not None:
            yield Picture(source=drawing.get("name") or "picture", alt=drawing.get("descr") or "")


def _outermost_boxes(element: Any) -> Iterator[Any]:
    """Text boxes; the copy of each that is there for old programs is passed over."""
    old = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
    for box in element.iter(f"{_W}txbxContent"):
        above = [one.tag for one in box.iterancestors()]
        if old not in above and f"{_W}txbxContent" not in above:
            yield box


def _texts(part: Any, kind: str, name: str) -> dict[str, str]:
    """The texts of a part that belongs to the document (footnotes, comments), by their numbers."""
    for relation in part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            root = parse_xml(relation.target_part.blob)
            return {one.get(f"{_W}id", ""): _plain(one) for one in root.iter(f"{_W}{name}")}
    return {}


def _plain(element: Any) -> str:
    parts = ("".join(text.text or "" for text in one.iter(f"{_W}t")) for one in element.iter(f"{_W}p"))
    return "\n".join(parts).strip()
