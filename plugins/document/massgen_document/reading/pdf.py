"""PDF, by pypdf: the text of each page, as far as it holds text."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import pypdf

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Break, Paragraph, words
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.told import told

_BOUNDS: dict[str, Any] = {
    "zlib_maximum_output_length": 64_000_000,
    "lzw_maximum_output_length": 64_000_000,
    "run_length_maximum_output_length": 64_000_000,
    "stream_decoding_work_maximum_length": 128_000_000,
    "stream_parsing_work_maximum_count": 1_000_000,
    "outline_maximum_entries": 5_000,
    "page_tree_maximum_entries": 50_000,
    "page_tree_maximum_page_entries": 500_000,
}
_MOST_OUTLINE = 200
_MOST_PAGE_TEXT = 2_000_000


def open_pdf(file: BinaryIO, *, password: str | None = None) -> Opened:
    """A PDF; what its pages hold is extracted when they are asked for.

    Raises:
        ToolFailed: It is broken, or encrypted with a password that was not given.
    """
    _bound()
    with told("the PDF is broken"):
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted and not reader.decrypt(password or ""):
            asks = "the password is wrong" if password else "it is encrypted; give its `password`"
            raise ToolFailed("", f"the PDF cannot be opened: {asks}")
        count = len(reader.pages)
    opened = Opened(kind="pdf", word="page", count=count, parts=lambda first: _pages(opened, reader, first))
    opened.facts = _facts(reader)
    return opened


def _bound() -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it repairs is no news
    pypdf.overwrite_configuration(None, **_BOUNDS)


@contextmanager
def _as_far_as_it_goes() -> Generator[None]:
    """For what a document can be read without."""
    with suppress(ToolFailed), told("broken"):
        yield


def _facts(reader: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"encrypted": bool(reader.is_encrypted)}
    with _as_far_as_it_goes():
        about: Any = reader.metadata
        for key in ("title", "author", "subject", "creator", "producer"):
            if value := getattr(about, key, None):
                facts[key] = str(value)[:500]
    with _as_far_as_it_goes():
        box = reader.pages[0].mediabox
        facts["page_size"] = f"{round(float(box.width))} x {round(float(box.height))} points"
    if outline := _outline(reader):
        facts["outline"] = outline
    return facts


def _outline(reader: Any) -> list[dict[str, Any]]:
    """The first headings of the outline, with their pages."""
    found: list[dict[str, Any]] = []

    def walk(entries: Any, level: int) -> None:
        for entry in entries:
            if len(found) >= _MOST_OUTLINE:
                return
            if isinstance(entry, list):
                walk(entry, level + 1)
            else:
                page = reader.get_destination_page_number(entry)
                found.append({"title": str(entry.title)[:200], "level": level, "page": (page or 0) + 1})

    with _as_far_as_it_goes():
        walk(reader.outline, 1)
    return found


def _pages(opened: Opened, reader: Any, first: int) -> Iterator[Part]:
    for number in range(first, opened.count + 1):
        yield _page(opened, reader, number)


def _page(opened: Opened, reader: Any, number: int) -> Part:
    def texts() -> Iterator[str]:
        yield from (f"{line}\n" for line in _text(opened, reader, number, as_laid_out=True).split("\n"))
        yield "\n"

    def blocks() -> Iterator[Block]:
        if number > 1:
            yield Break()
        for paragraph in _text(opened, reader, number, as_laid_out=False).split("\n\n"):
            if paragraph.strip():
                yield Paragraph(line=words(paragraph.strip()))

    return Part(number=number, label=f"<!-- page {number} of {opened.count} -->\n\n", blocks=blocks, texts_of=texts)


def _text(opened: Opened, reader: Any, number: int, *, as_laid_out: bool) -> str:
    """The text of one page; a page that cannot be read is said and left out, the others are not lost with it."""
    try:
        with told(f"page {number} is broken"):
            page = reader.pages[number - 1]
            text = _clean(page.extract_text())
            if not text.strip() and (contents := page.get_contents()) is not None:
                contents.get_data()  # says what the extraction passed over in silence
            if as_laid_out:
                text = _laid_out(page, text)
    except ToolFailed as problem:
        opened.say(str(problem))
        return ""
    if not text.strip():
        opened.say(_without_text(page, number))
    if len(text) > _MOST_PAGE_TEXT:
        opened.say(f"page {number} holds {len(text):,} characters; the first {_MOST_PAGE_TEXT:,} are shown")
    return text[:_MOST_PAGE_TEXT]


def _laid_out(page: Any, text: str) -> str:
    """The text with its columns kept apart by spaces, where that loses none of it (turned text, say)."""
    laid_out = ""
    with _as_far_as_it_goes():
        laid_out = _clean(page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False))
    lost = len("".join(text.split())) - len("".join(laid_out.split()))
    is_wild = len(laid_out) > 20 * len(text) + 1000
    return text if lost > 0 or is_wild else laid_out


def _without_text(page: Any, number: int) -> str:
    has_pictures = False
    with _as_far_as_it_goes():
        has_pictures = bool(len(page["/Resources"]["/XObject"]))
    if has_pictures:
        return f"page {number} is a picture without text (scanned): render it (pdftoppm) and read it with an OCR tool"
    return f"page {number} holds no text"


def _clean(text: str) -> str:
    """Without control characters and halves of surrogate pairs, lines without spaces at their ends."""
    text = text.replace("\x7f", "•")  # what WinAnsi encodes a bullet as (ISO 32000-1, annex D.2)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    kept = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip("\n")
