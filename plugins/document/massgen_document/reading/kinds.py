"""What a file is, judged by its content; the name decides only between texts."""

from __future__ import annotations

from typing import BinaryIO, Literal
from zipfile import ZipFile

from massgen_core.errors import ToolFailed
from massgen_document.reading.told import told

Kind = Literal["pdf", "docx", "pptx", "xlsx", "odt", "ods", "odp", "epub", "rtf", "html", "text"]

_HEAD = 4096
_MARKS: dict[str, Kind] = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
_MIMES: dict[bytes, Kind] = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/epub+zip": "epub",
}
_OTHERS = (
    (b"\x89PNG", "a PNG picture; look at it with an image tool"),
    (b"\xff\xd8\xff", "a JPEG picture; look at it with an image tool"),
    (b"GIF8", "a GIF picture; look at it with an image tool"),
    (b"II*\0", "a TIFF picture; look at it with an image tool"),
    (b"MM\0*", "a TIFF picture; look at it with an image tool"),
    (b"RIFF", "a WebP picture, a sound or a video; take an image, audio or video tool"),
    (b"ID3", "a sound; transcribe it with an audio tool"),
    (b"OggS", "a sound; transcribe it with an audio tool"),
    (b"fLaC", "a sound; transcribe it with an audio tool"),
    (b"\x1a\x45\xdf\xa3", "a video; take a video tool"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a SQLite database; query it with sqlite3"),
)


def kind_of(file: BinaryIO, name: str) -> Kind:
    """The kind of a document.

    Raises:
        ToolFailed: It is empty, or nothing that is read here; what it is, and what to do.
    """
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    if not head:
        raise ToolFailed("", f"{name} is empty")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _package(file, name)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise ToolFailed("", f"{name} is {_compound(file)}")
    if head.startswith(b"{\\rtf"):
        return "rtf"
    for mark, what in _OTHERS:
        if head.startswith(mark):
            raise ToolFailed("", f"{name} is no document but {what}")
    if head[4:8] == b"ftyp":
        raise ToolFailed("", f"{name} is no document but a video or a sound; take a video or audio tool")
    return _text(head, name)


def _package(file: BinaryIO, name: str) -> Kind:
    with told(f"{name} is a broken ZIP package, truncated or damaged"), ZipFile(file) as package:
        names = set(package.namelist()[:20_000])
        mime = package.read("mimetype")[:100].strip() if "mimetype" in names and _is_small(package) else b""
    file.seek(0)
    for mark, kind in _MARKS.items():
        if mark in names:
            return kind
    for start, kind in _MIMES.items():
        if mime == start or mime == start + b"-template":
            return kind
    raise ToolFailed("", f"{name} is a ZIP archive of {len(names)} files and no document; unpack it first")


def _is_small(package: ZipFile) -> bool:
    return package.getinfo("mimetype").file_size < 200


def _compound(file: BinaryIO) -> str:
    """What an OLE compound file is ([MS-CFB], [MS-OFFCRYPTO] 2.1)."""
    data = file.read(4 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "encrypted with a password; save it without one, then it can be read"
    for stream, what in (("WordDocument", "Word"), ("PowerPoint Document", "PowerPoint"), ("Workbook", "Excel")):
        if stream.encode("utf-16-le") in data:
            return f"a file of {what} 97–2003; save it in today's format (soffice --convert-to …), then it can be read"
    return "an OLE compound file (an old Office format or a message); convert it first"


def _text(head: bytes, name: str) -> Kind:
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not is_wide:
        raise ToolFailed("", f"{name} is a binary file of a kind that is not read here")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")) or name.lower().endswith((".html", ".htm", ".xhtml")):
        return "html"
    return "text"
