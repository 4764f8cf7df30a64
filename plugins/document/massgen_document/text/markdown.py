"""Markdown into blocks: CommonMark 0.31, with the tables and the strike-through of GitHub's dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from markdown_it import MarkdownIt

from massgen_document.blocks import (
    Align,
    Block,
    Break,
    Code,
    Heading,
    Items,
    Line,
    Note,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    clean,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def parse_markdown(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text.

    ``---`` alone on a line is the end of a page or slide, an HTML comment is a note; other HTML stays as text.
    """
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 60}).enable(["table", "strikethrough"])
    return tuple(_Reader(parser.parse(clean(text))).blocks())


class _Reader:
    """Walks over the parser's flat list of tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def blocks(self, until: str = "") -> Iterator[Block]:
        """The blocks up to the token ``until``, which is passed over."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type == until:
                return
            yield from self._block(token)

    def _block(self, token: Token) -> Iterator[Block]:
        match token.type:
            case "heading_open":
                yield Heading(level=int(token.tag[1]), line=_line(self._inline()))
            case "paragraph_open":
                yield from _paragraphs(self._inline())
            case "bullet_list_open" | "ordered_list_open":
                yield self._items(token)
            case "blockquote_open":
                yield Quote(blocks=tuple(self.blocks("blockquote_close")))
            case "table_open":
                yield self._table()
            case "fence" | "code_block":
                yield Code(text=token.content.removesuffix("\n"), language=token.info.strip().split(" ")[0])
            case "hr":
                yield Break()
            case "html_block":
                yield from _html(token.content)
            case _:  # the end of a heading or paragraph
                return

    def _inline(self) -> list[Token]:
        token = self._tokens[self._at]
        self._at += 1
        return token.children or []

    def _items(self, opening: Token) -> Items:
        items: list[tuple[Block, ...]] = []
        while self._tokens[self._at].type == "list_item_open":
            self._at += 1
            items.append(tuple(self.blocks("list_item_close")))
        self._at += 1
        start = opening.attrGet("start")
        is_ordered = opening.type == "ordered_list_open"
        return Items(items=tuple(items), ordered=is_ordered, start=int(start) if start is not None else 1)

    def _table(self) -> Table:
        rows: list[tuple[Line, ...]] = []
        cells: list[Line] = []
        aligns: list[Align] = []
        while (token := self._tokens[self._at]).type != "table_close":
            self._at += 1
            if token.type == "tr_open":
                cells = []
            elif token.type == "tr_close":
                rows.append(tuple(cells))
            elif token.type in ("th_open", "td_open"):
                if not rows:
                    aligns.append(_align(token))
                cells.append(_line(self._inline()))
        self._at += 1
        return Table(rows=tuple(rows), aligns=tuple(aligns))


def _align(token: Token) -> Align:
    style = str(token.attrGet("style") or "")
    return cast("Align", style.removeprefix("text-align:"))


def _html(content: str) -> Iterator[Block]:
    notes = _COMMENT.findall(content)
    rest = _COMMENT.sub("", content).strip()
    for note in notes:
        if note.strip():
            yield Note(text=note.strip())
    if rest:
        yield Paragraph(line=(Span(text=rest),))


def _paragraphs(tokens: list[Token]) -> Iterator[Block]:
    """The text of a paragraph, with a picture in it as a block of its own."""
    before: list[Token] = []
    for token in [*tokens, None]:
        if token is not None and token.type != "image":
            before.append(token)
            continue
        if plain(line := _line(before)).strip():
            yield Paragraph(line=line)
        before = []
        if token is not None:
            yield Picture(source=str(token.attrGet("src") or ""), alt=token.content)


@dataclass(slots=True)
class _Style:
    bold: int = 0
    italic: int = 0
    struck: int = 0
    link: str = ""

    def span(self, text: str, *, code: bool = False) -> Span:
        return Span(
            text=text,
            bold=self.bold > 0,
            italic=self.italic > 0,
            struck=self.struck > 0,
            link=self.link,
            code=code,
        )


def _line(tokens: list[Token]) -> Line:
    """The spans of a line, neighbours in one style joined, outer spaces cut off."""
    style = _Style()
    spans: list[Span] = []
    for token in tokens:
        _turn(style, token)
        if (span := _span(style, token)) is not None and span.text:
            spans.append(span)
    return trimmed(joined(spans))


_TURNS = {"strong": "bold", "em": "italic", "s": "struck"}


def _turn(style: _Style, token: Token) -> None:
    kind, _, way = token.type.rpartition("_")
    if kind in _TURNS:
        name = _TURNS[kind]
        setattr(style, name, getattr(style, name) + (1 if way == "open" else -1))
    elif kind == "link":
        style.link = str(token.attrGet("href") or "") if way == "open" else ""


def _span(style: _Style, token: Token) -> Span | None:
    match token.type:
        case "text" | "text_special":
            return style.span(token.content)
        case "softbreak":
            return style.span(" ")
        case "hardbreak":
            return style.span("\n")
        case "code_inline":
            return style.span(token.content, code=True)
        case "image":
            return style.span(token.content)
        case "html_inline":
            return style.span(_LINE_BREAK.sub("\n", _COMMENT.sub("", token.content)))
        case _:
            return None


def joined(spans: list[Span]) -> Line:
    """Spans where no two neighbours have the same style."""
    line: list[Span] = []
    for span in spans:
        if line and replace(line[-1], text="") == replace(span, text=""):
            line[-1] = replace(span, text=line[-1].text + span.text)
        elif span.text:
            line.append(span)
    return tuple(line)


def trimmed(line: Line) -> Line:
    """A line without spaces and breaks at its ends."""
    spans = list(line)
    while spans and not spans[0].code and spans[0].text != (text := spans[0].text.lstrip(" \t\n")):
        spans[:1] = [replace(spans[0], text=text)] if text else []
    while spans and not spans[-1].code and spans[-1].text != (text := spans[-1].text.rstrip(" \t\n")):
        spans[-1:] = [replace(spans[-1], text=text)] if text else []
    return tuple(spans)
