"""What a file is that is no text, by how it begins, and what can be done with it."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

UNKNOWN_TYPE = "application/octet-stream"

_IMAGES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_ARCHIVE = "an archive: list or extract it with the tools for archives"
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (
        b"%PDF-",
        "application/pdf",
        "a PDF: take its text out with a command such as `pdftotext`, or a tool for documents",
    ),
    (b"PK\x03\x04", "application/zip", _ARCHIVE),
    (b"\x1f\x8b", "application/gzip", _ARCHIVE),
    (b"BZh", "application/x-bzip2", _ARCHIVE),
    (b"\xfd7zXZ\0", "application/x-xz", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", "application/zstd", "packed by Zstandard: unpack it with a command, `zstd -d`"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "an archive: unpack it with a command"),
    (b"SQLite format 3\0", "application/vnd.sqlite3", "a database: ask it with a command such as `sqlite3`"),
    (b"\x7fELF", "application/x-executable", "a program"),
)
_OFFICE = "a document: take its text out with a tool for documents, or extract it as the zip archive that it is"
_TAR = (257, b"ustar")


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """A file that is no text: its media type, whether models can look at it, and words for it."""

    media_type: str
    image: bool = False
    words: str = "a binary file"


def what_is(head: bytes, name: str) -> What:
    """What a file is, by its first bytes, and by its name only where those say nothing."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return What(media_type="image/webp", image=True)
    for start, kind in _IMAGES:
        if head.startswith(start):
            return What(media_type=kind, image=True)
    guessed = mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
    if head.startswith(b"PK\x03\x04") and ("officedocument" in guessed or "opendocument" in guessed):
        return What(media_type=guessed, words=_OFFICE)
    for start, kind, words in _OTHERS:
        if head.startswith(start):
            return What(media_type=kind, words=words)
    at, mark = _TAR
    if head[at : at + len(mark)] == mark:
        return What(media_type="application/x-tar", words=_ARCHIVE)
    return What(media_type=guessed)
