"""EPUB 3: the chapters in the order of the package's spine."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote
from zipfile import ZipFile

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, clean
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.package import open_package
from massgen_document.reading.told import told
from massgen_document.reading.web import parse_html
from massgen_document.reading.xml import parse_xml

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def open_book(file: BinaryIO) -> Opened:
    """An EPUB book.

    Raises:
        ToolFailed: It is broken or a bomb.
    """
    package = open_package(file)
    with told("the EPUB book is broken"):
        container = parse_xml(package.read("META-INF/container.xml"))
        path = str(container.find(f".//{_CONTAINER}rootfile").get("full-path"))
        root = parse_xml(package.read(path))
        chapters = _chapters(root, posixpath.dirname(path))
    opened = Opened(
        kind="epub", word="chapter", count=len(chapters), parts=lambda first: _parts(opened, package, chapters, first)
    )
    named = (("title", root.findtext(f".//{_DC}title")), ("author", root.findtext(f".//{_DC}creator")))
    opened.facts = {key: value[:500] for key, value in named if value}
    return opened


def _chapters(root: Any, folder: str) -> list[str]:
    files = {one.get("id"): str(one.get("href") or "") for one in root.iter(f"{_OPF}item")}
    names = (files.get(one.get("idref"), "") for one in root.iter(f"{_OPF}itemref"))
    return [posixpath.normpath(posixpath.join(folder, unquote(name))) for name in names if name]


def _parts(opened: Opened, package: ZipFile, chapters: list[str], first: int) -> Iterator[Part]:
    for number in range(first, len(chapters) + 1):
        yield _part(opened, package, chapters[number - 1], number)


def _part(opened: Opened, package: ZipFile, name: str, number: int) -> Part:
    def blocks() -> Iterator[Block]:
        try:
            with told(f"chapter {number} is broken"):
                text = clean(package.read(name).decode("utf-8", "replace"))
        except ToolFailed as problem:
            opened.say(str(problem))
            return
        yield from parse_html(text)

    return Part(number=number, label=f"<!-- chapter {number} of {opened.count} -->\n\n", blocks=blocks)
