"""ZIP packages (Office Open XML, OpenDocument, EPUB): looked at before anything in them is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from massgen_core.errors import ToolFailed
from massgen_document.reading.told import told

MOST_ENTRIES = 20_000
MOST_BYTES = 1024**3
"""All members unpacked."""
MOST_XML = 192 * 1024**2
"""One XML member that is held in memory as a tree; sheets are read as a stream and may be larger."""
MOST_RATIO = 250
"""Of unpacked to packed bytes, where a package unpacks to more than 64 MiB."""

_SMALL = 64 * 1024**2
_CHUNK = 1 << 20
_XML = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".vml")
_STREAMED = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
_DECLARES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]+)", re.IGNORECASE)
_ENCODINGS = (b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")
_HTML_DOCTYPE = re.compile(rb"<!doctype\s+html[^\[>]*>", re.IGNORECASE)


def open_package(file: BinaryIO) -> ZipFile:
    """An archive whose members are few, small and plain enough to be parsed.

    Raises:
        ToolFailed: It is broken, encrypted, a bomb, or holds XML that declares entities.
    """
    with told("the file is a broken ZIP package, truncated or damaged"):
        package = ZipFile(file)
        entries = package.infolist()
        _look(entries)
        for entry in entries:
            if entry.filename.lower().endswith(_XML):
                _look_at_xml(package, entry)
    return package


def _look(entries: list[ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise ToolFailed("", f"the package holds {len(entries)} files, more than {MOST_ENTRIES}: no document does")
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > MOST_BYTES or (unpacked > _SMALL and unpacked > MOST_RATIO * max(packed, 1)):
        raise ToolFailed("", f"the package unpacks from {packed:,} to {unpacked:,} bytes: it is taken for a bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise ToolFailed("", "the package holds two files of one name: programs would not agree on what it says")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise ToolFailed("", "the package is encrypted; save it without a password")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ToolFailed("", f"{entry.filename} is packed by a method that documents do not use")
        if entry.filename.lower().endswith(_XML) and entry.file_size > MOST_XML and not _is_streamed(entry):
            raise ToolFailed(
                "", f"{entry.filename} unpacks to {entry.file_size:,} bytes; at most {MOST_XML:,} are read"
            )


def _is_streamed(entry: ZipInfo) -> bool:
    return _STREAMED.match(entry.filename) is not None


def _look_at_xml(package: ZipFile, entry: ZipInfo) -> None:
    """No entities, and no encoding in which they could hide (XML 1.0, 4.3.3 and appendix F)."""
    before = b""
    for number, chunk in enumerate(_chunks(package, entry)):
        if number == 0:
            _look_at_encoding(entry.filename, chunk)
        seen = before + chunk.replace(b"\0", b"")
        if _DECLARES.search(_HTML_DOCTYPE.sub(b"", seen)):
            raise ToolFailed("", f"{entry.filename} declares XML entities, which no document needs")
        before = seen[-400:]


def _look_at_encoding(name: str, chunk: bytes) -> None:
    start = chunk[:400].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    match = _ENCODING.match(start)
    if start and (not start.startswith(b"<") or (match and match[1].lower() not in _ENCODINGS)):
        raise ToolFailed("", f"{name} is no XML in UTF-8 or UTF-16")


def _chunks(package: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as member:
        while chunk := member.read(_CHUNK):
            yield chunk


def holds(package: ZipFile, name: str, sign: bytes) -> bool:
    """Whether a member holds some bytes."""
    before = b""
    for chunk in _chunks(package, package.getinfo(name)):
        if sign in before + chunk:
            return True
        before = chunk[-len(sign) :]
    return False
