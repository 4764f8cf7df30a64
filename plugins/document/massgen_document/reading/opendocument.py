"""OpenDocument (ISO/IEC 26300): texts, presentations and sheets, from their ``content.xml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import (
    Block,
    Break,
    Heading,
    Line,
    Note,
    Paragraph,
    Picture,
    Span,
    Table,
    plain,
    words,
)
from massgen_document.reading.lists import Entry, gathered
from massgen_document.reading.opened import Opened, Part, PartWord
from massgen_document.reading.package import open_package
from massgen_document.reading.told import told
from massgen_document.reading.xml import parse_xml
from massgen_document.text.markdown import joined, trimmed

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _DRAW = f"{_OASIS}text:1.0}}", f"{_OASIS}table:1.0}}", f"{_OASIS}drawing:1.0}}"
_OFFICE, _PRESENTATION = f"{_OASIS}office:1.0}}", f"{_OASIS}presentation:1.0}}"
_SVG = f"{_OASIS}svg-compatible:1.0}}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_MOST_REPEATS = 1000
"""Rows or columns that one element may stand for; the empty rest of a sheet says a million."""
_MOST_ROWS = 20_000
_DEEPEST = 8
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls", f"{_OFFICE}forms"}


def open_text(file: BinaryIO) -> Opened:
    """An OpenDocument text.

    Raises:
        ToolFailed: It is broken or a bomb.
    """
    body = _body(file, "text")
    return Opened(
        kind="odt",
        word="document",
        count=1,
        parts=lambda first: iter([Part(number=1, blocks=lambda: _blocks(body))]),
    )


def open_slides(file: BinaryIO) -> Opened:
    """An OpenDocument presentation."""
    return _parted(file, "presentation", "odp", "slide", f"{_DRAW}page")


def open_sheets(file: BinaryIO) -> Opened:
    """An OpenDocument spreadsheet."""
    return _parted(file, "spreadsheet", "ods", "sheet", f"{_TABLE}table")


def _parted(file: BinaryIO, part: str, kind: str, word: PartWord, tag: str) -> Opened:
    elements = [child for child in _body(file, part) if child.tag == tag]
    names = [str(one.get(f"{_TABLE}name") or one.get(f"{_DRAW}name") or "") for one in elements]

    def parts(first: int) -> Iterator[Part]:
        for number in range(first, len(elements) + 1):
            yield _part(elements[number - 1], names[number - 1], word, number, len(elements))

    return Opened(kind=kind, word=word, count=len(elements), names=names if word == "sheet" else [], parts=parts)


def _part(element: Any, name: str, word: str, number: int, count: int) -> Part:
    def blocks() -> Iterator[Block]:
        if word == "sheet":
            yield Heading(level=2, line=words(name))
            yield _table(element)
            return
        if number > 1:
            yield Break()
        yield from _blocks(element)

    def texts() -> Iterator[str]:
        shown = (block for block in blocks() if not isinstance(block, Break))
        yield from Part(number=number, blocks=lambda: shown).texts()

    return Part(number=number, label=f"<!-- {word} {number} of {count} -->\n\n", blocks=blocks, texts_of=texts)


def _body(file: BinaryIO, part: str) -> Any:
    package = open_package(file)
    with told("the OpenDocument file is broken"):
        body = parse_xml(package.read("content.xml")).find(f"{_OFFICE}body/{_OFFICE}{part}")
    if body is None:
        raise ToolFailed("", "the OpenDocument file is broken: it has no body")
    return body


def _blocks(parent: Any) -> Iterator[Block]:
    return gathered(_entries(parent))


def _entries(parent: Iterable[Any]) -> Iterator[Entry]:
    for child in parent:
        name = child.tag
        if name in _LEFT_OUT:
            continue
        if name == f"{_TEXT}list":
            yield from _items(child, 0, str(child.get(f"{_TEXT}style-name") or "list"))
        elif (made := _MAKERS.get(name)) is not None:
            yield from (Entry(block=block) for block in made(child))
        elif name == f"{_DRAW}frame" and child.get(f"{_PRESENTATION}class") == "title":
            lines = (_line(paragraph) for paragraph in child.iter(f"{_TEXT}p"))
            yield from (Entry(block=Heading(level=2, line=line)) for line in lines if line)
        else:
            yield from _entries(child)


def _items(element: Any, depth: int, group: str) -> Iterator[Entry]:
    """The items of a list, flat, each with its depth; an item that only holds a list is that list."""
    for item in element:
        if item.tag != f"{_TEXT}list-item":
            continue
        is_first = True
        for child in item:
            if child.tag == f"{_TEXT}list":
                yield from _items(child, min(depth + 1, _DEEPEST), group)
            else:
                for entry in _entries([child]):
                    level = depth if is_first and entry.level < 0 else entry.level
                    yield replace(entry, level=level, group=group, goes_on=not is_first)
                    is_first = False


def _heading(element: Any) -> Iterator[Block]:
    level = element.get(f"{_TEXT}outline-level", "1")
    yield Heading(level=min(int(level), 6) if level.isdigit() and int(level) else 1, line=_line(element))


def _paragraph(element: Any) -> Iterator[Block]:
    if line := _line(element):
        yield Paragraph(line=line)
    yield from _pictures(element)


def _notes(element: Any) -> Iterator[Block]:
    lines = (plain(_line(paragraph)) for paragraph in element.iter(f"{_TEXT}p"))
    if note := "\n".join(line for line in lines if line):
        yield Note(text=note)


def _pictures(element: Any) -> Iterator[Picture]:
    for frame in element.iter(f"{_DRAW}frame"):
        if frame.find(f"{_DRAW}image") is not None:
            alt = frame.findtext(f"{_SVG}desc") or frame.findtext(f"{_SVG}title") or ""
            yield Picture(source=frame.get(f"{_DRAW}name") or "picture", alt=alt)


def _line(element: Any) -> Line:
    return trimmed(joined(list(_spans(element, ""))))


def _spans(element: Any, link: str) -> Iterator[Span]:
    if element.text:
        yield Span(text=element.text, link=link)
    for child in element:
        name = child.tag.removeprefix(_TEXT)
        if name == "s":
            count = child.get(f"{_TEXT}c", "1")
            yield Span(text=" " * (min(int(count), 1000) if count.isdigit() else 1), link=link)
        elif name in ("tab", "line-break"):
            yield Span(text="\t" if name == "tab" else "\n", link=link)
        elif name in ("page-number", "page-count"):
            pass
        elif name in ("note", f"{_DRAW}frame"):
            yield Span(text="".join(child.itertext()) if name == "note" else "")
        else:
            yield from _spans(child, child.get(_LINK, link))
        if child.tail:
            yield Span(text=child.tail, link=link)


def _table(element: Any) -> Table:
    rows: list[tuple[Line, ...]] = []
    for row in element.iter(f"{_TABLE}table-row"):
        cells = _cells(row)
        repeats = _repeats(row, "number-rows-repeated") if cells else 1
        rows += [cells] * min(repeats, _MOST_ROWS - len(rows))
        if len(rows) >= _MOST_ROWS:
            break
    while rows and not rows[-1]:
        rows.pop()
    return Table(rows=tuple(rows))


def _cells(row: Any) -> tuple[Line, ...]:
    cells: list[Line] = []
    for cell in row:
        if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            spans: list[Span] = []
            for paragraph in cell.iter(f"{_TEXT}p"):
                spans += [Span(text="\n")] if spans else []
                spans += _spans(paragraph, "")
            cells += [trimmed(joined(spans))] * _repeats(cell, "number-columns-repeated")
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _repeats(element: Any, name: str) -> int:
    count = element.get(f"{_TABLE}{name}", "1")
    return min(int(count), _MOST_REPEATS) if count.isdigit() and len(count) < 10 else 1


_MAKERS: dict[str, Callable[[Any], Iterator[Block]]] = {
    f"{_TEXT}h": _heading,
    f"{_TEXT}p": _paragraph,
    f"{_TABLE}table": lambda element: iter((_table(element),)),
    f"{_PRESENTATION}notes": _notes,
}
