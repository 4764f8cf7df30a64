"""RTF 1.9.1: the words, in paragraphs and tables; what is for programs is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from massgen_document.blocks import Block, Paragraph, Table, words
from massgen_document.reading.opened import Opened, Part
from massgen_document.reading.text import whole

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+"
)
_HIDDEN = set(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "header",
        "footer",
        "headerl",
        "headerr",
        "footerl",
        "footerr",
        "themedata",
        "datastore",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "generator",
        "xmlnstbl",
        "latentstyles",
        "fldinst",
        "filetbl",
        "revtbl",
    ]
)
_SIGNS = {
    **{"tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "par": "\\par", "sect": "\\par"},
    **{"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "page": "\\par", "cell": "\\cell"},
    **{"row": "\\row", "~": "\u00a0", "_": "\u2011", "{": "{", "}": "}", "\\": "\\", "\n": "\\par"},
}


def open_rtf(file: BinaryIO) -> Opened:
    """A Rich Text document."""
    text = whole(file, "latin-1")
    return Opened(
        kind="rtf",
        word="document",
        count=1,
        parts=lambda first: iter([Part(number=1, blocks=lambda: _blocks(text))]),
    )


def _blocks(text: str) -> Iterator[Block]:
    cells: list[str] = []
    rows: list[tuple[str, ...]] = []
    piece: list[str] = []
    for sign in _signs(text):
        if sign == "\\cell":
            cells.append(_joined(piece))
            piece = []
        elif sign == "\\row":
            rows.append(tuple(cells))
            cells = []
        elif sign == "\\par":
            words_so_far = _joined(piece)
            if cells or not words_so_far:
                piece.append("\n" if cells else "")
                continue
            yield from _table(rows)
            rows = []
            yield Paragraph(line=words(words_so_far))
            piece = []
        else:
            piece.append(sign)
    yield from _table(rows)
    if rest := _joined(piece):
        yield Paragraph(line=words(rest))


def _joined(pieces: list[str]) -> str:
    """Pieces as a text; halves of surrogate pairs, which RTF writes apart, are put together."""
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _table(rows: list[tuple[str, ...]]) -> Iterator[Block]:
    if rows:
        yield Table(rows=tuple(tuple(words(cell) for cell in row) for row in rows))


def _signs(text: str) -> Iterator[str]:
    """The visible text, and ``\\par``, ``\\cell`` and ``\\row`` between."""
    hidden: list[bool] = [False]
    fallback = False
    for match in _TOKEN.finditer(text):
        word, number, code, sign, brace, plain = match.groups()
        if brace:
            _nest(hidden, brace)
        elif word in _HIDDEN or sign == "*":
            hidden[-1] = True
        elif hidden[-1]:
            continue
        elif word == "u" and number:
            fallback = True
            yield chr(int(number) % 0x10000)
        else:
            yield _shown(code, plain, word or sign)[int(fallback and bool(code or plain)) :]
            fallback = fallback and not (code or plain)


def _nest(hidden: list[bool], brace: str) -> None:
    if brace == "{":
        hidden.append(hidden[-1])
    elif len(hidden) > 1:
        hidden.pop()


def _shown(code: str | None, plain: str | None, word: str | None) -> str:
    if code:
        return bytes.fromhex(code).decode("cp1252", "replace")
    return plain or _SIGNS.get(word or "", "")
