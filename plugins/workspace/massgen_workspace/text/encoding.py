"""What a file's bytes mean as text, and back: every byte comes back as it was."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Literal

HEAD = 8192
"""Bytes from the beginning by which a file is judged."""

Kind = Literal["text", "binary"]

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins like it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_LETTER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a file's text is written: a name of Python's, the mark at its beginning, and whether that is certain.

    What is no UTF-8 and has no mark is read as Latin-1, one letter for each byte: ASCII in it is right, and nothing is
    lost; other letters may be shown as wrong ones.
    """

    name: str = "utf-8"
    bom: bytes = b""
    certain: bool = True

    def decode(self, data: bytes) -> str:
        """The text of some bytes, without the mark."""
        return data.decode(self.name)

    def encode(self, text: str) -> bytes:
        """The bytes of a text.

        Raises:
            UnicodeEncodeError: It cannot be written in this encoding.
        """
        if not self.certain and not text.isascii():
            raise UnicodeEncodeError(self.name, text, 0, len(text), "the file's encoding is not known")
        return text.encode(self.name)

    @property
    def newline(self) -> bytes:
        """A line feed."""
        return "\n".encode(self.name)

    def __str__(self) -> str:
        if not self.certain:
            return "unknown encoding, shown as Latin-1"
        return f"{self.name.upper()} with a byte order mark" if self.bom else self.name.upper()


UTF8 = Encoding()
UNKNOWN = Encoding(name="latin-1", certain=False)


def judge(head: bytes, *, whole: bool) -> Encoding | None:
    """The encoding by a file's beginning; None where it is binary. ``whole`` is whether that is all of it."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name=name, bom=bom)
    if b"\0" in head:
        return None
    try:
        head.decode()
    except UnicodeDecodeError as error:
        cut = not whole and error.reason == "unexpected end of data" and error.start > len(head) - _LONGEST_LETTER
        return UTF8 if cut else UNKNOWN
    return UTF8
