"""Text files: decoded by their byte order mark, as UTF-8, or as what old programs wrote; in pieces, never whole."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Code, clean
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.web import parse_html, title_of
from massgen_document.text.markdown import parse_markdown
from massgen_document.text.tables import parse

_PIECE = 8192
"""Characters."""
_LOOKED_AT = 1 << 20
_MOST_WHOLE = 64 * 1024 * 1024
"""Bytes of a text that is parsed as a whole."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def open_text(file: BinaryIO, name: str) -> Opened:
    """A text file: shown as it is, whatever language or notation it is in."""
    encoding = _encoding(file)
    ending = name.rpartition(".")[2].lower()

    def texts() -> Iterator[str]:
        yield from _pieces(file, encoding)

    def blocks() -> Iterator[Block]:
        yield from _blocks(whole(file, encoding), ending)

    opened = Opened(
        kind=ending if ending in ("csv", "tsv", "json", "md") else "text",
        word="document",
        count=1,
        parts=lambda first: iter([Part(number=1, blocks=blocks, texts_of=texts)]),
    )
    if encoding == "cp1252":
        opened.say("the file is not UTF-8: it was read as Windows code page 1252, and some letters may be wrong")
    return opened


def open_html(file: BinaryIO) -> Opened:
    """A page of HTML, as Markdown."""
    text = whole(file, _encoding(file))
    opened = Opened(
        kind="html",
        word="document",
        count=1,
        parts=lambda first: iter([Part(number=1, blocks=lambda: parse_html(text))]),
    )
    if title := title_of(text):
        opened.facts["title"] = title
    return opened


def whole(file: BinaryIO, encoding: str) -> str:
    """All of a text.

    Raises:
        ToolFailed: It has more than 64 MiB.
    """
    file.seek(0)
    data = file.read(_MOST_WHOLE + 1)
    if len(data) > _MOST_WHOLE:
        raise ToolFailed("", f"the text has more than {_MOST_WHOLE:,} bytes; split it first")
    return clean(data.decode(encoding, "replace").replace("\r\n", "\n"))


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(_LOOKED_AT)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _pieces(file: BinaryIO, encoding: str) -> Iterator[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)
    try:
        while piece := text.read(_PIECE):
            yield piece
    finally:
        text.detach()


def _blocks(text: str, ending: str) -> Iterator[Block]:
    match ending:
        case "md" | "markdown":
            yield from parse_markdown(text)
        case "csv" | "tsv":
            yield from parse(text, "csv")
        case "json":
            yield from parse(text, "json")
        case "txt" | "text" | "":
            yield from parse(text, "text")
        case _:
            yield Code(text=text.rstrip("\n"), language=ending)
